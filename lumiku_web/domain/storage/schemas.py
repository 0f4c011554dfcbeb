"""The forms in which a picture is kept."""

from enum import StrEnum
from typing import Final


class Variant(StrEnum):
    """The forms in which a picture is kept."""

    original = "original"
    #: JPEG, at most 1024 px on the long side.
    preview = "preview"
    #: WebP, at most 320 px on the long side.
    thumb = "thumb"


#: Media types of the variants that are made here, whatever the original is.
MADE_TYPES: Final = {Variant.preview: "image/jpeg", Variant.thumb: "image/webp"}
