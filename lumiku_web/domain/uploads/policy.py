"""What may come in, judged by name, declared type and first bytes; and what of a name is kept."""

from typing import Final

from lumiku_web.domain.uploads.schemas import DeclaredFile
from lumiku_web.errors import InvalidInput
from lumiku_web.typed_text import one_line

#: Bytes of a file's beginning that tell what it is.
HEAD_BYTES: Final = 16
#: Characters of a name that become the title. Normal form may triple them; a title has 300.
TITLE_CHARACTERS: Final = 100

_BY_EXTENSION: Final = {"jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "png": "PNG", "webp": "WebP"}
_BY_MEDIA_TYPE: Final = {
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",  # no registered name, but some programs say it
    "image/pjpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
}
_HEIC_EXTENSIONS: Final = frozenset({"heic", "heif", "hif"})
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def check_declared(declared: DeclaredFile) -> str:
    """The format that name and type agree on: `JPEG`, `PNG` or `WebP`.

    Raises: InvalidInput(`photo_heic`, `photo_type`, `photo_declared_otherwise`).
    """
    _, dot, last = _base(declared.name).rpartition(".")
    extension = dot and last.lower()
    media_type = declared.media_type.partition(";")[0].strip().lower()
    if extension in _HEIC_EXTENSIONS or media_type.startswith(("image/heic", "image/heif")):
        raise InvalidInput("photo_heic", field="photo")
    named, called = _BY_EXTENSION.get(extension), _BY_MEDIA_TYPE.get(media_type)
    if named is None:
        raise InvalidInput("photo_type", field="photo")
    if called != named:
        raise InvalidInput("photo_declared_otherwise", field="photo", named=named, declared=media_type[:60] or "-")
    return named


def check_content(named: str, head: bytes) -> None:
    """Does the file begin as its name says? `head` are its first `HEAD_BYTES`, or fewer if there are no more.

    Raises: InvalidInput(`photo_empty`, `photo_heic`, `photo_content_otherwise`).
    """
    if not head:
        raise InvalidInput("photo_empty", field="photo")
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        raise InvalidInput("photo_heic", field="photo")
    if _format(head) != named:
        raise InvalidInput("photo_content_otherwise", field="photo", named=named)


def title(name: str) -> str:
    """What of a file's name may be shown: its last part without the extension, one visible line, or nothing."""
    stem = _base(name).rpartition(".")[0]
    try:
        return one_line(stem[:TITLE_CHARACTERS], field="photo", limit=3 * TITLE_CHARACTERS)
    except InvalidInput:
        return ""


def _base(name: str) -> str:
    """Without folders, of whatever system."""
    return name.replace("\\", "/").rpartition("/")[2].strip()


def _format(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    return None
