"""How long it will take, and why it waits: what members with open tabs are told of pictures that are not there yet.

Place and time are a forecast of what the dispatcher will do. It remembers what everybody has spent, which is not written down;
here whoever has something in flight is taken to have had a turn. That is wrong by one turn of a member at most.
"""

import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Float, Uuid, case, func, over, text, type_coerce
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, or_, select

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.generations.models import IS_IN_RQ, Generation, GenerationItem
from lumiku_web.domain.generations.repository import ItemRepository
from lumiku_web.domain.generations.schemas import ItemStatus
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING, RouteState

#: Of one member the newest orders of which something has not ended: as many as a page shows.
ORDERS: Final = 12
#: How long a route takes is read from its last pictures, and kept in the process for so long.
_TIMED_ITEMS: Final = 200
_TIMED_DAYS: Final = 1
_TIMES_KEPT_SECONDS: Final = 30.0
#: Fewer pictures say nothing of the next one.
_TIMED_LEAST: Final = 3
#: Times are told in these steps: more would promise what nobody knows. In seconds.
STEPS: Final = (
    *(10, 15, 20, 30, 40, 50, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 5400),
    *(hours * 3600 for hours in (2, 3, 4, 6, 8, 12, 18, 24)),
)

#: Places up to this one are told as they are.
EXACT_PLACES: Final = 30


class Why(StrEnum):
    """Why there is no picture yet. Text catalogue key: `outlook.<why>`."""

    running = "running"
    #: Others were there before, or it is about to be begun.
    turn = "turn"
    #: The member has as much in flight as one member may.
    member_limit = "member_limit"
    #: The route does.
    route_limit = "route_limit"
    #: The provider asked for a pause.
    slowed = "slowed"
    #: An admin did.
    paused = "paused"
    #: The last attempt failed, and the next one has its time.
    attempt = "attempt"
    no_worker = "no_worker"


@dataclass(frozen=True)
class Span:
    """From when to when, in seconds, each one of `STEPS`. Both the same: about. `low` 0: less than `high`."""

    low: int
    high: int


@dataclass(frozen=True)
class Outlook:
    """Of one picture. Two that are equal are told by the same words."""

    user_id: UUID
    order_id: UUID
    why: Why
    #: Among those that can have their turn, as `told_place` says it; None: it can't have it now.
    place: int | None = None
    #: The limit that `why` speaks of.
    count: int = 0
    #: Until it is there, or goes on; of a running one: how long such a picture takes as a whole. None: nobody knows.
    time: Span | None = None


@dataclass(frozen=True)
class Took:
    """How long pictures of a route took, in seconds: a quarter of them at most `low`, half `middle`, nine of ten `high`."""

    low: float
    middle: float
    high: float

    def times(self, factor: float) -> "Took":
        return Took(self.low * factor, self.middle * factor, self.high * factor)

    def and_then(self, other: "Took") -> "Took":
        return Took(self.low + other.low, self.middle + other.middle, self.high + other.high)


@dataclass(frozen=True)
class _Item:
    id: UUID
    user_id: UUID
    order_id: UUID
    route: str
    status: str
    is_in_queue: bool
    not_before_at: datetime | None


@dataclass(frozen=True)
class _Line:
    """Where a waiting item stands."""

    #: How many of its member's must end before it may begin; not more than 0: none.
    beyond: int
    #: Among those of its route that their members' limits let through; None: it is not among them.
    by_route: int | None
    #: Among all that can have their turn.
    place: int | None


@dataclass(frozen=True)
class _House:
    """What the forecast of every item is made from."""

    now: datetime
    states: Mapping[str, RouteState]
    #: Items that the workers can hold at once, and those of each route that they hold.
    capacity: int
    running: Mapping[str, int]
    took: Mapping[str, Took]
    member_limit: int

    def room(self, route: str) -> int | None:
        """How many more of this route may run; None: as many as there are."""
        state = self.states.get(route)
        return None if state is None or state.limit is None else max(state.limit - self.running.get(route, 0), 0)

    def is_paused(self, route: str) -> bool:
        return any(state.paused_at for state in self._states_of(route))

    def slowed_until(self, route: str) -> datetime | None:
        """None if it is not slowed now."""
        until = [state.slowed_until for state in self._states_of(route) if state.slowed_until and state.slowed_until > self.now]
        return max(until, default=None)

    def after(self, ahead: int, route: str, *, at_once: int | None = None) -> Span | None:
        """Until a picture of this route is there that `ahead` others end before: `at_once` of its kind, or any."""
        own = self.took.get(route)
        if own is None:
            return None
        others, slots = (own, min(at_once, self.capacity)) if at_once else (self._usual or own, self.capacity)
        whole = others.times(max(ahead, 0) / slots).and_then(own)
        return told_span(whole.low, whole.middle, whole.high)

    @cached_property
    def free(self) -> int:
        """How many more may run."""
        return max(self.capacity - sum(self.running.values()), 0)

    @cached_property
    def _usual(self) -> Took | None:
        """Of what runs now."""
        known = [(count, self.took[route]) for route, count in self.running.items() if count and route in self.took]
        if not known:
            return None
        total = Took(0.0, 0.0, 0.0)
        for count, took in known:
            total = total.and_then(took.times(count))
        return total.times(1 / sum(count for count, _ in known))

    def _states_of(self, route: str) -> list[RouteState]:
        return [self.states[key] for key in (EVERYTHING, route) if key in self.states]


@dataclass
class Outlooks:
    """Remembers how long routes take, for `_TIMES_KEPT_SECONDS`. One look at a time."""

    #: Items of one member in flight at once.
    member_limit: int
    clock: Callable[[], float] = time.monotonic
    _took: dict[str, tuple[float, Took | None]] = field(default_factory=dict[str, tuple[float, Took | None]])

    def look(self, uow: UnitOfWork, user_ids: Collection[UUID], capacity: int) -> dict[UUID, Outlook]:
        """What these members are to be told, by item, of their newest `ORDERS` orders that have not ended.

        `capacity`: items that the workers can hold at once; asked before, since Redis is no part of a transaction.
        """
        uow.snapshot()
        mine = _unfinished(uow, user_ids)
        if not mine:
            return {}
        items = ItemRepository(uow.session)
        active = items.active()
        running: Counter[str] = Counter()
        for some in active:
            running[some.route] += some.running
        house = _House(
            now=items.now(),
            states=routes.states(uow),
            capacity=capacity,
            running=running,
            took=self._times(uow, {*running, *(item.route for item in mine)}),
            member_limit=self.member_limit,
        )
        queued = {item.order_id for item in mine if item.status == ItemStatus.queued}
        lines = _lines(uow, queued, house) if queued and capacity else {}
        return {item.id: _outlook(item, lines.get(item.id), house) for item in mine}

    def _times(self, uow: UnitOfWork, wanted: Collection[str]) -> dict[str, Took]:
        now = self.clock()
        self._took = {route: kept for route, kept in self._took.items() if now - kept[0] < _TIMES_KEPT_SECONDS}
        unknown = [route for route in wanted if route not in self._took]
        if unknown:
            read = _times(uow, unknown)
            self._took |= {route: (now, read.get(route)) for route in unknown}
        return {route: took for route, (_, took) in self._took.items() if took is not None}


def told_span(low: float, middle: float, high: float) -> Span:
    """In honest steps. Whoever is told "about" waits no third less and no half longer, in all but one case of ten."""
    if high <= STEPS[0]:
        return Span(0, STEPS[0])
    near = min(_step_below(middle), _step_above(middle), key=lambda step: abs(step - middle))
    if near * 2 / 3 <= low and high <= near * 3 / 2:
        return Span(near, near)
    return Span(_step_below(low), _step_above(high))


def _step_below(seconds: float) -> int:
    place = bisect_right(STEPS, seconds)
    return STEPS[place - 1] if place else 0


def _step_above(seconds: float) -> int:
    return STEPS[min(bisect_left(STEPS, seconds), len(STEPS) - 1)]


def told_place(place: int) -> int:
    """As exactly as it matters: beyond `EXACT_PLACES` in tens, beyond ten times as many in hundreds, rounded up."""
    step = 1 if place <= EXACT_PLACES else 10 if place <= 10 * EXACT_PLACES else 100
    return -(-place // step) * step


def _outlook(item: _Item, line: _Line | None, house: _House) -> Outlook:
    def told(why: Why, time: Span | None = None, *, place: int | None = None, count: int = 0) -> Outlook:
        return Outlook(item.user_id, item.order_id, why, told_place(place) if place else None, count, time)

    if item.status == ItemStatus.running:
        return told(Why.running, house.after(0, item.route))
    closed = _closed(item, house)
    if closed is not None:
        return told(*closed)
    if line is None:  # its time comes at this very moment
        return told(Why.turn)
    if line.beyond > 0:
        limit = house.member_limit
        return told(Why.member_limit, house.after(line.beyond, item.route, at_once=limit), count=limit)
    room, by_route = house.room(item.route), line.by_route or 0
    if room is not None and by_route > room:
        limit = house.states[item.route].limit or 1
        behind = by_route - room
        return told(Why.route_limit, house.after(behind, item.route, at_once=limit), place=behind, count=limit)
    place = line.place or 1
    return told(Why.turn, house.after(place - house.free, item.route), place=place)


def _closed(item: _Item, house: _House) -> tuple[Why, Span | None] | None:
    """Why nobody can begin with it now, whatever its place is, and how long that lasts."""
    if not item.is_in_queue and house.is_paused(item.route):
        return Why.paused, None
    if not house.capacity:
        return Why.no_worker, None
    if item.is_in_queue:
        return None
    if item.not_before_at is not None and item.not_before_at > house.now:
        return Why.attempt, _until(item.not_before_at, house.now)
    slowed_until = house.slowed_until(item.route)
    return (Why.slowed, _until(slowed_until, house.now)) if slowed_until else None


def _until(moment: datetime, now: datetime) -> Span:
    seconds = (moment - now).total_seconds()
    return told_span(seconds, seconds, seconds)


def _unfinished(uow: UnitOfWork, user_ids: Collection[UUID]) -> list[_Item]:
    newest = func.dense_rank().over(partition_by=col(GenerationItem.user_id), order_by=col(GenerationItem.generation_id).desc())
    mine = (
        select_columns(
            col(GenerationItem.id),
            col(GenerationItem.user_id),
            col(GenerationItem.generation_id),
            col(GenerationItem.route),
            col(GenerationItem.status),
            col(GenerationItem.dispatched_at).is_not(None).label("is_in_queue"),
            col(GenerationItem.not_before_at),
            newest.label("newest"),
        )
        .where(
            col(GenerationItem.user_id).in_(user_ids),
            col(GenerationItem.status).in_((ItemStatus.queued, ItemStatus.running)),
        )
        .subquery("mine")
    )
    statement = select_columns(*(column for column in mine.c if column is not mine.c.newest)).where(mine.c.newest <= ORDERS)
    return [_Item(*row) for row in uow.session.execute(statement)]


def _lines(uow: UnitOfWork, order_ids: Collection[UUID], house: _House) -> dict[UUID, _Line]:
    """Where the waiting items of these orders stand among those of all.

    The order of `Turns`: a member's items each cost a turn divided by its weight, and equal turns go to whoever has less in
    flight. What is in RQ comes first. Costs a look at each waiting item of the house, and a sort of those within their limits.
    """
    rooms = {route: room for route in house.states if (room := house.room(route)) is not None}
    waiting = _waiting(house)
    by_route = func.row_number().over(partition_by=waiting.c.route, order_by=_turns(waiting))
    is_let_through = or_(waiting.c.dispatched_at.is_not(None), waiting.c.beyond <= 0)
    let_through = select_columns(*waiting.c, by_route.label("by_route")).where(is_let_through).cte("let_through")
    placed = select_columns(let_through.c.id, func.row_number().over(order_by=_turns(let_through)).label("place"))
    if rooms:
        has_room = let_through.c.by_route <= case(rooms, value=let_through.c.route)
        placed = placed.where(or_(let_through.c.route.not_in(rooms), has_room))
    places = placed.cte("placed")
    lined = waiting.outerjoin(let_through, let_through.c.id == waiting.c.id).outerjoin(places, places.c.id == waiting.c.id)
    statement = select_columns(waiting.c.id, waiting.c.beyond, let_through.c.by_route, places.c.place).select_from(lined)
    asked = waiting.c.generation_id == func.any(type_coerce(list(order_ids), ARRAY(Uuid())))
    return {row[0]: _Line(*row[1:]) for row in uow.session.execute(statement.where(asked))}


def _turns(table: CTE) -> tuple[ColumnElement[Any], ...]:
    return table.c.dispatched_at.asc().nulls_last(), table.c.turn, table.c.in_flight + table.c.own, table.c.id


def _waiting(house: _House) -> CTE:
    """Every item that waits and is not kept from its turn by time or route: its number within its member's, and its turn."""
    is_queued = col(GenerationItem.status) == ItemStatus.queued
    is_there = col(GenerationItem.dispatched_at).is_not(None)
    in_flight = (
        select(col(GenerationItem.user_id), func.count().label("number"))
        .where(text(IS_IN_RQ))
        .group_by(col(GenerationItem.user_id))
        .subquery("in_flight")
    )
    number = func.coalesce(in_flight.c.number, 0)
    cost = type_coerce(1.0, Float()) / col(Generation.weight)
    mine = partial(over, partition_by=[col(GenerationItem.user_id), is_there], order_by=col(GenerationItem.id))
    own = mine(func.row_number())
    closed = [key for key, state in house.states.items() if state.is_closed(house.now)]
    is_due = or_(col(GenerationItem.not_before_at).is_(None), col(GenerationItem.not_before_at) <= house.now)
    return (
        select_columns(
            col(GenerationItem.id),
            col(GenerationItem.generation_id),
            col(GenerationItem.route),
            col(GenerationItem.dispatched_at),
            number.label("in_flight"),
            own.label("own"),
            case((is_there, 0), else_=own - (house.member_limit - number)).label("beyond"),
            (mine(func.sum(cost)) + cost * func.least(number, 1)).label("turn"),
        )
        .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
        .outerjoin(in_flight, in_flight.c.user_id == col(GenerationItem.user_id))
        .where(is_queued, or_(is_there, is_due & col(GenerationItem.route).not_in(closed)))
        .cte("waiting")
    )


def _times(uow: UnitOfWork, wanted: Sequence[str]) -> dict[str, Took]:
    """Of the last pictures of each of these routes, where there are enough of them."""
    seconds = func.extract("epoch", col(GenerationItem.finished_at) - col(GenerationItem.started_at))
    found: dict[str, Took] = {}
    for route in wanted:
        last = (
            select(seconds.label("seconds"))
            .where(
                col(GenerationItem.route) == route,
                col(GenerationItem.status) == ItemStatus.succeeded,
                col(GenerationItem.finished_at) > func.now() - func.make_interval(0, 0, 0, _TIMED_DAYS),
            )
            .order_by(col(GenerationItem.finished_at).desc())
            .limit(_TIMED_ITEMS)
            .subquery("last")
        )
        parts = (func.percentile_cont(part).within_group(last.c.seconds) for part in (0.25, 0.5, 0.9))
        row = uow.session.execute(select_columns(func.count(), *parts).select_from(last)).one()
        if row[0] >= _TIMED_LEAST:
            found[route] = Took(*(float(part) for part in row[1:]))
    return found
