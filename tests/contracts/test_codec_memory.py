"""What decoding may take at most (U4), measured in processes of its own: 50 megapixels, and files that promise more."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.factories.bad_photos import bad_photos
from tests.factories.photos import encoded, phone_photo

PROJECT = Path(__file__).parents[2]
STATUS = Path("/proc/self/status")

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="reads how much memory a process took at most, as Linux tells it")

_PREPARES = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore
from lumiku_web.adapters.codec_pillow import PillowCodec
from lumiku_web.errors import InvalidInput

def peak_mb():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1000

def prepare(path):
    try:
        with cores, open(path, "rb") as file:
            return codec.prepare_upload(file, lambda thumb: None).width_px
    except InvalidInput as refused:
        return refused.key

codec, cores, before = PillowCodec(), Semaphore(2), peak_mb()
with ThreadPoolExecutor(16) as threads:
    print(*set(threads.map(prepare, sys.argv[1:])))
print(peak_mb() - before)
"""

LARGEST = (8000, 6250)


LARGE: dict[str, tuple[str, tuple[int, int], str, Any, dict[str, Any]]] = {
    "jpeg": ("RGB", LARGEST, "JPEG", (9, 8, 7), {}),
    "progressive jpeg": ("RGB", LARGEST, "JPEG", (9, 8, 7), {"progressive": True}),
    "cmyk jpeg": ("CMYK", LARGEST, "JPEG", (9, 8, 7, 6), {}),
    "png": ("RGB", LARGEST, "PNG", (9, 8, 7), {"compress_level": 1}),
    "png with alpha": ("RGBA", LARGEST, "PNG", (9, 8, 7, 6), {"compress_level": 1}),
    "png of 16 bits": ("I;16", LARGEST, "PNG", 4000, {"compress_level": 1}),
    "png of a palette": ("P", LARGEST, "PNG", 1, {"compress_level": 1, "transparency": 0}),
    "webp": ("RGBA", (6250, 4000), "WEBP", (9, 8, 7, 6), {"lossless": True, "method": 0}),
}


@cache
def large(name: str) -> bytes:
    """A picture of 50 megapixels, as WebP of 25."""
    mode, size, kind, colour, options = LARGE[name]
    return encoded(Image.new(mode, size, colour), kind, **options)


def peak(folder: Path, *contents: bytes) -> tuple[str, int]:
    """What became of them, two at a time in any of sixteen threads, and MB beyond those of an idle process."""
    paths = [folder / f"{number}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    child = subprocess.run([sys.executable, "-c", _PREPARES, *paths], cwd=PROJECT, capture_output=True, check=True, timeout=120)
    became, megabytes = child.stdout.decode().splitlines()
    return became, int(megabytes)


@pytest.mark.parametrize(
    ("name", "megabytes"),
    [
        ("jpeg", 90),
        ("progressive jpeg", 220),
        ("cmyk jpeg", 90),
        ("png", 320),
        ("png with alpha", 320),
        ("png of 16 bits", 220),
        ("png of a palette", 220),
        ("webp", 480),
    ],
)
def test_u4_the_largest_picture_takes_a_bounded_memory(tmp_path: Path, name: str, megabytes: int) -> None:
    width, most = peak(tmp_path, large(name))
    assert int(width) in {2000, 2048, 2083}
    assert most < megabytes


def test_u4_of_the_largest_pictures_one_is_decoded_at_a_time(tmp_path: Path) -> None:
    _, most = peak(tmp_path, *[large("png")] * 4)
    assert most < 350


def test_u4_phones_photographs_take_little_and_no_thread_keeps_any_of_it(tmp_path: Path) -> None:
    became, most = peak(tmp_path, phone_photo())
    assert became == "1500"
    assert most < 40
    _, most = peak(tmp_path, *[phone_photo()] * 32)
    assert most < 90


@pytest.mark.parametrize("name", sorted(name for name in bad_photos() if " px" in name or "MB" in name or "deep" in name))
def test_u4_u6_a_bomb_is_refused_before_it_takes_any(tmp_path: Path, name: str) -> None:
    bad = bad_photos()[name]
    became, most = peak(tmp_path, bad.content)
    assert became == bad.key
    assert most < 90
