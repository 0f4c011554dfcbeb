"""Statements over member sequences."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.notifications.models import MemberSequence


class SequenceRepository(Repository[MemberSequence]):
    """One row a member."""

    model = MemberSequence

    def increment(self, user_id: UUID) -> int:
        """The next number; the row stays locked until the transaction ends, so that numbers become visible in order."""
        statement = (
            insert(MemberSequence)
            .values(user_id=user_id, value=1)
            .on_conflict_do_update(index_elements=["user_id"], set_={"value": col(MemberSequence.value) + 1})
            .returning(col(MemberSequence.value))
        )
        return self.session.execute(statement).scalar_one()

    def values(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """The present number of each member that has one."""
        statement = select(MemberSequence.user_id, MemberSequence.value).where(col(MemberSequence.user_id).in_(user_ids))
        return dict(self.session.exec(statement).all())
