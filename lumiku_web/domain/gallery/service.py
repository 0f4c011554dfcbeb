"""Pictures: kept, listed, opened by their owner."""

from collections.abc import Collection, Mapping
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.repository import ImageRepository
from lumiku_web.domain.gallery.schemas import Covers, ImageRead, NewImage, Origin, PreparedImage
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.errors import NotFound

PAGE = 48


def store(storage: Storage, user_id: UUID, image_id: UUID, prepared: PreparedImage) -> None:
    """Keep the bytes of every variant; the same image again overwrites itself. Blocking; never in a transaction.

    Raises: Unavailable.
    """
    for variant, content, media_type in prepared.contents():
        storage.put(image_key(user_id, image_id, variant), content, media_type)


def forget(storage: Storage, user_id: UUID, image_id: UUID, prepared: PreparedImage) -> None:
    """Undo `store` for a picture that found no row."""
    for variant, _, _ in prepared.contents():
        storage.delete(image_key(user_id, image_id, variant))


def add(uow: UnitOfWork, new: NewImage, prepared: PreparedImage, *, sequence: int) -> ImageRead:
    """Write the row of a picture whose bytes are stored. Joins the caller's transaction."""
    row = Image(
        id=new.id,
        user_id=new.user_id,
        project_id=new.project_id,
        origin=new.origin,
        title=new.title[:300],
        width_px=prepared.width_px,
        height_px=prepared.height_px,
        media_type=prepared.media_type,
        size_bytes=len(prepared.original),
        blur=prepared.blur,
        is_drawn=new.is_drawn,
        recipe=dict(new.recipe),
        changed_sequence=sequence,
    )
    return read(ImageRepository(uow.session).add(row))


def owned(uow: UnitOfWork, actor: Actor, image_id: UUID) -> ImageRead:
    """One picture. Raises: NotFound, also for somebody else's."""
    row = ImageRepository(uow.session).owned(image_id, actor.user_id)
    if row is None:
        raise NotFound("picture_not_found")
    return read(row)


def newest(uow: UnitOfWork, actor: Actor, project_id: UUID | None = None) -> list[ImageRead]:
    """The newest pictures of a project, or of all, at most `PAGE`. Raises: NotFound for a project that is not the member's."""
    if project_id:
        projects.get(uow, actor, project_id)
    return [read(row) for row in ImageRepository(uow.session).newest(actor.user_id, project_id, PAGE)]


def project_covers(uow: UnitOfWork, actor: Actor) -> list[tuple[ProjectRead, Covers]]:
    """The member's projects, newest first, each with its number of pictures and the newest of them."""
    mine = projects.newest(uow, actor)
    ids = [p.id for p in mine]
    repository = ImageRepository(uow.session)
    counts, covers = (repository.counts(ids), repository.covers(ids)) if ids else ({}, {})
    return [(p, Covers(counts.get(p.id, 0), read(covers[p.id]) if p.id in covers else None)) for p in mine]


def by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, ImageRead]:
    """Pictures by id, for callers that know already whose they are."""
    return {key: read(row) for key, row in ImageRepository(uow.session).by_ids(ids).items()}


def uploaded_since(uow: UnitOfWork, marks: Mapping[UUID, int]) -> dict[UUID, list[ImageRead]]:
    """Per member, the uploads that came after the member's mark, oldest first."""
    found: dict[UUID, list[ImageRead]] = {}
    for row in ImageRepository(uow.session).uploaded_since(marks):
        found.setdefault(row.user_id, []).append(read(row))
    return found


def read(row: Image) -> ImageRead:
    """What leaves this package."""
    return ImageRead(
        id=row.id,
        project_id=row.project_id,
        origin=Origin(row.origin),
        title=row.title,
        width_px=row.width_px,
        height_px=row.height_px,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        blur=row.blur,
        is_drawn=row.is_drawn,
        recipe=row.recipe,
        created_at=row.created_at,
    )
