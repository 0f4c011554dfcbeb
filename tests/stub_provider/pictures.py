"""Pictures that cost next to nothing: one photograph per size, encoded once, with a small patch per seed."""

import struct
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from lumiku_web.adapters.codec_png_chunks import SIGNATURE, chunk

_PORTRAIT: Final = Path(__file__).parent.parent / "data" / "portrait.png"
_PATCH_ROWS: Final = 8


@dataclass(frozen=True)
class _Base:
    """All of a PNG but its last rows: nothing above depends on them, so they can differ without encoding again."""

    head: bytes
    adler: int
    row_bytes: int


@cache
def _base(width: int, height: int) -> _Base:
    with Image.open(_PORTRAIT) as portrait:
        photo = portrait.convert("RGB").resize((width, height))  # pyright: ignore[reportUnknownMemberType]  (typed in part)
    buffer = BytesIO()
    photo.save(buffer, "PNG", compress_level=1)
    rows = zlib.decompress(_joined_data(buffer.getvalue()))
    row_bytes = 1 + 3 * width
    kept = rows[: (height - _PATCH_ROWS) * row_bytes]
    packer = zlib.compressobj(1)
    data = packer.compress(kept) + packer.flush(zlib.Z_FULL_FLUSH)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return _Base(SIGNATURE + header + chunk(b"IDAT", data), zlib.adler32(kept), row_bytes)


def _joined_data(png: bytes) -> bytes:
    data, place = b"", len(SIGNATURE)
    while place < len(png):
        length, kind = struct.unpack_from(">I4s", png, place)
        if kind == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    return data


def plain(width: int, height: int) -> bytes:
    """Make a black PNG, as safety filters send it."""
    buffer = BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def picture(width: int, height: int, seed: int) -> bytes:
    """Make a PNG photograph of exactly this size; another seed has other px in the lowest rows."""
    base = _base(width, height)
    colour = struct.pack(">I", zlib.crc32(struct.pack(">Q", seed)))[:3]
    patch = (b"\0" + colour * ((base.row_bytes - 1) // 3)) * _PATCH_ROWS
    packer = zlib.compressobj(1, wbits=-15)
    tail = packer.compress(patch) + packer.flush() + struct.pack(">I", zlib.adler32(patch, base.adler))
    return base.head + chunk(b"IDAT", tail) + chunk(b"IEND", b"")
