"""How far a picture's size may be from what was ordered."""

import pytest

from lumiku_web.domain.gallery.schemas import PreparedImage
from lumiku_web.domain.generations.runner import check_size
from lumiku_web.domain.generations.schemas import ModelTerms
from lumiku_web.errors import Permanent

ORDERED = ModelTerms(
    key="flux",
    title="FLUX",
    provider="any",
    provider_model="any",
    width_px=1024,
    height_px=768,
    steps=None,
    guidance=None,
    credits_price=0,
    deadline_seconds=30,
    is_drawn=False,
)


def made(width_px: int, height_px: int) -> PreparedImage:
    return PreparedImage(width_px, height_px, "image/png", b"", b"", b"", "")


@pytest.mark.parametrize("size", [(1024, 768), (1024 - 63, 768), (1024, 768 + 63), (1024 + 63, 768 - 63)], ids=str)
def test_what_a_provider_rounds_is_kept(size: tuple[int, int]) -> None:
    check_size(ORDERED, made(*size))


@pytest.mark.parametrize("size", [(1024 - 64, 768), (1024, 768 + 64), (768, 1024), (1, 1), (4096, 3072)], ids=str)
def test_another_size_is_refused_with_both_sizes(size: tuple[int, int]) -> None:
    with pytest.raises(Permanent) as refused:
        check_size(ORDERED, made(*size))
    assert refused.value.key == "result_wrong_size"
    told = {"width_px": size[0], "height_px": size[1], "ordered_width_px": 1024, "ordered_height_px": 768}
    assert refused.value.facts == told
