"""The forms in which a picture is kept."""

from enum import StrEnum


class Variant(StrEnum):
    """The forms in which a picture is kept."""

    original = "original"
    #: WebP, at most 1024 px on the long side.
    preview = "preview"
    #: WebP, at most 320 px on the long side.
    thumb = "thumb"
