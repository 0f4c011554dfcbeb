"""Text in a PNG file without touching its pixels: https://www.w3.org/TR/png-3/#11textinfo."""

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LONGEST_KEYWORD: Final = 79
_TEXT_KINDS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk as it stands in a file: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def with_texts(png: bytes, texts: Mapping[str, str]) -> bytes:
    """`png` with one text chunk per keyword behind its header; older texts of these keywords are replaced.

    All other chunks stay byte for byte; what follows the end of the picture is dropped. Keywords have 1 to 79 characters
    of Latin-1. Doing it again with the same texts changes nothing.

    Raises: ValueError, when `png` is no PNG, or has no end.
    """
    keywords = {keyword.encode("latin-1") for keyword in texts}
    parts: list[bytes | memoryview] = [SIGNATURE]
    for kind, whole in _chunks(png):
        if kind in _TEXT_KINDS and bytes(whole[8:88]).partition(b"\0")[0] in keywords:
            continue
        parts.append(whole)
        if kind == b"IHDR":
            parts += [_text_chunk(keyword, text) for keyword, text in texts.items()]
    return b"".join(parts)


def _text_chunk(keyword: str, text: str) -> bytes:
    """`tEXt` where it can hold the text, since every reader knows it; else `iTXt`, which is UTF-8."""
    name = keyword.encode("latin-1")
    if not 1 <= len(name) <= _LONGEST_KEYWORD:
        raise ValueError(f"not a keyword of 1 to 79 characters: {keyword!r}")
    if text.isascii():
        return chunk(b"tEXt", name + b"\0" + text.encode("ascii"))
    uncompressed_in_no_language = b"\0\0\0\0\0"
    return chunk(b"iTXt", name + uncompressed_in_no_language + text.encode("utf-8"))


def _chunks(png: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and whole bytes of each chunk, up to and with `IEND`."""
    if not png.startswith(SIGNATURE):
        raise ValueError("not a PNG")
    view, place = memoryview(png), len(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        if place + 12 > len(png):
            raise ValueError("a PNG without an end")
        length, kind = struct.unpack_from(">I4s", png, place)
        end = place + 12 + length
        if end > len(png):
            raise ValueError("a PNG that ends inside a chunk")
        yield kind, view[place:end]
        place = end
