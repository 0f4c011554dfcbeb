"""Text in PNG files, without Pillow in the way."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngImageFile, PngInfo

from lumiku_web.adapters.codec_png_chunks import SIGNATURE, chunk, with_texts


def png(info: PngInfo | None = None) -> bytes:
    buffer = BytesIO()
    Image.effect_noise((40, 30), 50).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def kinds(content: bytes) -> list[bytes]:
    """List the kinds of the chunks, with each length and checksum verified."""
    found: list[bytes] = []
    place = len(SIGNATURE)
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", content, place + 8 + length) == (zlib.crc32(kind + data),)
        found.append(kind)
        place += 12 + length
    return found


def texts_of(content: bytes) -> dict[str, str]:
    with PngImageFile(BytesIO(content)) as image:
        image.load()
        return {keyword: str(text) for keyword, text in image.text.items()}


PNG = png()
words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)
keywords = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=79)


@settings(deadline=None)
@given(texts=st.dictionaries(keywords, words, max_size=4))
def test_any_texts_are_read_again_and_the_px_are_the_same(texts: dict[str, str]) -> None:
    content = with_texts(PNG, texts)
    assert texts_of(content) == texts
    assert kinds(content) == [b"IHDR", *kinds(content)[1 : 1 + len(texts)], *kinds(PNG)[1:]]
    assert Image.open(BytesIO(content)).tobytes() == Image.open(BytesIO(PNG)).tobytes()


@settings(deadline=None)
@given(first=words, second=words)
def test_a_second_time_replaces_the_first(first: str, second: str) -> None:
    assert with_texts(with_texts(PNG, {"lumiku": first}), {"lumiku": second}) == with_texts(PNG, {"lumiku": second})


def test_other_texts_stay() -> None:
    info = PngInfo()
    info.add_text("Comment", "kept")
    info.add_text("lumiku", "old", zip=True)
    info.add_itxt("lumiku", "older")
    assert texts_of(with_texts(png(info), {"lumiku": "new"})) == {"Comment": "kept", "lumiku": "new"}


def test_plain_texts_are_text_chunks_that_every_reader_knows() -> None:
    assert kinds(with_texts(PNG, {"Software": "Lumiku illustrator"}))[1] == b"tEXt"
    assert kinds(with_texts(PNG, {"Title": "東京"}))[1] == b"iTXt"


def test_what_follows_the_end_is_dropped() -> None:
    assert with_texts(PNG + b"PK\x03\x04", {}) == PNG


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_what_is_no_whole_png_is_refused(rest: bytes) -> None:
    for broken in (rest, SIGNATURE + rest, PNG[:-1], PNG[:-12] + chunk(b"tEXt", rest)):
        with pytest.raises(ValueError, match="PNG"):
            with_texts(broken, {"lumiku": "a"})


@pytest.mark.parametrize("keyword", ["", "k" * 80, "東"])
def test_a_keyword_must_fit(keyword: str) -> None:
    with pytest.raises(ValueError, match=r"keyword|latin-1"):
        with_texts(PNG, {keyword: "a"})
