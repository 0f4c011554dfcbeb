"""Statements over routes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.providers.models import ProviderRoute


class RouteRepository(Repository[ProviderRoute]):
    """One row a route of which there is something to know."""

    model = ProviderRoute

    def every(self) -> list[ProviderRoute]:
        """All rows, by key."""
        return list(self.session.exec(select(ProviderRoute).order_by(col(ProviderRoute.key))))

    def put(self, key: str, **facts: Any) -> None:  # noqa: ANN401 (columns)
        """Set these columns, in a new row if there is none."""
        statement = insert(ProviderRoute).values({"key": key, "slow_reason": "", **facts})
        self.session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=facts))

    def slow(self, key: str, reason: str, *, wait: timedelta, allowed: int) -> None:
        """Ask nothing for `wait`, then `allowed` at once. A longer wait, and a lower number, stay."""
        until = func.clock_timestamp() + wait
        statement = insert(ProviderRoute).values(key=key, slowed_until=until, slow_reason=reason, allowed=allowed)
        longer = func.greatest(col(ProviderRoute.slowed_until), until)
        lower = func.least(col(ProviderRoute.allowed), allowed)
        self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"], set_={"slowed_until": longer, "slow_reason": reason, "allowed": lower}
            )
        )

    def answered(self, key: str, *, free_from: int) -> None:
        """One more may be asked at once; from `free_from` on there is no bound any more. Nothing is written for a free route."""
        more = col(ProviderRoute.allowed) + 1
        statement = (
            update(ProviderRoute)
            .where(col(ProviderRoute.key) == key, col(ProviderRoute.allowed).is_not(None))
            .values(allowed=case((more >= free_from, None), else_=more))
        )
        self.session.execute(statement)
