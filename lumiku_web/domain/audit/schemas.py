"""What is recorded, in the past tense."""

from enum import StrEnum


class Action(StrEnum):
    """An act that somebody may have to answer for."""

    account_created = "account_created"
    signed_in = "signed_in"
    signed_out = "signed_out"
    project_created = "project_created"
    project_renamed = "project_renamed"
    photo_uploaded = "photo_uploaded"
    picture_trashed = "picture_trashed"
    picture_restored = "picture_restored"
    picture_deleted = "picture_deleted"
    generation_submitted = "generation_submitted"
    item_delivered = "item_delivered"
    item_failed = "item_failed"
    item_canceled = "item_canceled"
    item_hurried = "item_hurried"
    route_paused = "route_paused"
    route_resumed = "route_resumed"
    route_limited = "route_limited"
