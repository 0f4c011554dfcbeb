"""Statements over routes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from lumiku_web.db.base import table_of
from lumiku_web.db.repository import Repository
from lumiku_web.domain.providers.models import ProviderRoute

_ROUTES = table_of(ProviderRoute)
_EVERY = select(ProviderRoute).order_by(col(ProviderRoute.key))
_ANSWERED = (
    update(_ROUTES)
    .where(_ROUTES.c.key == bindparam("route"), _ROUTES.c.allowed.is_not(None))
    .values(allowed=case((_ROUTES.c.allowed + 1 >= bindparam("free_from"), None), else_=_ROUTES.c.allowed + 1))
)


class RouteRepository(Repository[ProviderRoute]):
    """One row a route of which there is something to know."""

    model = ProviderRoute

    def every(self) -> list[ProviderRoute]:
        """All rows, by key."""
        return list(self.session.exec(_EVERY))

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
        self.session.execute(_ANSWERED, {"route": key, "free_from": free_from})
