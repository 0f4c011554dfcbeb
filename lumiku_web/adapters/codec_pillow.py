"""Decodes pictures that nobody vouches for, and makes the forms in which they are kept.

Only the thumbnail is WebP. A preview of 1024 x 1024 px takes 3 ms as a JPEG of 120 KB, 18 by libwebp's fastest way for 79 KB
(of a smooth picture; of a grainy one both are alike in size). Pillow holds the GIL while it encodes a JPEG into memory, but not
while it does so into a file. A phone's 5.3 MB JPEG of 12 megapixels: 47 ms for one decode at half the scale (a second one at an
eighth would be 37), then 7 ms until its thumbnail, 24 ms for the rest.
"""

import base64
import ctypes
import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from io import BytesIO
from struct import Struct
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, BinaryIO, Final, cast

from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lumiku_web.adapters.codec_png_chunks import with_texts
from lumiku_web.domain.gallery.ports import OnThumb
from lumiku_web.domain.gallery.schemas import PreparedImage, Thumb
from lumiku_web.errors import InvalidInput, LumikuError, Permanent

#: The keyword under which a PNG carries the recipe of its picture, as JSON.
RECIPE_KEYWORD: Final = "lumiku"

_MASTER_PX, _PREVIEW_PX, _THUMB_PX, _BLUR_PX = 2048, 1024, 320, 16
#: A whole step of scaling down (a half, a third) is cheap; one that ends this near to the size in question is near enough.
_NEARLY = 0.9
#: Fairer ways down give 44 dB against this one, which nobody sees in a picture of that size, and take half as long again.
_REDUCING_GAP = 1.5
_MASTER_QUALITY, _PREVIEW_QUALITY = 86, 80
_THUMB = {"quality": 80, "method": 2}
_BLUR = {"quality": 40, "method": 4}

#: By so much may the px of one colour differ.
_ROUNDING = 4

#: A JPEG may hold thousands of scans of a few bytes, each of which costs a pass over all px. Cameras write about ten.
_MOST_SCANS = 40
#: `re` finds two bytes in a third of the time of `bytes.count`: 2 ms of a photograph instead of 5.
_START_OF_SCAN = re.compile(rb"\xff\xda")
#: Mark, kind and length of a segment. What may stand before the first scan: tables, comments, application data.
_SEGMENT, _MARK = Struct(">BBH"), 0xFF
_SCAN, _SEQUENTIAL, _BESIDE = 0xDA, frozenset({0xC0, 0xC1}), frozenset({0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})
_MOST_SEGMENTS = 1000

#: Read at once while decoding. For each piece Pillow takes the GIL, and may wait 5 ms for it. Its own pieces of 64 KB are 82 in a
#: photograph: 25 ms more, beside a thread that is busy for a third of the time.
_PIECE_BYTES = 1 << 20

#: Pillow's way to libwebp keeps four copies of all px, where others keep one or two.
_WEBP_WEIGHS = 2
_HEAVY_PX = 12_500_000

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90}
_BAND_ROWS = 64
#: Of glibc's `mallopt`: blocks of so many bytes go back to the system as soon as they are free.
_M_MMAP_THRESHOLD, _LARGE_BLOCK_BYTES = -3, 8 << 20


class PillowCodec:
    """The ImageCodec port. `image_limit_px` is the most px (width times height) that are ever decoded. Safe for threads.

    At that limit of 50 million, decoding takes 160 MB at most for a JPEG, 250 for a PNG, 400 for a WebP; and of those that take
    more than 100, one is decoded at a time in a process.
    """

    def __init__(self, image_limit_px: int = 50_000_000) -> None:
        self._limit_px = image_limit_px
        self._heavy = Lock()
        _return_large_blocks()

    def prepare_result(self, content: bytes, recipe: Mapping[str, object]) -> PreparedImage:
        """Keep the bytes as the provider made them, but for two things in a PNG.

        The recipe comes in under the keyword `lumiku`, and what follows the end of the picture goes.
        JPEG and WebP carry no recipe: the row has it.
        """
        try:
            with self._opened(BytesIO(content)) as image:
                turn = _turn(image)
                picture = _upright(_decoded(image, max(image.size)), turn)
                media_type = Image.MIME[str(image.format)]
            with _no_surprise():
                kept = with_texts(content, {RECIPE_KEYWORD: _as_json(recipe)}) if media_type == "image/png" else content
        except _UnusableError as why:
            raise Permanent("result_unreadable", detail=str(why)) from why
        if _is_blank(picture):
            raise Permanent("result_blank", detail=f"{picture.width} x {picture.height} px of one colour")
        thumb = _resized(picture, _THUMB_PX)
        return _prepared(picture, thumb, _webp(thumb, _THUMB), kept, media_type)

    def prepare_upload(self, file: BinaryIO, on_thumb: OnThumb) -> PreparedImage:
        """Make a master and a preview in JPEG, the master of at most 2048 px on the long side, in sRGB, without alpha.

        A JPEG that holds several pictures (MPO, Ultra HDR: what many phones write) counts as its first one.
        """
        try:
            picture, turn = self._turned(file)
        except _UnusableError as why:
            raise InvalidInput(why.key, field="photo", megapixels=why.limit_px // 1_000_000) from why
        thumb = _upright(_resized(picture, _THUMB_PX), turn)
        seen = _webp(thumb, _THUMB)
        master_size = picture.size[::-1] if turn in _ON_ITS_SIDE else picture.size
        on_thumb(Thumb(seen, *master_size))
        master = _upright(picture, turn)  # 8 ms for which nobody waits
        del picture
        return _prepared(master, thumb, seen, _jpeg(master, _MASTER_QUALITY), "image/jpeg")

    def _turned(self, file: BinaryIO) -> tuple[Image.Image, Image.Transpose | None]:
        """The master as the camera was held, and its way upright. What was decoded at its own size is gone when this returns."""
        with self._opened(file) as image:
            turn = _turn(image)
            return _decoded(image, _MASTER_PX), turn

    @contextmanager
    def _opened(self, file: BinaryIO) -> Generator[ImageFile, None, None]:
        """Read the header and check the bounds; nothing is decoded yet."""
        file.seek(0)
        decoder = _decoder(file.read(12))
        if decoder is None:
            raise _UnusableError("photo_type", "no JPEG, PNG or WebP")
        if decoder is JpegImageFile and not _is_of_one_scan(file) and _scans(file) > _MOST_SCANS:
            raise _UnusableError("photo_unreadable", "too many scans")
        file.seek(0)
        with _no_surprise(), decoder(file) as image:
            limit_px = self._limit_px // (_WEBP_WEIGHS if decoder is WebPImageFile else 1)
            if image.width * image.height > limit_px:
                raise _UnusableError("photo_too_many_px", f"{image.width} x {image.height} px", limit_px)
            if getattr(image, "n_frames", 1) > 1:
                raise _UnusableError("photo_animated", "more than one frame")
            image.decodermaxblock = _PIECE_BYTES
            with self._heavy if _is_heavy(image) else nullcontext():
                yield image


class _UnusableError(Exception):
    """`key` is the refusal that a person gets for an upload of this kind."""

    def __init__(self, key: str, detail: str, limit_px: int = 0) -> None:
        super().__init__(detail)
        self.key = key
        self.limit_px = limit_px


def _is_heavy(image: ImageFile) -> bool:
    """Only a JPEG of one scan is decoded at a fraction of its size."""
    is_light = isinstance(image, JpegImageFile) and not image.info.get("progressive")
    return not is_light and image.width * image.height > _HEAVY_PX


def _is_blank(picture: Image.Image) -> bool:
    """Of one colour, but for the rounding of lossy compression. Most pictures are settled by having more than 16."""
    if picture.getcolors(16) is None:
        return False
    bounds = cast("tuple[tuple[int, int], ...]", picture.getextrema())  # of RGB: one pair a channel
    return all(high - low <= _ROUNDING for low, high in bounds)


def _return_large_blocks() -> None:
    """Else the heap of every thread that ever decoded keeps some of them: 300 MB in 16 threads, for 6 ms of CPU a photograph."""
    with suppress(AttributeError):  # another C library has its own ways
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK_BYTES)


def _is_of_one_scan(file: BinaryIO) -> bool:
    """A sequential JPEG whose first scan has all components: libjpeg ends with an error where such a one has a second scan.

    Only one that is written in the plainest way is called that; every other is looked at byte by byte, which takes 3 ms.
    """
    file.seek(2)
    components = b"none"
    for _ in range(_MOST_SEGMENTS):
        mark, kind, length = _SEGMENT.unpack(file.read(_SEGMENT.size).ljust(_SEGMENT.size))
        end = file.tell() - 2 + length
        if mark != _MARK:
            break
        if kind == _SCAN:
            return file.read(1) == components
        if kind in _SEQUENTIAL:
            components = file.read(6)[5:]
        elif kind not in _BESIDE:
            break
        file.seek(end)
    return False


def _scans(file: BinaryIO) -> int:
    """How often the marker stands in the file, until that is too often; a little more than the scans that there are."""
    file.seek(0)
    found, before = 0, b""
    while found <= _MOST_SCANS and (piece := file.read(1 << 20)):
        found += sum(1 for _ in _START_OF_SCAN.finditer(before + piece))
        before = piece[-1:]
    return found


def _decoder(content: bytes) -> type[ImageFile] | None:
    """By the content alone. The classes are named, since Pillow's `open` would turn a JPEG of two pictures into an MPO."""
    if content.startswith(b"\xff\xd8\xff"):
        return JpegImageFile
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WebPImageFile
    return None


@contextmanager
def _no_surprise() -> Generator[None, None, None]:
    """Hostile bytes make Pillow's decoders raise nearly anything; all of it means the same."""
    try:
        yield
    except (LumikuError, _UnusableError):
        raise
    except Exception as wrong:
        raise _UnusableError("photo_unreadable", f"{type(wrong).__name__}: {wrong}"[:300]) from wrong


def _decoded(image: ImageFile, longest_px: int) -> Image.Image:
    """All px, as the camera was held, in sRGB without alpha or metadata, at most `longest_px` on the long side."""
    if longest_px < max(image.size):
        # A JPEG can be decoded at a half, a quarter or an eighth, for a fraction of the time.
        image.draft(None, _fitted(image.size, round(longest_px * _NEARLY)))
    image.load()
    is_plain = image.mode == "RGB" and not image.has_transparency_data
    picture = _resized(image if is_plain else _banded(image, longest_px), longest_px)
    picture = _in_srgb(picture, image)
    picture.info.clear()
    return picture


def _upright(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """An image of its own, of which nothing hangs on a file."""
    if turn is not None:
        return picture.transpose(turn)
    return picture.copy() if isinstance(picture, ImageFile) else picture


def _turn(image: ImageFile) -> Image.Transpose | None:
    with suppress(Exception):
        # An orientation that can't be read is no reason to refuse a photograph.
        return _UPRIGHT.get(image.getexif().get(_ORIENTATION_TAG, 1))
    return None


def _fitted(size: tuple[int, int], longest_px: int) -> tuple[int, int]:
    """`size` shrunk to `longest_px` on the long side; never enlarged, never without width or height."""
    scale = min(1.0, longest_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resized(image: Image.Image, longest_px: int) -> Image.Image:
    size = _fitted(image.size, longest_px)
    if size == image.size:
        return image
    step = -(-max(image.size) // longest_px)
    if max(image.size) >= step * longest_px * _NEARLY:
        return image.reduce(step)
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=_REDUCING_GAP)


def _banded(image: Image.Image, longest_px: int) -> Image.Image:
    """RGB at the whole fraction next above `longest_px`, in bands of rows: what is decoded needs no second copy of its size."""
    step = max(1, max(image.size) // longest_px)
    width, height = image.size
    small = Image.new("RGB", (-(-width // step), -(-height // step)))
    for top in range(0, height, _BAND_ROWS * step):
        band = _flat(image.crop((0, top, width, min(top + _BAND_ROWS * step, height))))
        small.paste(band.reduce(step), (0, top // step))
    return small


def _flat(image: Image.Image) -> Image.Image:
    """RGB, whatever the mode was; what was transparent becomes white."""
    if image.mode.startswith("I"):
        # 16 bits a sample; Pillow would clip them to the lowest eight.
        wide = image.convert("I").point(_upper_eight_bits)
        return wide.convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground


def _upper_eight_bits(value: Image.ImagePointTransform) -> Image.ImagePointTransform:
    return value * (1 / 256)


def _in_srgb(picture: Image.Image, source: ImageFile) -> Image.Image:
    """Colours as the embedded profile means them. A profile that can't be used is ignored, as browsers do."""
    profile: object = source.info.get("icc_profile")
    if not isinstance(profile, bytes) or source.mode not in {"RGB", "RGBA"}:
        return picture
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownArgumentType]  (typed in part)
        return ImageCms.profileToProfile(picture, meant, srgb) or picture
    return picture


def _prepared(picture: Image.Image, thumb: Image.Image, seen: bytes, original: bytes, media_type: str) -> PreparedImage:
    blur = base64.b64encode(_webp(_resized(thumb, _BLUR_PX), _BLUR)).decode()
    return PreparedImage(
        width_px=picture.width,
        height_px=picture.height,
        media_type=media_type,
        original=original,
        preview=_jpeg(_resized(picture, _PREVIEW_PX), _PREVIEW_QUALITY),
        thumb=seen,
        blur=f"data:image/webp;base64,{blur}",
    )


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """By way of a file without a name: see above."""
    with TemporaryFile() as file:
        image.save(file, "JPEG", quality=quality)
        file.seek(0)
        return file.read()


def _webp(image: Image.Image, options: Mapping[str, Any]) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", **options)
    return buffer.getvalue()


def _as_json(recipe: Mapping[str, object]) -> str:
    return json.dumps(recipe, ensure_ascii=False, sort_keys=True, default=str)
