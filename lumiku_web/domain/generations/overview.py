"""What the house has to do right now, in numbers and in lists. Read here by whoever shows them or exports them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlmodel import col, or_, select

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import retry_key
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository
from lumiku_web.domain.generations.schemas import FINAL, ItemStatus, WorkerRead
from lumiku_web.domain.providers import service as providers
from lumiku_web.domain.providers.schemas import EVERYTHING, RouteState

#: How far back the numbers look that count what ended.
LATELY: Final = timedelta(hours=1)
#: How far back the list of failed orders looks.
FAILED_WITHIN: Final = timedelta(hours=24)
#: Who waits longer than this is worth a look.
LONG_WAIT: Final = timedelta(minutes=2)
#: So many attempts at one picture are, too.
MANY_ATTEMPTS: Final = 2
#: The most that a list holds, the worst first.
LIST_LIMIT: Final = 100


@dataclass(frozen=True)
class RouteNumbers:
    """One route: what waits for it, what it does, how it did within `LATELY`."""

    key: str
    state: RouteState
    #: Wait for their turn; the rest of them is in RQ.
    waiting: int = 0
    #: Are in RQ: handed over, or running.
    in_flight: int = 0
    #: From the beginning of the last attempt to the picture; None where none came.
    median_seconds: float | None = None
    p90_seconds: float | None = None
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Numbers:
    """The house, at one moment of the database's clock."""

    at: datetime
    #: Wait for their turn; were handed over to RQ, and no worker has begun; are being made.
    waiting: int = 0
    handed_over: int = 0
    running: int = 0
    #: Age of the oldest order of which something has not begun; None: nothing waits.
    oldest_wait_seconds: float | None = None
    #: Items that the workers have room for.
    capacity: int = 0
    #: Within `LATELY`; `ended` counts the failed ones, too.
    ended: int = 0
    failed: int = 0
    #: Nothing is begun by any route, by an admin's wish.
    is_paused: bool = False
    #: By key.
    routes: tuple[RouteNumbers, ...] = field(default=())

    @property
    def utilisation(self) -> float:
        """Which part of the capacity works; 0 without a worker."""
        return self.running / self.capacity if self.capacity else 0.0


class Trouble(StrEnum):
    """Why an item is worth a look."""

    waits = "waits"
    #: It runs longer than its order allows.
    overdue = "overdue"
    attempts = "attempts"


@dataclass(frozen=True)
class StuckItem:
    """An item that has not ended, and should have."""

    id: UUID
    generation_id: UUID
    email: str
    app: str
    route: str
    trouble: Trouble
    status: ItemStatus
    attempt: int
    max_attempts: int
    #: Of its order.
    ordered_at: datetime
    #: Text catalogue key (`error.<key>`) of what last went wrong, with the facts of its sentence; empty: nothing did.
    failure: str
    failure_facts: dict[str, object]
    #: The correlation id of its order, for the logs.
    correlation_id: str


@dataclass(frozen=True)
class FailedOrder:
    """An order of which something failed within `FAILED_WITHIN`."""

    id: UUID
    email: str
    app: str
    route: str
    failed: int
    count: int
    #: Of the picture that failed last: text catalogue key (`error.<key>`) and the facts of its sentence.
    failure: str
    failure_facts: dict[str, object]
    failed_at: datetime
    correlation_id: str
    #: Something of it has not ended.
    is_running: bool
    #: Another order has taken up what failed in this one.
    is_tried_again: bool


@dataclass(frozen=True)
class Overview:
    """All of it, of one moment."""

    numbers: Numbers
    workers: tuple[WorkerRead, ...]
    stuck: tuple[StuckItem, ...]
    failed: tuple[FailedOrder, ...]


def overview(uow: UnitOfWork, workers: Sequence[WorkerRead], known: catalog.Providers) -> Overview:
    """The numbers and the lists. `workers` come from `JobQueue.workers`, asked before: Redis is no part of a transaction.

    Not for members: it names everybody. The caller checks who asks.
    """
    uow.snapshot()
    return Overview(numbers(uow, workers, known), tuple(workers), tuple(stuck(uow)), tuple(failed_orders(uow)))


def numbers(uow: UnitOfWork, workers: Sequence[WorkerRead], known: catalog.Providers) -> Numbers:
    """Three statements over what has not ended and what ended within `LATELY`."""
    now = ItemRepository(uow.session).now()
    states = providers.states(uow)
    open_by, ended_by = _open(uow), _ended(uow)
    keys = {*catalog.route_keys(uow, known), *open_by, *ended_by, *states} - {EVERYTHING}
    routes = tuple(_route(key, states, open_by.get(key), ended_by.get(key)) for key in sorted(keys))
    oldest = min((some.oldest for some in open_by.values() if some.oldest), default=None)
    return Numbers(
        at=now,
        waiting=sum(some.waiting for some in open_by.values()),
        handed_over=sum(some.handed_over for some in open_by.values()),
        running=sum(some.running for some in open_by.values()),
        oldest_wait_seconds=max((now - oldest).total_seconds(), 0.0) if oldest else None,
        capacity=sum(worker.capacity for worker in workers),
        ended=sum(some.delivered + some.failed for some in ended_by.values()),
        failed=sum(some.failed for some in ended_by.values()),
        is_paused=EVERYTHING in states and states[EVERYTHING].paused_at is not None,
        routes=routes,
    )


def stuck(uow: UnitOfWork, *, long_wait: timedelta = LONG_WAIT) -> list[StuckItem]:
    """What has waited for longer than that, runs beyond its time limit, or was begun often; the oldest orders first."""
    now = func.clock_timestamp()
    is_running = col(GenerationItem.status) == ItemStatus.running
    limit = func.make_interval(0, 0, 0, 0, 0, 0, col(Generation.timeout_seconds))
    is_overdue = is_running & (col(GenerationItem.started_at) < now - limit)
    waits = ~is_running & (col(GenerationItem.created_at) < now - long_wait)
    statement = (
        select(GenerationItem, Generation, is_overdue)
        .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
        .where(_not_ended(), or_(waits, is_overdue, col(GenerationItem.attempt) >= MANY_ATTEMPTS))
        .order_by(col(GenerationItem.id))
        .limit(LIST_LIMIT)
    )
    rows = list(uow.session.exec(statement))
    emails = accounts.emails(uow, {item.user_id for item, _, _ in rows})
    return [_stuck(item, order, emails[item.user_id], is_overdue=late) for item, order, late in rows]


def failed_orders(uow: UnitOfWork) -> list[FailedOrder]:
    """Orders of which something failed lately, the last one first."""
    last = func.max(col(GenerationItem.finished_at))
    statement = (
        select(GenerationItem.generation_id)
        .where(col(GenerationItem.status) == ItemStatus.failed, _ended_within(FAILED_WITHIN))
        .group_by(col(GenerationItem.generation_id))
        .order_by(last.desc())
        .limit(LIST_LIMIT)
    )
    ids = list(uow.session.exec(statement))
    orders = {order.id: order for order in GenerationRepository(uow.session).by_ids(ids)}
    items: dict[UUID, list[GenerationItem]] = {order_id: [] for order_id in ids}
    for item in ItemRepository(uow.session).of_generations(ids):
        items[item.generation_id].append(item)
    emails = accounts.emails(uow, {order.user_id for order in orders.values()})
    tried_again = {
        one: (item.user_id, retry_key(one)) for item in _failed(items.values()) for one in (item.id, item.generation_id)
    }
    taken = GenerationRepository(uow.session).taken(set(tried_again.values()))
    done = {one for one, key in tried_again.items() if key in taken}
    return [_order(orders[order_id], items[order_id], emails[orders[order_id].user_id], done) for order_id in ids]


@dataclass(frozen=True)
class _Open:
    waiting: int
    handed_over: int
    running: int
    oldest: datetime | None


@dataclass(frozen=True)
class _Ended:
    delivered: int
    failed: int
    median_seconds: float | None
    p90_seconds: float | None


def _open(uow: UnitOfWork) -> dict[str, _Open]:
    is_queued = col(GenerationItem.status) == ItemStatus.queued
    is_there = col(GenerationItem.dispatched_at).is_not(None)
    statement = (
        select_columns(
            col(GenerationItem.route),
            func.count().filter(is_queued, ~is_there),
            func.count().filter(is_queued, is_there),
            func.count().filter(~is_queued),
            func.min(col(GenerationItem.created_at)).filter(is_queued),
        )
        .where(_not_ended())
        .group_by(col(GenerationItem.route))
    )
    return {row[0]: _Open(*row[1:]) for row in uow.session.execute(statement)}


def _ended(uow: UnitOfWork) -> dict[str, _Ended]:
    is_made = col(GenerationItem.status) == ItemStatus.succeeded
    took = func.extract("epoch", col(GenerationItem.finished_at) - col(GenerationItem.started_at))
    statement = (
        select_columns(
            col(GenerationItem.route),
            func.count().filter(is_made),
            func.count().filter(~is_made),
            *(func.percentile_cont(part).within_group(took).filter(is_made) for part in (0.5, 0.9)),
        )
        .where(col(GenerationItem.status).in_((ItemStatus.succeeded, ItemStatus.failed)), _ended_within(LATELY))
        .group_by(col(GenerationItem.route))
    )
    return {row[0]: _Ended(*row[1:]) for row in uow.session.execute(statement)}


def _not_ended() -> ColumnElement[bool]:
    return col(GenerationItem.status).in_((ItemStatus.queued, ItemStatus.running))


def _ended_within(span: timedelta) -> ColumnElement[bool]:
    """By the transaction's clock: an index can't be searched by one that runs on."""
    return col(GenerationItem.finished_at) > func.now() - span


def _route(key: str, states: dict[str, RouteState], is_open: _Open | None, ended: _Ended | None) -> RouteNumbers:
    return RouteNumbers(
        key=key,
        state=states.get(key, RouteState(key)),
        waiting=is_open.waiting if is_open else 0,
        in_flight=is_open.handed_over + is_open.running if is_open else 0,
        median_seconds=ended.median_seconds if ended else None,
        p90_seconds=ended.p90_seconds if ended else None,
        delivered=ended.delivered if ended else 0,
        failed=ended.failed if ended else 0,
    )


def _stuck(item: GenerationItem, order: Generation, email: str, *, is_overdue: bool) -> StuckItem:
    often = item.attempt >= MANY_ATTEMPTS
    return StuckItem(
        id=item.id,
        generation_id=item.generation_id,
        email=email,
        app=order.app,
        route=item.route,
        trouble=Trouble.overdue if is_overdue else Trouble.attempts if often else Trouble.waits,
        status=ItemStatus(item.status),
        attempt=item.attempt,
        max_attempts=order.max_attempts,
        ordered_at=item.created_at,
        failure=item.failure,
        failure_facts=item.failure_facts,
        correlation_id=order.correlation_id,
    )


def _failed(orders: Iterable[list[GenerationItem]]) -> list[GenerationItem]:
    return [item for items in orders for item in items if item.status == ItemStatus.failed]


def _order(order: Generation, items: list[GenerationItem], email: str, tried_again: Collection[UUID]) -> FailedOrder:
    """`tried_again`: items and orders that another order has taken up."""
    failed = _failed([items])
    last = max(failed, key=_ended_at)
    return FailedOrder(
        id=order.id,
        email=email,
        app=order.app,
        route=last.route,
        failed=len(failed),
        count=order.count,
        failure=last.failure,
        failure_facts=last.failure_facts,
        failed_at=_ended_at(last),
        correlation_id=order.correlation_id,
        is_running=any(item.status not in FINAL for item in items),
        is_tried_again=order.id in tried_again or all(item.id in tried_again for item in failed),
    )


def _ended_at(item: GenerationItem) -> datetime:
    return item.finished_at or item.created_at
