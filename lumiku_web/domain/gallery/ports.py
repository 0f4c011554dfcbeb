"""What the gallery needs from outside: somebody who can read and write picture files."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, Protocol

from lumiku_web.domain.gallery.schemas import PreparedImage, Thumb

#: Is given the thumbnail, in the codec's own thread.
OnThumb = Callable[[Thumb], object]


class ImageCodec(Protocol):
    """Decodes what is not trusted and makes the variants. CPU work: call it in a thread, behind a bound of the core count."""

    def prepare_result(self, content: bytes, recipe: Mapping[str, object]) -> PreparedImage:
        """A provider's answer: its bytes stay as they are, the recipe goes in as a PNG text chunk without re-encoding.

        Raises: Permanent(`result_unreadable`): not a JPEG, PNG or WebP, truncated, or too many px; Permanent(`result_blank`): of
        one colour.
        """
        ...

    def prepare_upload(self, file: BinaryIO, on_thumb: OnThumb) -> PreparedImage:
        """A person's photograph: decoded within the px cap, turned upright, always re-encoded without any metadata.

        `on_thumb` is called once, as soon as the thumbnail is made and before the larger variants are. Reads `file` from its
        beginning; at most one thread may use it.
        Raises: InvalidInput(`photo_type`, `photo_unreadable`, `photo_too_many_px`, `photo_animated`).
        """
        ...
