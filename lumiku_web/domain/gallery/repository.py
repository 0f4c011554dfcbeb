"""Statements over pictures."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import col, or_, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.schemas import Cursor, Shelf


class ImageRepository(Repository[Image]):
    """Pictures, always of one member."""

    model = Image

    def owned(self, image_id: UUID, user_id: UUID) -> Image | None:
        """The picture if it is this member's."""
        return self.session.exec(select(Image).where(Image.id == image_id, Image.user_id == user_id)).first()

    def by_source(self, user_id: UUID, sha256: str) -> Image | None:
        """The member's picture that came from a file with this digest, also from the trash."""
        return self.session.exec(select(Image).where(Image.user_id == user_id, Image.source_sha256 == sha256)).first()

    def locked(self, user_id: UUID, ids: Collection[UUID]) -> list[Image]:
        """Those of `ids` that are this member's, locked until the transaction ends, always in the same order."""
        statement = (
            select(Image)
            .where(Image.user_id == user_id, col(Image.id).in_(ids))
            .order_by(col(Image.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(self.session.exec(statement))

    def page(self, user_id: UUID, shelf: Shelf, *, project_id: UUID | None, after: Cursor | None, limit: int) -> list[Image]:
        """At most `limit` of a shelf, newest first (the trash: last thrown away first), beyond `after`."""
        at = _at(shelf)
        statement = select(Image).where(Image.user_id == user_id, _on(shelf))
        if project_id:
            statement = statement.where(Image.project_id == project_id)
        if after:
            statement = statement.where(tuple_(at, col(Image.id)) < tuple_(after.at, after.image_id))
        return list(self.session.exec(statement.order_by(at.desc(), col(Image.id).desc()).limit(limit)))

    def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """Those that exist."""
        if not ids:
            return {}
        return {row.id: row for row in self.session.exec(select(Image).where(col(Image.id).in_(ids)))}

    def changed_since(self, marks: Mapping[UUID, int]) -> list[Image]:
        """Pictures that came or changed after each member's mark, oldest change first."""
        if not marks:
            return []
        after = or_(*((col(Image.user_id) == user) & (col(Image.changed_sequence) > mark) for user, mark in marks.items()))
        return list(self.session.exec(select(Image).where(after).order_by(col(Image.changed_sequence))))

    def trash_until(self, user_id: UUID, until: datetime, limit: int) -> list[Image]:
        """What the member had put in the trash by then, locked in the same order as by `locked`."""
        inside = select(Image).where(Image.user_id == user_id, _on(Shelf.trash), col(Image.trashed_at) <= until)
        statement = inside.order_by(col(Image.id)).limit(limit).with_for_update()
        return list(self.session.exec(statement.execution_options(populate_existing=True)))

    def in_trash(self, user_id: UUID) -> tuple[int, datetime | None]:
        """How many pictures, and when the last one was put there."""
        statement = select(func.count(), func.max(Image.trashed_at)).where(Image.user_id == user_id, _on(Shelf.trash))
        return self.session.exec(statement).one()

    def trash_ended(self, kept: timedelta, limit: int) -> list[Image]:
        """Pictures that were longer than `kept` in the trash, locked; what somebody else has locked is left to them."""
        ended = col(Image.trashed_at) < func.now() - kept
        statement = select(Image).where(ended).order_by(col(Image.trashed_at)).limit(limit)
        return list(self.session.exec(statement.with_for_update(skip_locked=True)))

    def delete(self, row: Image) -> None:
        """For good."""
        self.session.delete(row)

    def now(self) -> datetime:
        """The database's clock."""
        return self.session.exec(select(func.now())).one()

    def counts(self, project_ids: Collection[UUID]) -> dict[UUID, int]:
        """Pictures per project, without the trash; a project without any is left out."""
        statement = (
            select(Image.project_id, func.count())
            .where(col(Image.project_id).in_(project_ids), _on(Shelf.everything))
            .group_by(col(Image.project_id))
        )
        return dict(self.session.exec(statement).all())

    def covers(self, project_ids: Collection[UUID]) -> dict[UUID, Image]:
        """The newest picture of each project that is not in the trash."""
        newest = (
            select(Image)
            .where(col(Image.project_id).in_(project_ids), _on(Shelf.everything))
            .distinct(col(Image.project_id))
            .order_by(col(Image.project_id), col(Image.created_at).desc(), col(Image.id).desc())
        )
        return {row.project_id: row for row in self.session.exec(newest)}


def _at(shelf: Shelf) -> Mapped[datetime] | Mapped[datetime | None]:
    return col(Image.trashed_at) if shelf is Shelf.trash else col(Image.created_at)


def _on(shelf: Shelf) -> ColumnElement[bool]:
    """As the partial indexes of the table have it."""
    kept = col(Image.trashed_at).is_(None)
    match shelf:
        case Shelf.everything:
            return kept
        case Shelf.favourites:
            return col(Image.is_favourite) & kept
        case Shelf.trash:
            return col(Image.trashed_at).is_not(None)
