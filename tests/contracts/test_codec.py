"""What every ImageCodec promises, and the uploads that it must survive."""

import base64
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from lumiku_web.adapters.codec_pillow import PillowCodec
from lumiku_web.adapters.codec_png_chunks import chunk
from lumiku_web.domain.gallery.ports import ImageCodec
from lumiku_web.domain.gallery.schemas import PreparedImage, Thumb
from lumiku_web.errors import InvalidInput, Permanent
from tests.factories.photos import CAMERA, animation, encoded, header_of, opened, phone_photo, photo, resized

LIMIT_PX = 4_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
TOO_LARGE = (
    ("PNG", 2001, 2000),
    ("PNG", 100_000, 100_000),
    ("JPEG", 2001, 2000),
    ("JPEG", 65_000, 65_000),
    ("WEBP", 2001, 2000),
)


@pytest.fixture(params=[PillowCodec], ids=["pillow"], scope="module")
def codec(request: pytest.FixtureRequest) -> ImageCodec:
    make: Callable[[int], ImageCodec] = request.param
    return make(LIMIT_PX)


def rgb(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = image.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def near(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Equal but for what lossy compression does."""
    return all(abs(a - b) < 24 for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_result_gets_its_variants(codec: ImageCodec, kind: str) -> None:
    prepared = codec.prepare_result(encoded(photo(1400, 1000), kind), {"seed": 1})
    assert (prepared.width_px, prepared.height_px) == (1400, 1000)
    assert prepared.media_type == f"image/{kind.lower()}"
    assert [opened(content).size for _, content, _ in prepared.contents()] == [(1400, 1000), (1024, 731), (320, 229)]
    assert (opened(prepared.preview).format, opened(prepared.thumb).format) == ("JPEG", "WEBP")
    for content in (prepared.preview, prepared.thumb):
        assert near(rgb(resized(opened(content), 8, 8), 4, 2), rgb(photo(8, 8), 4, 2))


def test_small_results_are_never_enlarged(codec: ImageCodec) -> None:
    prepared = codec.prepare_result(encoded(photo(200, 100), "PNG"), {})
    assert [opened(content).size for _, content, _ in prepared.contents()] == [(200, 100)] * 3


def test_the_blur_is_a_tiny_picture_in_an_address(codec: ImageCodec) -> None:
    prepared = codec.prepare_result(encoded(photo(1024, 512), "PNG"), {})
    head, _, data = prepared.blur.partition(",")
    assert head == "data:image/webp;base64"
    assert opened(base64.b64decode(data)).size == (16, 8)
    assert len(prepared.blur) < 400


@pytest.mark.parametrize("colour", ["black", "white", (17, 34, 51)])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_result_of_one_colour_is_refused(codec: ImageCodec, kind: str, colour: str | tuple[int, ...]) -> None:
    """What safety filters send in the place of a picture."""
    with pytest.raises(Permanent, match="result_blank"):
        codec.prepare_result(encoded(Image.new("RGB", (640, 480), colour), kind), {})


def test_a_result_that_nobody_can_see_through_to_is_refused(codec: ImageCodec) -> None:
    with pytest.raises(Permanent, match="result_blank"):
        codec.prepare_result(encoded(Image.new("RGBA", (64, 48), (200, 0, 0, 0)), "PNG"), {})


def test_a_result_with_a_single_spot_is_a_picture(codec: ImageCodec) -> None:
    image = Image.new("RGB", (640, 480))
    image.putpixel((639, 479), (255, 255, 255))
    assert codec.prepare_result(encoded(image, "PNG"), {}).width_px == 640


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_result_other_than_png_stays_byte_for_byte(codec: ImageCodec, kind: str) -> None:
    content = encoded(photo(), kind)
    assert codec.prepare_result(content, {"seed": 1}).original == content


def test_a_png_result_carries_its_recipe_and_the_same_px(codec: ImageCodec) -> None:
    recipe: Mapping[str, object] = {
        "model": "a",
        "prompt": "perempuan, 東京, \U0001f642",
        "seed": 2**32 - 1,
        "guidance": 3.5,
        "steps": None,
    }
    content = encoded(photo(), "PNG")
    kept = opened(codec.prepare_result(content, recipe).original)
    assert json.loads(kept.info["lumiku"]) == recipe
    assert kept.tobytes() == photo().tobytes()


def test_a_recipe_replaces_an_older_one(codec: ImageCodec) -> None:
    once = codec.prepare_result(encoded(photo(), "PNG"), {"seed": 1}).original
    twice = codec.prepare_result(once, {"seed": 2}).original
    assert json.loads(opened(twice).info["lumiku"]) == {"seed": 2}
    assert twice.count(b"lumiku") == 1


def test_u6_what_hangs_behind_a_png_result_is_dropped(codec: ImageCodec) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("run.js", "alert(1)")
    original = codec.prepare_result(encoded(photo(), "PNG") + buffer.getvalue(), {}).original
    assert b"run.js" not in original


@pytest.mark.parametrize(
    "content", [b"", b"<html>busy</html>", b'{"error": "loading"}', b"GIF89a", b"\x89PNG\r\n\x1a\n"], ids=repr
)
def test_q5_a_result_that_is_no_picture_is_unreadable(codec: ImageCodec, content: bytes) -> None:
    with pytest.raises(Permanent) as refused:
        codec.prepare_result(content, {})
    assert refused.value.key == "result_unreadable"
    assert refused.value.detail


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept_fraction", [0.1, 0.5, 0.9])
def test_q5_a_truncated_result_is_unreadable(codec: ImageCodec, kind: str, kept_fraction: float) -> None:
    content = encoded(photo(), kind)
    with pytest.raises(Permanent) as refused:
        codec.prepare_result(content[: int(len(content) * kept_fraction)], {})
    assert refused.value.key == "result_unreadable"


@pytest.mark.parametrize(("kind", "width", "height"), TOO_LARGE)
def test_u2_a_result_of_too_many_px_is_unreadable_before_it_is_decoded(
    codec: ImageCodec, kind: str, width: int, height: int
) -> None:
    with pytest.raises(Permanent) as refused:
        codec.prepare_result(header_of(width, height, kind), {})
    assert refused.value.key == "result_unreadable"
    assert "px" in refused.value.detail


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_u2_an_animated_result_is_unreadable(codec: ImageCodec, kind: str) -> None:
    with pytest.raises(Permanent):
        codec.prepare_result(animation(kind), {})


def upload(codec: ImageCodec, path: Path) -> PreparedImage:
    with path.open("rb") as file:
        return codec.prepare_upload(file, lambda _: None)


def refusal(codec: ImageCodec, path: Path, content: bytes) -> InvalidInput:
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        upload(codec, path)
    assert refused.value.field == "photo"
    return refused.value


@pytest.mark.parametrize("kind", FORMATS)
def test_u3_an_upload_is_encoded_again(codec: ImageCodec, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(photo(600, 400), kind) + b"<script>polyglot</script>")
    prepared = upload(codec, path)
    assert (prepared.width_px, prepared.height_px, prepared.media_type) == (600, 400, "image/jpeg")
    assert [opened(content).format for _, content, _ in prepared.contents()] == ["JPEG", "JPEG", "WEBP"]
    assert [media_type for _, _, media_type in prepared.contents()] == ["image/jpeg", "image/jpeg", "image/webp"]
    assert b"polyglot" not in prepared.original
    assert near(rgb(opened(prepared.original), 300, 100), rgb(photo(600, 400), 300, 100))


def test_the_thumbnail_is_there_before_the_rest(codec: ImageCodec, tmp_path: Path) -> None:
    path, seen = tmp_path / "upload", list[Thumb]()
    path.write_bytes(encoded(photo(1000, 600), "JPEG"))
    with path.open("rb") as file:
        prepared = codec.prepare_upload(file, seen.append)
    assert seen == [Thumb(prepared.thumb, 1000, 600)]
    assert opened(seen[0].content).size == (320, 192)


@pytest.mark.parametrize(
    ("size", "master"),
    [((2500, 1500), (2048, 1229)), ((100, 2100), (98, 2048)), ((4000, 1), (2000, 1)), ((3900, 2000), (1950, 1000))],
)
@pytest.mark.parametrize("kind", FORMATS)
def test_the_master_of_an_upload_has_at_most_2048_px(
    tmp_path: Path, kind: str, size: tuple[int, int], master: tuple[int, int]
) -> None:
    path, codec = tmp_path / "upload", PillowCodec()
    path.write_bytes(encoded(photo(*size), kind))
    prepared = upload(codec, path)
    assert (prepared.width_px, prepared.height_px) == master == opened(prepared.original).size
    assert near(rgb(resized(opened(prepared.original), 8, 8), 4, 2), rgb(resized(photo(*size), 8, 8), 4, 2))


def test_u3_of_a_phones_photograph_only_the_picture_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(phone_photo())
    assert 5_200_000 < path.stat().st_size < 5_400_000
    prepared = upload(PillowCodec(), path)
    assert (prepared.width_px, prepared.height_px) == (1500, 2000)
    for _, content, _ in prepared.contents():
        kept = opened(content)
        assert not dict(kept.getexif())
        assert set(kept.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "loop",
            "background",
            "timestamp",
            "duration",
        }
        for secret in (b"Exif", b"GPS", b"ICC_PROFILE", b"http://ns.adobe.com", b"comment", CAMERA.encode(), phone_photo()[-64:]):
            assert secret not in content
    upright = photo(1500, 1500)
    assert near(
        rgb(resized(opened(prepared.original).rotate(90, expand=True), 40, 30), 20, 8), rgb(resized(upright, 30, 30), 15, 8)
    )


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_u3_rotation_is_applied_and_metadata_are_gone(codec: ImageCodec, tmp_path: Path, kind: str, orientation: int) -> None:
    stored = Image.new("RGB", (64, 32), "white")
    stored.paste("red", (0, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    path = tmp_path / "upload"
    path.write_bytes(encoded(stored, kind, exif=exif))
    prepared = upload(codec, path)
    turned = opened(prepared.original)
    corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    assert turned.size == ((64, 32) if orientation < 5 else (32, 64))
    assert near(rgb(turned, *(int((at + 0.5) * side / 2) for at, side in zip(corner, turned.size, strict=True))), (255, 0, 0))
    for _, content, _ in prepared.contents():
        assert not dict(opened(content).getexif())
        assert b"Secret" not in content


def test_u3_colours_of_an_odd_profile_become_srgb(codec: ImageCodec, tmp_path: Path) -> None:
    """The profile of this file swaps red and green: what is stored as red is meant green."""
    odd = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # pyright: ignore[reportArgumentType, reportUnknownArgumentType]  (typed in part)
    odd = odd.replace(b"rXYZ", b"swap").replace(b"gXYZ", b"rXYZ").replace(b"swap", b"gXYZ")
    path = tmp_path / "upload"
    for kind in FORMATS:
        path.write_bytes(encoded(Image.new("RGB", (64, 64), (255, 0, 0)), kind, icc_profile=odd))
        master = opened(upload(codec, path).original)
        assert near(rgb(master, 32, 32), (0, 255, 0)), kind
        assert "icc_profile" not in master.info


def test_u3_a_profile_that_can_not_be_used_is_ignored(codec: ImageCodec, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(Image.new("RGB", (64, 64), (255, 0, 0)), "JPEG", icc_profile=b"nonsense" * 40))
    prepared = upload(codec, path)
    assert near(rgb(opened(prepared.original), 32, 32), (255, 0, 0))
    assert [opened(content).info.get("icc_profile") for _, content, _ in prepared.contents()] == [None] * 3


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("LA", (0, 0), (255, 255, 255)),
        ("L", 100, (100, 100, 100)),
        ("1", 1, (255, 255, 255)),
        ("P", 0, (0, 0, 0)),
        ("I;16", 40_000, (156, 156, 156)),
    ],
)
def test_every_mode_of_png_becomes_rgb_on_white(
    codec: ImageCodec, tmp_path: Path, mode: str, colour: Any, seen: tuple[int, ...]
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(Image.new(mode, (64, 64), colour), "PNG"))
    assert near(rgb(opened(upload(codec, path).original), 32, 32), seen)


def test_a_cmyk_photograph_becomes_rgb(codec: ImageCodec, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(Image.new("RGB", (64, 64), (250, 250, 250)).convert("CMYK"), "JPEG"))
    assert near(rgb(opened(upload(codec, path).original), 32, 32), (250, 250, 250))


def test_u6_of_a_jpeg_with_several_pictures_the_first_is_kept(codec: ImageCodec, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(photo(64, 64), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64), "red")]))
    assert near(rgb(opened(upload(codec, path).original), 32, 32), rgb(photo(64, 64), 32, 32))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encoded(Image.new("RGB", (8, 8)), "GIF"),
        b"%PDF-1.7",
        b"RIFF\0\0\0\0WAVE",
    ],
    ids=["nothing", "zip", "svg", "gif", "pdf", "wav"],
)
def test_u1_other_types_are_refused_by_content(codec: ImageCodec, tmp_path: Path, content: bytes) -> None:
    assert refusal(codec, tmp_path / "photo.jpg", content).key == "photo_type"


@pytest.mark.parametrize(("kind", "width", "height"), TOO_LARGE)
def test_u2_u6_too_many_px_are_refused_from_the_header(
    codec: ImageCodec, tmp_path: Path, kind: str, width: int, height: int
) -> None:
    refused = refusal(codec, tmp_path / "photo", header_of(width, height, kind))
    assert refused.key == "photo_too_many_px"
    assert refused.facts == {"megapixels": 2 if kind == "WEBP" else 4}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_u2_animations_are_refused(codec: ImageCodec, tmp_path: Path, kind: str) -> None:
    assert refusal(codec, tmp_path / "photo", animation(kind)).key == "photo_animated"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept_fraction", [0.02, 0.5, 0.95])
def test_u6_truncated_photographs_are_refused(codec: ImageCodec, tmp_path: Path, kind: str, kept_fraction: float) -> None:
    content = encoded(photo(), kind)
    assert refusal(codec, tmp_path / "photo", content[: int(len(content) * kept_fraction)]).key == "photo_unreadable"


def test_u4_a_jpeg_of_a_thousand_scans_is_refused_before_it_is_decoded(codec: ImageCodec, tmp_path: Path) -> None:
    progressive = encoded(photo(), "JPEG", progressive=True)
    last = progressive.rindex(b"\xff\xda")
    refused = refusal(codec, tmp_path / "photo", progressive[:last] + progressive[last:-2] * 1000 + b"\xff\xd9")
    assert refused.key == "photo_unreadable"


def test_u4_a_text_that_unpacks_to_gigabytes_is_refused(codec: ImageCodec, tmp_path: Path) -> None:
    content = encoded(photo(), "PNG")
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(64)) + packer.flush()
    text = chunk(b"zTXt", b"Comment\0\0" + bomb)
    assert refusal(codec, tmp_path / "photo", content[:33] + text + content[33:]).key == "photo_unreadable"


TINY = {kind: encoded(photo(24, 24), kind) for kind in FORMATS}


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(FORMATS), wounds=st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=8)), min_size=1, max_size=6)
)
def test_u4_damaged_pictures_are_prepared_or_refused_and_nothing_else(
    codec: ImageCodec, tmp_path: Path, kind: str, wounds: list[tuple[int, bytes]]
) -> None:
    content = bytearray(TINY[kind])
    for place, bytes_there in wounds:
        start = place % len(content)
        content[start : start + len(bytes_there)] = bytes_there
    path = tmp_path / "photo"
    path.write_bytes(content)
    keys: list[str] = []
    try:
        upload(codec, path)
    except InvalidInput as refused:
        keys.append(refused.key)
    try:
        codec.prepare_result(bytes(content), {})
    except Permanent as refused:
        keys.append(refused.key)
    of_results = {"result_unreadable", "result_blank"}
    assert set(keys) <= {"photo_type", "photo_unreadable", "photo_too_many_px", "photo_animated", *of_results}
