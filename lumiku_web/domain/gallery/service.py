"""Pictures: kept, listed, opened, put away and brought back by their owner."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.gallery.models import SOURCE_ONCE, Image
from lumiku_web.domain.gallery.policy import EMPTIED_AT_ONCE, PAGE, TRASH_KEPT
from lumiku_web.domain.gallery.repository import ImageRepository
from lumiku_web.domain.gallery.schemas import (
    Covers,
    Cursor,
    ImageRead,
    NewImage,
    Origin,
    PicturePage,
    PreparedImage,
    Shelf,
    Trash,
)
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.domain.storage import service as files
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.errors import Conflict, NotFound


@dataclass(frozen=True)
class Gallery:
    """What a member does with pictures, with the port that other tabs hear of it by.

    All of it happens to all of `image_ids` or to none. Doing it again changes nothing. Locks the pictures, then the member's
    number, then the member's storage: so does whoever adds a picture.
    """

    doorbell: Doorbell

    def set_favourite(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID], *, is_favourite: bool) -> list[ImageRead]:
        """Mark or unmark. Raises: NotFound if one is not the member's."""

        def mark(row: Image) -> None:
            row.is_favourite = is_favourite

        changing = [row for row in self._locked(uow, actor, image_ids) if row.is_favourite != is_favourite]
        return self._change(uow, actor, changing, mark)

    def trash(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID]) -> list[ImageRead]:
        """Put away; returns those that were not in the trash already. Raises: NotFound if one is not the member's."""
        now = ImageRepository(uow.session).now()

        def put_away(row: Image) -> None:
            row.trashed_at = now
            audit.record(uow, actor.user_id, Action.picture_trashed, row.id)

        return self._change(uow, actor, [row for row in self._locked(uow, actor, image_ids) if not row.trashed_at], put_away)

    def restore(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID]) -> list[ImageRead]:
        """Bring back from the trash. Raises: NotFound if one is not the member's, or deleted meanwhile."""

        def bring_back(row: Image) -> None:
            row.trashed_at = None
            audit.record(uow, actor.user_id, Action.picture_restored, row.id)

        return self._change(uow, actor, [row for row in self._locked(uow, actor, image_ids) if row.trashed_at], bring_back)

    def move(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID], project_id: UUID) -> list[ImageRead]:
        """Into another project of the member. Raises: NotFound."""
        projects.writable(uow, actor, project_id)

        def put_there(row: Image) -> None:
            row.project_id = project_id

        changing = [row for row in self._locked(uow, actor, image_ids) if row.project_id != project_id]
        return self._change(uow, actor, changing, put_there)

    def delete(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID]) -> int:
        """For good, out of the trash only; returns how many. What is not there, or not in the trash, is left alone."""
        return self._delete(uow, actor, [row for row in self._mine(uow, actor, image_ids) if row.trashed_at])

    def empty_trash(self, uow: UnitOfWork, actor: Actor, until: datetime) -> int:
        """Delete for good what was in the trash by then, at most `EMPTIED_AT_ONCE`; returns how many. 0: nothing is left."""
        return self._delete(uow, actor, ImageRepository(uow.session).trash_until(actor.user_id, until, EMPTIED_AT_ONCE))

    def _delete(self, uow: UnitOfWork, actor: Actor, rows: list[Image]) -> int:
        if rows:
            record_change(uow, self.doorbell, actor.user_id)
        for row in rows:
            _delete(uow, row)
        return len(rows)

    def _mine(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID]) -> list[Image]:
        return ImageRepository(uow.session).locked(actor.user_id, image_ids)

    def _locked(self, uow: UnitOfWork, actor: Actor, image_ids: Collection[UUID]) -> list[Image]:
        wanted = set(image_ids)
        rows = self._mine(uow, actor, wanted)
        if len(rows) != len(wanted):
            raise NotFound("picture_not_found")
        return rows

    def _change(self, uow: UnitOfWork, actor: Actor, rows: list[Image], change: Callable[[Image], None]) -> list[ImageRead]:
        if not rows:
            return []
        for row in rows:
            change(row)
        sequence = record_change(uow, self.doorbell, actor.user_id)
        for row in rows:
            row.changed_sequence = sequence
        return [read(row) for row in rows]


def store(storage: Storage, user_id: UUID, image_id: UUID, prepared: PreparedImage) -> None:
    """Keep the bytes of every variant; the same image again overwrites itself. Blocking; never in a transaction.

    Raises: Unavailable.
    """
    for variant, content, media_type in prepared.contents():
        storage.put(image_key(user_id, image_id, variant), content, media_type)


def add(uow: UnitOfWork, new: NewImage, prepared: PreparedImage, *, sequence: int, limit_bytes: int | None = None) -> ImageRead:
    """Write the row of a picture whose bytes are stored, and count them. Joins the caller's transaction.

    Its files must have been reserved (`storage.service.reserve`). Raises: LimitReached(`storage_limit`), Unavailable,
    Conflict(`photo_already_there`) if the member has a picture from the same source.
    """
    files.settle(uow, new.user_id, new.id, prepared.stored_bytes, limit_bytes=limit_bytes)
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
        stored_bytes=prepared.stored_bytes,
        source_sha256=new.source_sha256,
        blur=prepared.blur,
        is_drawn=new.is_drawn,
        recipe=dict(new.recipe),
        changed_sequence=sequence,
    )
    try:
        ImageRepository(uow.session).insert([row])
    except IntegrityError as twice:
        if SOURCE_ONCE in str(twice.orig):
            raise Conflict("photo_already_there") from twice
        raise
    return read(row)


def owned(uow: UnitOfWork, actor: Actor, image_id: UUID) -> ImageRead:
    """One picture. Raises: NotFound, also for somebody else's."""
    row = ImageRepository(uow.session).owned(image_id, actor.user_id)
    if row is None:
        raise NotFound("picture_not_found")
    return read(row)


def page(
    uow: UnitOfWork,
    actor: Actor,
    shelf: Shelf = Shelf.everything,
    *,
    project_id: UUID | None = None,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> PicturePage:
    """At most `limit` pictures of a project, or of all, newest first. Raises: NotFound for a project that is not the member's."""
    if project_id:
        projects.get(uow, actor, project_id)
    rows = ImageRepository(uow.session).page(actor.user_id, shelf, project_id=project_id, after=after, limit=limit + 1)
    shown = tuple(read(row) for row in rows[:limit])
    return PicturePage(shown, cursor(shown[-1], shelf) if len(rows) > limit else None)


def cursor(image: ImageRead, shelf: Shelf) -> Cursor:
    """Where a page starts that follows this picture."""
    return Cursor((image.trashed_at if shelf is Shelf.trash else None) or image.created_at, image.id)


def in_trash(uow: UnitOfWork, actor: Actor) -> Trash:
    """What the member's trash holds now."""
    return Trash(*ImageRepository(uow.session).in_trash(actor.user_id))


def from_source(uow: UnitOfWork, actor: Actor, sha256: str) -> ImageRead | None:
    """The member's picture that came from this very file, if it is still there; it may be in the trash."""
    row = ImageRepository(uow.session).by_source(actor.user_id, sha256)
    return read(row) if row else None


def delete_ended_trash(uow: UnitOfWork, limit: int) -> int:
    """Delete for good what the trash has kept for `TRASH_KEPT`; returns how many pictures."""
    rows = sorted(ImageRepository(uow.session).trash_ended(TRASH_KEPT, limit), key=lambda row: row.user_id)
    for row in rows:
        _delete(uow, row)
    return len(rows)


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


def changed_since(uow: UnitOfWork, marks: Mapping[UUID, int]) -> dict[UUID, list[ImageRead]]:
    """Per member, the pictures that came or changed after the member's mark, oldest change first."""
    found: dict[UUID, list[ImageRead]] = {}
    for row in ImageRepository(uow.session).changed_since(marks):
        found.setdefault(row.user_id, []).append(read(row))
    return found


def _delete(uow: UnitOfWork, row: Image) -> None:
    """The row now; its files soon after the commit."""
    audit.record(uow, row.user_id, Action.picture_deleted, row.id)
    ImageRepository(uow.session).delete(row)
    uow.session.flush()
    files.discard(uow, row.user_id, row.id, stored_bytes=row.stored_bytes)


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
        is_favourite=row.is_favourite,
        trashed_at=row.trashed_at,
    )
