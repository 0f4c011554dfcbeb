"""Scans of a JPEG are counted only where there can be several of them (U4)."""

from pathlib import Path

import pytest

from lumiku_web.adapters.codec_pillow import PillowCodec
from tests.contracts.test_codec import refusal
from tests.factories.photos import encoded, photo


def test_u4_a_plain_jpeg_that_goes_on_after_its_scan_is_refused(tmp_path: Path) -> None:
    """Its scans are not counted, since no second one is decoded."""
    plain = encoded(photo(), "JPEG")
    scan = plain[plain.index(b"\xff\xda") : -2]
    for times in (1, 1000):
        refused = refusal(PillowCodec(), tmp_path / "photo", plain[:-2] + scan * times + b"\xff\xd9")
        assert refused.key == "photo_unreadable"


@pytest.mark.parametrize("hidden_behind", [b"", b"\xff", b"\xff\xd0"], ids=["nothing", "a filling byte", "a restart"])
def test_u4_a_thousand_scans_of_one_colour_each_are_refused_before_they_are_decoded(tmp_path: Path, hidden_behind: bytes) -> None:
    plain = encoded(photo(), "JPEG")
    at = plain.index(b"\xff\xda")
    of_one = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + plain[at + 14 : -2]
    refused = refusal(PillowCodec(), tmp_path / "photo", plain[:at] + hidden_behind + of_one * 1000 + b"\xff\xd9")
    assert "too many scans" in str(refused.__cause__)
