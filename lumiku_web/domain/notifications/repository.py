"""Statements over member sequences."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.notifications.models import MemberSequence

_INCREMENT = text("""
INSERT INTO member_sequences AS known (user_id, value) VALUES (:user_id, 1)
ON CONFLICT (user_id) DO UPDATE SET value = known.value + 1 RETURNING value
""")


class SequenceRepository(Repository[MemberSequence]):
    """One row a member."""

    model = MemberSequence

    def increment(self, user_id: UUID) -> int:
        """The next number; the row stays locked until the transaction ends, so that numbers become visible in order."""
        return self.session.execute(_INCREMENT, {"user_id": user_id}).scalar_one()

    def values(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """The present number of each member that has one."""
        statement = select(MemberSequence.user_id, MemberSequence.value).where(col(MemberSequence.user_id).in_(user_ids))
        return dict(self.session.exec(statement).all())
