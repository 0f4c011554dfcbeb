"""Time, moved in the rows instead of waited for."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import update

from lumiku_web import bridge
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.policy import WAIT_LIMIT
from lumiku_web.domain.providers.models import ProviderRoute


def _set(item_id: UUID, **values: object) -> None:
    def write(uow: UnitOfWork) -> None:
        uow.session.execute(update(GenerationItem).where(GenerationItem.id == item_id).values(**values))  # pyright: ignore[reportArgumentType]  (SQLModel)

    bridge.run(write)


def end_lease(item_id: UUID) -> None:
    """The worker of this running item has been silent for too long."""
    _set(item_id, lease_until=utc_now() - timedelta(seconds=1))


def make_due(item_id: UUID) -> None:
    """The time that this item has to wait is over, and that of the routes too."""
    _set(item_id, not_before_at=utc_now() - timedelta(seconds=1))
    rest_is_over()


def rest_is_over() -> None:
    """The time that providers asked for is over."""
    past = utc_now() - timedelta(seconds=1)
    bridge.run(lambda uow: uow.session.execute(update(ProviderRoute).values(slowed_until=past)))


def order_long_ago(item_id: UUID) -> None:
    """Longer ago than anybody waits."""
    _set(item_id, created_at=utc_now() - WAIT_LIMIT - timedelta(minutes=1))


def use_up_attempts(item_id: UUID, number: int) -> None:
    """So many attempts of this running item were made, with the one that runs."""
    _set(item_id, attempt=number)


def ask_by(item_id: UUID, route: str) -> None:
    """Its order is for a model of another route."""
    _set(item_id, route=route)


def hand_over_long_ago(item_id: UUID) -> None:
    """So long ago that the queue may have lost it."""
    _set(item_id, dispatched_at=utc_now() - timedelta(minutes=5))


def end_long_ago(item_id: UUID) -> None:
    """An ended item that no page shows any more."""
    _set(item_id, finished_at=utc_now() - timedelta(days=2))
