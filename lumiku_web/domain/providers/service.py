"""How the routes let themselves be asked: written down for all workers, read by whoever decides who is next."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.providers.models import ProviderRoute
from lumiku_web.domain.providers.repository import RouteRepository
from lumiku_web.domain.providers.schemas import RouteState

#: A route that answered this many times after it had been slowed is asked without a bound again.
FREE_FROM: Final = 64


def states(uow: UnitOfWork) -> dict[str, RouteState]:
    """Every route of which there is something to know, by its key."""
    return {row.key: _state(row) for row in RouteRepository(uow.session).every()}


def slow(uow: UnitOfWork, key: str, reason: str, *, seconds: float, in_flight: int) -> None:
    """The provider asked for a pause: nothing is asked for so long, then half of what was in flight.

    Joins the caller's transaction and locks the route's row until its end: after rows of items, before a member's sequence.
    """
    RouteRepository(uow.session).slow(key, reason, wait=timedelta(seconds=seconds), allowed=max(1, in_flight // 2))


def answered(uow: UnitOfWork, key: str) -> None:
    """The provider made a picture. Locks as `slow` does, where the route is slowed."""
    RouteRepository(uow.session).answered(key, free_from=FREE_FROM)


def pause(uow: UnitOfWork, key: str) -> None:
    """Nothing more is begun by this route, or by any (`EVERYTHING`); what runs goes on. Twice is once.

    The caller checks rights, here and below.
    """
    if not _is_paused(uow, key):
        RouteRepository(uow.session).put(key, paused_at=func.clock_timestamp())


def resume(uow: UnitOfWork, key: str) -> None:
    """The end of a pause; what a provider asked for is forgotten too."""
    RouteRepository(uow.session).put(key, paused_at=None, slowed_until=None, slow_reason="", allowed=None)


def limit(uow: UnitOfWork, key: str, concurrency: int | None) -> None:
    """Bound what is in flight by this route; None: no bound. At least 1."""
    RouteRepository(uow.session).put(key, concurrency_limit=concurrency)


def _is_paused(uow: UnitOfWork, key: str) -> bool:
    known = states(uow).get(key)
    return known is not None and known.paused_at is not None


def _state(row: ProviderRoute) -> RouteState:
    return RouteState(row.key, row.concurrency_limit, row.allowed, row.slowed_until, row.slow_reason, row.paused_at)
