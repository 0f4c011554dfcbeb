"""What leaves the gallery: frozen facts about pictures, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lumiku_web.domain.storage.schemas import Variant


class Origin(StrEnum):
    """Where a picture came from."""

    generated = "generated"
    uploaded = "uploaded"


class Shelf(StrEnum):
    """Which pictures a page shows."""

    #: All but the trash.
    everything = "everything"
    favourites = "favourites"
    trash = "trash"


@dataclass(frozen=True)
class PreparedImage:
    """A picture that was decoded and may be trusted. Content in bytes, edges in px."""

    width_px: int
    height_px: int
    #: Of the original: `image/png`, `image/jpeg` or `image/webp`.
    media_type: str
    original: bytes
    preview: bytes
    thumb: bytes
    #: A data URI of a picture at most 16 px wide: what a tile shows before the thumbnail arrives.
    blur: str
    #: As `ImageRead.media_type_of` says.
    preview_media_type: str = "image/webp"

    @property
    def stored_bytes(self) -> int:
        """All variants together."""
        return sum(len(content) for _, content, _ in self.contents())

    def contents(self) -> tuple[tuple[Variant, bytes, str], ...]:
        """Each variant with its bytes and media type."""
        return (
            (Variant.original, self.original, self.media_type),
            (Variant.preview, self.preview, self.preview_media_type),
            (Variant.thumb, self.thumb, "image/webp"),
        )


@dataclass(frozen=True)
class Thumb:
    """The smallest variant of a picture, and the px of the picture itself."""

    #: WebP, at most 320 px on the long side.
    content: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True)
class ImageRead:
    """A picture as its owner may see it."""

    id: UUID
    project_id: UUID
    origin: Origin
    title: str
    width_px: int
    height_px: int
    media_type: str
    size_bytes: int
    blur: str
    #: Drawn by the illustrator, not generated.
    is_drawn: bool
    #: Model, seed and parameters as they were sent; empty for an upload.
    recipe: dict[str, object]
    created_at: datetime
    is_favourite: bool = False
    trashed_at: datetime | None = None

    def media_type_of(self, variant: Variant) -> str:
        """Which format the codec makes of each."""
        if variant is Variant.original:
            return self.media_type
        return "image/jpeg" if variant is Variant.preview and self.origin is Origin.uploaded else "image/webp"


@dataclass(frozen=True)
class NewImage:
    """A picture that is about to be kept."""

    id: UUID
    user_id: UUID
    project_id: UUID
    origin: Origin
    title: str
    is_drawn: bool = False
    recipe: Mapping[str, object] = field(default_factory=dict[str, object])
    #: Of the uploaded file; empty for a generated picture.
    source_sha256: str = ""


@dataclass(frozen=True)
class Cursor:
    """The last picture of a page: what comes after it starts the next page. In the trash `at` is when it was put there."""

    at: datetime
    image_id: UUID


@dataclass(frozen=True)
class PicturePage:
    """Some pictures, newest first, and where the next page starts; None: there is none."""

    pictures: tuple[ImageRead, ...]
    following: Cursor | None


@dataclass(frozen=True)
class Trash:
    """What somebody sees who is about to empty the trash: what comes later stays."""

    pictures: int
    #: When the last of them was put there; None: the trash is empty.
    until: datetime | None


@dataclass(frozen=True)
class Covers:
    """What stands for a project in a list."""

    pictures: int
    newest: ImageRead | None
