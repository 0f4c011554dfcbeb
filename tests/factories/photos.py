"""Photographs for tests, made from one portrait and never kept as files."""

import random
import struct
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageChops

from lumiku_web.adapters.codec_png_chunks import SIGNATURE, chunk

PORTRAIT: Final = Path(__file__).parents[1] / "data" / "portrait.png"
CAMERA: Final = "Lumiku Test Camera"
#: Turn by 90 degrees clockwise to see it upright.
ON_ITS_SIDE: Final = 6


@cache
def phone_photo() -> bytes:
    """A photograph as a phone takes it: JPEG, 4000 x 3000 px, about 5.3 MB, lying on its side, with GPS.

    The same bytes each time; takes about a second, once in a test run.
    """
    picture = ImageChops.add(_filling(4000, 3000), _grain(4000, 3000), 1, -128)
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=95, exif=_exif(), comment=b"a comment")
    return buffer.getvalue()


def _filling(width: int, height: int) -> Image.Image:
    """The portrait, mirrored at its sides."""
    with Image.open(PORTRAIT) as portrait:
        middle = portrait.convert("RGB").resize((height, height), Image.Resampling.LANCZOS)
    aside = middle.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left = (width - height) // 2
    picture = Image.new("RGB", (width, height))
    for place in (left - height, left, left + height):
        picture.paste(middle if place == left else aside, (place, 0))
    return picture


def _grain(width: int, height: int) -> Image.Image:
    """What a sensor adds: detail that no codec can foresee."""
    small = Image.frombytes("L", (width // 2, height // 2), random.Random(7).randbytes(width // 2 * (height // 2)))
    grain = small.resize((width, height), Image.Resampling.BICUBIC).point([128 + round((v - 128) * 0.24) for v in range(256)])
    return Image.merge("RGB", (grain, grain, grain))


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = ON_ITS_SIDE
    exif[0x010F] = CAMERA
    position = exif.get_ifd(0x8825)
    position[1], position[2], position[3], position[4] = "S", (8.0, 40.0, 1.2), "E", (115.0, 12.0, 45.0)
    return exif


def photo(width: int = 512, height: int = 512) -> Image.Image:
    """The portrait in this size."""
    with Image.open(PORTRAIT) as portrait:
        return resized(portrait.convert("RGB"), width, height)


def resized(image: Image.Image, width: int, height: int) -> Image.Image:
    """Whatever the proportions."""
    return image.resize((width, height))  # pyright: ignore[reportUnknownMemberType]  (typed in part)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """As a file of this format, in Pillow's spelling."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    """Decoded."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


def animation(kind: str) -> bytes:
    """Three frames."""
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def header_of(width: int, height: int, kind: str) -> bytes:
    """Make a file of a few bytes whose header promises these px. WebP has no such thing: a real file."""
    if kind == "WEBP":
        return encoded(Image.new("RGB", (width, height)), kind, lossless=True, method=0)
    if kind == "PNG":
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    small = encoded(Image.new("RGB", (8, 8)), "JPEG")
    place = small.index(b"\xff\xc0") + 5
    return small[:place] + struct.pack(">HH", height, width) + small[place + 4 :]
