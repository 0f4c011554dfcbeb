"""What must not come in as a photograph, what must come in as nothing but one, and names that nobody should trust."""

import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Final

from PIL import Image

from lumiku_web.adapters.codec_png_chunks import chunk
from lumiku_web.domain.uploads.schemas import DeclaredFile
from tests.factories.photos import animation, encoded, header_of, photo

JPEG: Final = DeclaredFile("photo.jpg", "image/jpeg")
PNG: Final = DeclaredFile("photo.png", "image/png")
WEBP: Final = DeclaredFile("photo.webp", "image/webp")
BY_KIND: Final = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}
SVG: Final = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
SCRIPT: Final = b"<script>alert('polyglot')</script>"

#: Names as an attacker or an accident makes them, and the title that is left of each.
NAMES: Final = {
    "../../../../etc/passwd.jpg": "passwd",
    "..\\..\\windows\\system32\\evil.JPG": "evil",
    "/absolute/..jpg": ".",
    ".jpg": "",
    "  spaces  .jpeg ": "spaces",
    "nul\x00byte\r\nSet-Cookie: a=b.jpg": "nulbyte Set-Cookie: a=b",
    "\u202egpj.exe.jpg": "gpj.exe",
    "\u2066isolated\u2069.jfif": "isolated",
    "surrogate\ud800.jpg": "surrogate",
    "\u200b\u200d.jpg": "",
    "cafe\u0301.jpg": "café",
    "\U0001f469\u200d\U0001f3a8 at work.jpe": "\U0001f469\u200d\U0001f3a8 at work",
    "a" * 4092 + ".jpg": "a" * 100,
    "<img src=x onerror=alert(1)>.jpg": "<img src=x onerror=alert(1)>",
}


@dataclass(frozen=True)
class Bad:
    """A file, and the key of the refusal that it must get."""

    declared: DeclaredFile
    content: bytes
    key: str


@cache
def bad_photos() -> dict[str, Bad]:
    """By what is wrong with them."""
    return {**_other_things(), **_bombs(), **_truncated()}


@cache
def polyglots() -> dict[str, tuple[DeclaredFile, bytes, bytes]]:
    """Photographs that are something else too: with what must not be left of it."""
    jpeg, png = encoded(photo(64, 64), "JPEG"), encoded(photo(64, 64), "PNG")
    several = encoded(photo(64, 64), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64), "red")])
    return {
        "jpeg and zip": (JPEG, jpeg + _zip(), b"run.js"),
        "jpeg and html": (JPEG, jpeg + SCRIPT, SCRIPT),
        "jpeg with a script for a comment": (JPEG, encoded(photo(64, 64), "JPEG", comment=SCRIPT), SCRIPT),
        "png and zip": (PNG, png + _zip(), b"run.js"),
        "png with a script for a text": (PNG, png[:33] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + png[33:], SCRIPT),
        "several pictures in a jpeg": (JPEG, several, b"MPF"),
    }


def _other_things() -> dict[str, Bad]:
    jpeg, png, gif = encoded(photo(64, 64), "JPEG"), encoded(photo(64, 64), "PNG"), encoded(photo(64, 64), "GIF")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
    return {
        "nothing": Bad(JPEG, b"", "photo_empty"),
        "one byte": Bad(JPEG, b"\xff", "photo_content_otherwise"),
        "svg": Bad(DeclaredFile("photo.svg", "image/svg+xml"), SVG, "photo_type"),
        "svg named .png": Bad(PNG, SVG, "photo_content_otherwise"),
        "html named .jpg": Bad(JPEG, b"<!doctype html>" + SCRIPT, "photo_content_otherwise"),
        "gif": Bad(DeclaredFile("photo.gif", "image/gif"), gif, "photo_type"),
        "gif named .jpg": Bad(JPEG, gif, "photo_content_otherwise"),
        "gif and jar named .jpg": Bad(JPEG, gif + _zip(), "photo_content_otherwise"),
        "zip named .png": Bad(PNG, _zip(), "photo_content_otherwise"),
        "wav named .webp": Bad(WEBP, b"RIFF\0\0\0\0WAVEfmt ", "photo_content_otherwise"),
        "png named .jpg": Bad(JPEG, png, "photo_content_otherwise"),
        "png called a jpeg": Bad(DeclaredFile("photo.png", "image/jpeg"), png, "photo_declared_otherwise"),
        "without a type": Bad(DeclaredFile("photo.jpg", ""), jpeg, "photo_declared_otherwise"),
        "called a page": Bad(DeclaredFile("photo.jpg", "text/html"), jpeg, "photo_declared_otherwise"),
        "without an ending": Bad(DeclaredFile("photo", "image/jpeg"), jpeg, "photo_type"),
        "with two endings": Bad(DeclaredFile("photo.jpg.php", "image/jpeg"), jpeg, "photo_type"),
        "heic by name": Bad(DeclaredFile("IMG_1.HEIC", ""), heic, "photo_heic"),
        "heic by type": Bad(DeclaredFile("image", "image/heif"), heic, "photo_heic"),
        "heic by content": Bad(JPEG, heic, "photo_heic"),
        "moving png": Bad(PNG, animation("PNG"), "photo_animated"),
        "moving webp": Bad(WEBP, animation("WEBP"), "photo_animated"),
    }


def _bombs() -> dict[str, Bad]:
    png, progressive = encoded(photo(64, 64), "PNG"), encoded(photo(64, 64), "JPEG", progressive=True)
    last = progressive.rindex(b"\xff\xda")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(80)) + packer.flush()
    return {
        "png of 100,000 x 100,000 px": Bad(PNG, header_of(100_000, 100_000, "PNG"), "photo_too_many_px"),
        "jpeg of 65,000 x 65,000 px": Bad(JPEG, header_of(65_000, 65_000, "JPEG"), "photo_too_many_px"),
        "webp of 36 megapixels": Bad(WEBP, header_of(6000, 6000, "WEBP"), "photo_too_many_px"),
        "webp as deep as can be": Bad(WEBP, header_of(16_383, 16_383, "WEBP"), "photo_unreadable"),
        "png with a text of 80 MB": Bad(PNG, png[:33] + chunk(b"zTXt", b"C\0\0" + packed) + png[33:], "photo_unreadable"),
        "png with a profile of 80 MB": Bad(PNG, png[:33] + chunk(b"iCCP", b"C\0\0" + packed) + png[33:], "photo_unreadable"),
        "jpeg of a thousand scans": Bad(JPEG, progressive[:last] + progressive[last:-2] * 1000 + b"\xff\xd9", "photo_unreadable"),
    }


def _truncated() -> dict[str, Bad]:
    whole = {kind: encoded(photo(600, 400), kind) for kind in BY_KIND}
    return {
        f"{kind} cut at {share:.0%}": Bad(BY_KIND[kind], content[: int(len(content) * share)], "photo_unreadable")
        for kind, content in whole.items()
        for share in (0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97)
    }


def _zip() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return buffer.getvalue()
