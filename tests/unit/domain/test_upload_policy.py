"""What a name and a type say, before anything is decoded."""

import pytest

from lumiku_web.domain.uploads.policy import check_content, check_declared, title
from lumiku_web.domain.uploads.schemas import DeclaredFile
from lumiku_web.errors import InvalidInput
from tests.factories.bad_photos import NAMES


@pytest.mark.parametrize(
    ("name", "media_type", "named"),
    [
        ("a.jpg", "image/jpeg", "JPEG"),
        ("A.JPEG", "IMAGE/JPEG", "JPEG"),
        ("a.jpe", "image/jpeg", "JPEG"),
        ("a.jfif", "image/jpeg; charset=binary", "JPEG"),
        ("a.jpg", "image/pjpeg", "JPEG"),
        ("a.b.png", "image/png", "PNG"),
        ("a.webp ", " image/webp", "WebP"),
    ],
)
def test_u1_name_and_type_agree(name: str, media_type: str, named: str) -> None:
    assert check_declared(DeclaredFile(name, media_type)) == named


@pytest.mark.parametrize(
    ("name", "media_type", "key"),
    [
        ("a.gif", "image/gif", "photo_type"),
        ("a.png.exe", "image/png", "photo_type"),
        ("png", "image/png", "photo_type"),
        ("a.png/", "image/png", "photo_type"),
        ("", "", "photo_type"),
        ("a.heic", "image/jpeg", "photo_heic"),
        ("a.jpg", "image/heic", "photo_heic"),
        ("a.png", "image/jpeg", "photo_declared_otherwise"),
        ("a.png", "image/png2", "photo_declared_otherwise"),
    ],
)
def test_u1_what_does_not_agree_is_refused_by_what_it_is(name: str, media_type: str, key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_declared(DeclaredFile(name, media_type))
    assert (refused.value.key, refused.value.field) == (key, "photo")


def test_u1_the_refusal_says_what_disagrees() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_declared(DeclaredFile("a.png", "image/jpeg" + "x" * 4096))
    assert refused.value.facts == {"named": "PNG", "declared": ("image/jpeg" + "x" * 50)}
    with pytest.raises(InvalidInput) as refused:
        check_content("PNG", b"GIF89a" + bytes(10))
    assert refused.value.facts == {"named": "PNG"}


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=range(len(NAMES)))
def test_u6_of_a_name_only_what_can_be_shown_is_kept(name: str, expected: str) -> None:
    assert title(name) == expected
