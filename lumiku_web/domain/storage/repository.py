"""Statements over storage accounts and loose files."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, func, text, update
from sqlmodel import Session, col, select

from lumiku_web.db.base import table_of
from lumiku_web.domain.storage.models import LooseFiles, MemberStorage

_ACCOUNTS = table_of(MemberStorage)
_USED = select(_ACCOUNTS.c.used_bytes).where(_ACCOUNTS.c.user_id == bindparam("user_id"))

_ADD = text("""
INSERT INTO member_storage AS known (user_id, used_bytes) VALUES (:user_id, :added)
ON CONFLICT (user_id) DO UPDATE SET used_bytes = known.used_bytes + excluded.used_bytes
WHERE CAST(:limit_bytes AS bigint) IS NULL OR known.used_bytes + excluded.used_bytes <= CAST(:limit_bytes AS bigint)
RETURNING used_bytes
""")
_RESERVE = text("""
INSERT INTO loose_files AS known (image_id, user_id, due_at, is_being_deleted)
VALUES (:image_id, :user_id, clock_timestamp() + :kept_for, false)
ON CONFLICT (image_id) DO UPDATE SET due_at = excluded.due_at WHERE NOT known.is_being_deleted
RETURNING image_id
""")
_SETTLE = text("DELETE FROM loose_files WHERE image_id = :image_id AND NOT is_being_deleted RETURNING image_id")


class StorageRepository:
    """Both tables, in the caller's transaction. Time is the database's own."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def used_bytes(self, user_id: UUID) -> int:
        """0 for a member who never kept anything."""
        return self.session.execute(_USED, {"user_id": user_id}).scalar_one_or_none() or 0

    def add_bytes(self, user_id: UUID, added: int, *, limit_bytes: int | None = None) -> bool:
        """Count them in one statement that no race slips through; False if that passes `limit_bytes`. Locks the account."""
        if added < 0:  # an insert would already fail at its CHECK
            fewer = update(MemberStorage).where(col(MemberStorage.user_id) == user_id)
            self.session.execute(fewer.values(used_bytes=col(MemberStorage.used_bytes) + added))
            return True
        facts = {"user_id": user_id, "added": added, "limit_bytes": limit_bytes}
        counted = self.session.execute(_ADD, facts).scalar_one_or_none()
        return counted is not None and (limit_bytes is None or counted <= limit_bytes)

    def reserve(self, user_id: UUID, image_id: UUID, kept_for: timedelta) -> bool:
        """Note files that are about to be stored, or prolong the note; False while a sweeper deletes these very files."""
        note = {"image_id": image_id, "user_id": user_id, "kept_for": kept_for}
        return self.session.execute(_RESERVE, note).scalar_one_or_none() is not None

    def settle(self, image_id: UUID) -> bool:
        """The files have their row now: forget the note. False if there was none, or a sweeper is deleting them."""
        return self.session.execute(_SETTLE, {"image_id": image_id}).scalar_one_or_none() is not None

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
