"""Statements over storage accounts and loose files."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from lumiku_web.domain.storage.models import LooseFiles, MemberStorage


class StorageRepository:
    """Both tables, in the caller's transaction. Time is the database's own."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def used_bytes(self, user_id: UUID) -> int:
        """0 for a member who never kept anything."""
        return self.session.exec(select(MemberStorage.used_bytes).where(MemberStorage.user_id == user_id)).first() or 0

    def add_bytes(self, user_id: UUID, added: int, *, limit_bytes: int | None = None) -> bool:
        """Count them in one statement that no race slips through; False if that passes `limit_bytes`. Locks the account."""
        if added < 0:  # an insert would already fail at its CHECK
            fewer = update(MemberStorage).where(col(MemberStorage.user_id) == user_id)
            self.session.execute(fewer.values(used_bytes=col(MemberStorage.used_bytes) + added))
            return True
        total = col(MemberStorage.used_bytes) + added
        fits = total <= limit_bytes if limit_bytes is not None else None
        statement = (
            insert(MemberStorage)
            .values(user_id=user_id, used_bytes=added)
            .on_conflict_do_update(index_elements=["user_id"], set_={"used_bytes": total}, where=fits)
            .returning(col(MemberStorage.used_bytes))
        )
        counted = self.session.execute(statement).scalar_one_or_none()
        return counted is not None and (limit_bytes is None or counted <= limit_bytes)

    def reserve(self, user_id: UUID, image_id: UUID, kept_for: timedelta) -> bool:
        """Note files that are about to be stored, or prolong the note; False while a sweeper deletes these very files."""
        due = func.clock_timestamp() + kept_for
        statement = (
            insert(LooseFiles)
            .values(image_id=image_id, user_id=user_id, due_at=due, is_being_deleted=False)
            .on_conflict_do_update(index_elements=["image_id"], set_={"due_at": due}, where=~col(LooseFiles.is_being_deleted))
            .returning(col(LooseFiles.image_id))
        )
        return self.session.execute(statement).scalar_one_or_none() is not None

    def settle(self, image_id: UUID) -> bool:
        """The files have their row now: forget the note. False if there was none, or a sweeper is deleting them."""
        statement = delete(LooseFiles).where(col(LooseFiles.image_id) == image_id, ~col(LooseFiles.is_being_deleted))
        return self.session.execute(statement.returning(col(LooseFiles.image_id))).scalar_one_or_none() is not None

    def take_due(self, limit: int, *, again_after: timedelta) -> list[tuple[UUID, UUID]]:
        """Mark due files as being deleted; returns pairs of member and picture. Those that a dead sweeper took come again."""
        now = func.clock_timestamp()
        due = (
            select(LooseFiles.image_id)
            .where(col(LooseFiles.due_at) <= now)
            .order_by(col(LooseFiles.due_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(LooseFiles)
            .where(col(LooseFiles.image_id).in_(due))
            .values(is_being_deleted=True, due_at=now + again_after)
            .returning(col(LooseFiles.user_id), col(LooseFiles.image_id))
            .execution_options(synchronize_session=False)
        )
        return [(row[0], row[1]) for row in self.session.execute(statement)]

    def forget(self, image_ids: list[UUID]) -> None:
        """The files are gone."""
        self.session.execute(delete(LooseFiles).where(col(LooseFiles.image_id).in_(image_ids)))
