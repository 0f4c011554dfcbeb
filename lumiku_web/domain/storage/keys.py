"""The only place that composes the key of an object."""

from uuid import UUID

from lumiku_web.domain.storage.schemas import Variant


def image_key(user_id: UUID, image_id: UUID, variant: Variant) -> str:
    """The same image and variant always have the same key, so that a second attempt overwrites the first."""
    return f"images/{user_id}/{image_id}/{variant.value}"
