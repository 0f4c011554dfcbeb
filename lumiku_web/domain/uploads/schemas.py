"""What a browser says of a file, and what the person hears while it comes in."""

from dataclasses import dataclass

from lumiku_web.domain.gallery.schemas import ImageRead


@dataclass(frozen=True)
class DeclaredFile:
    """Name and media type as the browser gave them: claims, to be compared with the content."""

    name: str
    media_type: str


@dataclass(frozen=True)
class Arrived:
    """The file is whole and a photograph; it is not kept yet."""

    #: Data URI of the thumbnail: WebP, at most 320 px on the long side.
    thumb_uri: str
    #: Of the picture that is about to be kept.
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Kept:
    """The end: the photograph is in the project."""

    image: ImageRead


@dataclass(frozen=True)
class AlreadyThere:
    """The end: the member has this very file already, maybe in another project or in the trash. Nothing was stored."""

    image: ImageRead


Step = Arrived | Kept | AlreadyThere
