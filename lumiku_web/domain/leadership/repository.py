"""Statements over leaderships."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.leadership.models import Leadership

#: Silence within a transaction that ends the session of whoever holds the row, in milliseconds: frozen, it holds up all others.
FROZEN_MS: Final = 4000


class LeadershipRepository(Repository[Leadership]):
    """One row a task."""

    model = Leadership

    def acquire(self, task: str, holder: UUID, lasting: timedelta) -> int | None:
        """Take, or prolong, the leadership; returns its term, or None while somebody else holds it."""
        self._end_if_frozen()
        until = func.clock_timestamp() + lasting
        is_mine = col(Leadership.holder) == holder
        term = case((is_mine, col(Leadership.term)), else_=col(Leadership.term) + 1)
        statement = (
            insert(Leadership)
            .values(task=task, holder=holder, term=1, until=until)
            .on_conflict_do_update(
                index_elements=["task"],
                set_={"holder": holder, "term": term, "until": until},
                where=or_(is_mine, col(Leadership.until) < func.clock_timestamp()),
            )
            .returning(col(Leadership.term))
        )
        return self.session.execute(statement).scalar_one_or_none()

    def is_held(self, task: str, holder: UUID, term: int) -> bool:
        """Whether nobody else has taken it since; the row stays locked against a change until the transaction ends."""
        self._end_if_frozen()
        statement = (
            select(Leadership.term)
            .where(Leadership.task == task, Leadership.holder == holder, Leadership.term == term)
            .with_for_update(read=True)
        )
        return self.session.exec(statement).first() is not None

    def release(self, task: str, holder: UUID) -> None:
        """Let the next one have it at once."""
        mine = col(Leadership.task) == task, col(Leadership.holder) == holder
        self.session.execute(update(Leadership).where(*mine).values(until=func.clock_timestamp()))

    def _end_if_frozen(self) -> None:
        """Let PostgreSQL end this transaction soon if its process freezes in it."""
        self.session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {FROZEN_MS}"))
