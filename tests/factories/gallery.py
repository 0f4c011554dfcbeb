"""Galleries that are already there: many pictures at once, small but real, for tests and measurements about looking at them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image as PillowImage
from PIL import ImageOps

from lumiku_web.adapters.codec_pillow import PillowCodec
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.schemas import PreparedImage
from lumiku_web.domain.notifications.repository import SequenceRepository
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.domain.storage.repository import StorageRepository
from lumiku_web.ids import new_id

_PORTRAIT = Path(__file__).parents[1] / "data" / "portrait.png"
_SHAPES_PX = ((384, 384), (320, 480), (480, 320), (360, 480), (512, 288))
_TINTS = ("#5b5bd6", "#29a383", "#e54d2e", "#ffc53d")


@cache
def prints() -> tuple[PreparedImage, ...]:
    """The same portrait in five shapes and four tints."""
    with PillowImage.open(_PORTRAIT) as opened:
        portrait = opened.convert("RGB")
    codec = PillowCodec()
    return tuple(codec.prepare_result(_print(portrait, shape, tint), {}) for tint in _TINTS for shape in _SHAPES_PX)


def _print(portrait: PillowImage.Image, shape: tuple[int, int], tint: str) -> bytes:
    fitted = ImageOps.fit(portrait, shape)
    tinted = PillowImage.blend(fitted, PillowImage.new("RGB", shape, tint), 0.25)
    buffer = BytesIO()
    tinted.save(buffer, "PNG")
    return buffer.getvalue()


def hang_pictures(
    uow: UnitOfWork, user_id: UUID, project_id: UUID, count: int, *, newest_at: datetime | None = None
) -> list[UUID]:
    """Rows of `count` pictures of this member, a minute apart; their ids, newest first. `store_prints` gives them files."""
    newest_at = newest_at or utc_now()
    sequence = SequenceRepository(uow.session).increment(user_id)
    rows = [_row(user_id, project_id, number, newest_at, sequence) for number in range(count)]
    uow.session.add_all(rows)
    uow.session.flush()
    StorageRepository(uow.session).add_bytes(user_id, sum(row.stored_bytes for row in rows))
    return [row.id for row in rows]


def _row(user_id: UUID, project_id: UUID, number: int, newest_at: datetime, sequence: int) -> Image:
    made = prints()[number % len(prints())]
    return Image(
        id=new_id(),
        created_at=newest_at - timedelta(minutes=number),
        user_id=user_id,
        project_id=project_id,
        origin="generated",
        title=f"Baker {number + 1}, warm light",
        width_px=made.width_px,
        height_px=made.height_px,
        media_type=made.media_type,
        size_bytes=len(made.original),
        stored_bytes=made.stored_bytes,
        blur=made.blur,
        recipe={"model": "black-forest-labs/FLUX.1-schnell", "seed": 4_102_882_137 - number, "steps": 4},
        changed_sequence=sequence,
    )


def store_prints(storage: Storage, user_id: UUID, image_ids: list[UUID]) -> None:
    """The files of what `hang_pictures` has hung, in the same order."""
    for image_id, made in zip(image_ids, _over_and_over(), strict=False):
        gallery.store(storage, user_id, image_id, made)


def _over_and_over() -> Iterator[PreparedImage]:
    while True:
        yield from prints()
