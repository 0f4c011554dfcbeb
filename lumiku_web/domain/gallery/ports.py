"""What the gallery needs from outside: somebody who can read and write picture files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from lumiku_web.domain.gallery.schemas import PreparedImage


class ImageCodec(Protocol):
    """Decodes what is not trusted and makes the variants. CPU work: call it in a thread, behind a bound of the core count."""

    def prepare_result(self, content: bytes, recipe: Mapping[str, object]) -> PreparedImage:
        """A provider's answer: its bytes stay as they are, the recipe goes in as a PNG text chunk without re-encoding.

        Raises: Permanent(`result_unreadable`): not a JPEG, PNG or WebP, truncated, or too many px.
        """
        ...

    def prepare_upload(self, path: Path) -> PreparedImage:
        """A person's photograph: decoded within the px cap, turned upright, always re-encoded without any metadata.

        Raises: InvalidInput(`photo_type`, `photo_unreadable`, `photo_too_many_px`, `photo_animated`).
        """
        ...
