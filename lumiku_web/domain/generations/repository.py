"""Statements over orders and items."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    TableValuedAlias,
    Uuid,
    bindparam,
    case,
    cast,
    column,
    func,
    null,
    text,
    true,
    tuple_,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine
from sqlmodel import col, or_, select

from lumiku_web.db.base import table_of
from lumiku_web.db.repository import Repository
from lumiku_web.domain.generations.models import IS_IN_RQ, IS_QUEUED, WAITS_FOR_ITS_TURN, Generation, GenerationItem
from lumiku_web.domain.generations.policy import WAIT_LIMIT
from lumiku_web.domain.generations.schemas import Active, Fence, ItemStatus, Waiting
from lumiku_web.domain.ledger.models import Hold

_WAITING = (ItemStatus.queued.value, ItemStatus.running.value)


@dataclass(frozen=True)
class Locked:
    """An item whose row is locked until the transaction ends, with its order and the database's clock."""

    item: GenerationItem
    order: Generation
    #: Leases are compared by one clock only. It may be as old as the wait for the lock was long.
    now: datetime


class OrphanedHold(NamedTuple):
    """Credits that wait for nothing."""

    order_id: UUID
    user_id: UUID
    #: The UTC day in whose month they were counted as spent.
    held_on: date


class Request(NamedTuple):
    """The order that was made under a key, and the hash of its wish."""

    id: UUID
    hash: str


_ORDERS = table_of(Generation)
_REQUEST = select(_ORDERS.c.id, _ORDERS.c.request_hash).where(
    _ORDERS.c.user_id == bindparam("user_id"), _ORDERS.c.request_key == bindparam("key")
)


class GenerationRepository(Repository[Generation]):
    """Orders."""

    model = Generation

    def request(self, user_id: UUID, key: UUID) -> Request | None:
        """What this member ordered with this key."""
        row = self.session.execute(_REQUEST, {"user_id": user_id, "key": key}).first()
        return Request(*row) if row else None

    def owned(self, generation_id: UUID, user_id: UUID) -> Generation | None:
        """The order if it is this member's."""
        return self.session.exec(select(Generation).where(Generation.id == generation_id, Generation.user_id == user_id)).first()

    def taken(self, keys: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
        """Those of these pairs of member and key under which there is an order."""
        if not keys:
            return set()
        pair = col(Generation.user_id), col(Generation.request_key)
        return {(row[0], row[1]) for row in self.session.execute(select(*pair).where(tuple_(*pair).in_(keys)))}

    def by_ids(self, ids: Collection[UUID]) -> list[Generation]:
        """Newest first."""
        if not ids:
            return []
        order = col(Generation.created_at).desc(), col(Generation.id).desc()
        return list(self.session.exec(select(Generation).where(col(Generation.id).in_(ids)).order_by(*order)))

    def recent_ids(self, user_id: UUID, *, ended_within: timedelta, limit: int) -> list[UUID]:
        """Orders that still run, and those that ended lately, newest first."""
        lately = func.now() - ended_within
        statement = (
            select(GenerationItem.generation_id)
            .where(
                GenerationItem.user_id == user_id,
                or_(col(GenerationItem.status).in_(_WAITING), col(GenerationItem.finished_at) > lately),
            )
            .distinct()
            .order_by(col(GenerationItem.generation_id).desc())
            .limit(limit)
        )
        return list(self.session.exec(statement))

    def newest_ids(self, user_id: UUID, *, limit: int) -> list[UUID]:
        """Those of one member, newest first."""
        order = col(Generation.created_at).desc(), col(Generation.id).desc()
        statement = select(Generation.id).where(Generation.user_id == user_id).order_by(*order).limit(limit)
        return list(self.session.exec(statement))

    def orphaned_holds(self, *, older_than: timedelta, limit: int) -> list[OrphanedHold]:
        """Orders that hold credits though all their items have ended, or are gone; the oldest holds first.

        Holds begin with their items, and each item ends its part: whoever sees one of the two sees the other.
        """
        works = select(GenerationItem.id).where(
            GenerationItem.generation_id == col(Hold.order_id), col(GenerationItem.status).in_(_WAITING)
        )
        held_on = func.coalesce(col(Generation.held_on), cast(func.timezone("UTC", col(Hold.created_at)), Date))
        statement = (
            select(Hold.order_id, Hold.user_id, held_on)
            .join(Generation, col(Generation.id) == col(Hold.order_id), isouter=True)
            .where(
                col(Hold.captured) + col(Hold.released) < col(Hold.amount),
                col(Hold.created_at) < func.now() - older_than,
                ~works.exists(),
            )
            .order_by(col(Hold.created_at))
            .limit(limit)
        )
        return [OrphanedHold(*row) for row in self.session.execute(statement)]


_NOW = select(func.clock_timestamp())
_WITH_ORDER = (
    select(GenerationItem, Generation, func.clock_timestamp())
    .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
    .execution_options(populate_existing=True)
)
_LOCKED = _WITH_ORDER.where(col(GenerationItem.id) == bindparam("item_id")).with_for_update(of=GenerationItem)
_LOCKED_WAITING = _WITH_ORDER.where(
    col(GenerationItem.id).in_(bindparam("ids", expanding=True)),
    col(GenerationItem.status) == ItemStatus.queued,
    col(GenerationItem.dispatched_at).is_(None),
).with_for_update(of=GenerationItem, skip_locked=True)
_ITEMS = table_of(GenerationItem)
_ACTIVE = (
    select(_ITEMS.c.user_id, _ITEMS.c.route, func.count(), func.count().filter(_ITEMS.c.status == ItemStatus.running.value))
    .where(text(IS_IN_RQ))
    .group_by(_ITEMS.c.user_id, _ITEMS.c.route)
)
_RENEW = text("""
WITH held AS (
    SELECT item.id FROM generation_items AS item
    JOIN unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:dispatches AS integer[]))
        AS lease (id, attempt, dispatch) USING (id, attempt, dispatch)
    WHERE item.status = 'running' ORDER BY item.id FOR UPDATE OF item
)
UPDATE generation_items SET lease_until = clock_timestamp() + :until FROM held WHERE generation_items.id = held.id
RETURNING generation_items.id
""")


class ItemRepository(Repository[GenerationItem]):
    """Items."""

    model = GenerationItem

    def locked(self, item_id: UUID) -> Locked | None:
        """The row, locked until the transaction ends and read afresh. One statement: a worker runs it twice for each picture."""
        row = self.session.exec(_LOCKED, params={"item_id": item_id}).first()
        return Locked(*row) if row else None

    def of_generations(self, ids: Collection[UUID]) -> list[GenerationItem]:
        """All items of these orders, in order of position."""
        if not ids:
            return []
        statement = (
            select(GenerationItem).where(col(GenerationItem.generation_id).in_(ids)).order_by(col(GenerationItem.position))
        )
        return list(self.session.exec(statement))

    def locked_of(self, generation_id: UUID) -> list[GenerationItem]:
        """All items of this order, in order of position, locked until the transaction ends."""
        statement = (
            select(GenerationItem)
            .where(GenerationItem.generation_id == generation_id)
            .order_by(col(GenerationItem.position))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(self.session.exec(statement))

    def locked_open(self, user_id: UUID) -> list[GenerationItem]:
        """Whatever of this member has not ended, locked until the transaction ends, always in the same order."""
        statement = (
            select(GenerationItem)
            .where(GenerationItem.user_id == user_id, col(GenerationItem.status).in_(_WAITING))
            .order_by(col(GenerationItem.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return list(self.session.exec(statement))

    def changed_since(self, marks: Mapping[UUID, int], *, also: Collection[UUID] = ()) -> set[UUID]:
        """The orders of which an item changed after the member's mark, and those of the items `also`."""
        if not marks:
            return set()
        mark = _listed("mark", {"user_id": Uuid(), "value": BigInteger()}, list(marks.items()))
        changed = (col(GenerationItem.user_id) == mark.c.user_id) & (col(GenerationItem.changed_sequence) > mark.c.value)
        found = set(self.session.exec(select(GenerationItem.generation_id).join(mark, changed).distinct()))
        if also:
            found |= set(self.session.exec(select(GenerationItem.generation_id).where(col(GenerationItem.id).in_(also))))
        return found

    def active(self) -> list[Active]:
        """How many items of each member and route are in RQ, and how many of them run."""
        return [Active(*row) for row in self.session.execute(_ACTIVE)]

    def waiting(self, *, without: Collection[str], each: int) -> list[Waiting]:
        """Items that wait for their turn and may have it: of each member and route the oldest `each`.

        `without`: routes by which nothing may be asked. Costs some looks at the index for each member and route, however long
        their lists are; nobody is left out, or a member with a short list might never be seen behind those with long ones.
        """
        asked = {"each": each, "without": list(without)}
        return [Waiting(*row) for row in self.session.execute(_waiting(), asked)]

    def locked_waiting(self, ids: Collection[UUID]) -> list[Locked]:
        """Those of `ids` that still wait for their turn, locked, with their orders; what is locked by another is left out."""
        return [Locked(*row) for row in self.session.exec(_LOCKED_WAITING, params={"ids": list(ids)})]

    def running_by(self, route: str) -> int:
        """How many items are asked for by this route right now."""
        running = text(IS_IN_RQ), GenerationItem.route == route, GenerationItem.status == ItemStatus.running
        return self.session.exec(select(func.count()).select_from(GenerationItem).where(*running)).one()

    def due(self, *, stale: timedelta, limit: int) -> list[tuple[UUID, int | None]]:
        """Items that may need the sweeper, with the number under which the queue should know them.

        The number is None where RQ need not be asked: running under a lease that ended, or waiting beyond `WAIT_LIMIT`. These
        come first, then those that were longest out of sight.
        """
        number = case((col(GenerationItem.status) == ItemStatus.queued, col(GenerationItem.dispatch)), else_=None)
        asked = type_coerce(number, Integer()).label("asked")
        seen = type_coerce(col(GenerationItem.dispatched_at), DateTime()).label("seen")
        in_rq = select(col(GenerationItem.id), asked, seen).where(text(IS_IN_RQ), or_(_unseen(stale), _lost()))
        late = select(col(GenerationItem.id), null(), null()).where(text(IS_QUEUED), _late())
        found = union_all(in_rq, late).subquery()
        order = found.c.asked.is_not(None), found.c.seen, found.c.id
        statement = select(found.c.id, found.c.asked).order_by(*order).limit(limit)
        return [(row[0], row[1]) for row in self.session.execute(statement)]

    def seen_in_queue(self, ids: Collection[UUID]) -> None:
        """Note that the queue still knows these waiting items."""
        waiting = col(GenerationItem.id).in_(ids), col(GenerationItem.status) == ItemStatus.queued
        self.session.execute(update(GenerationItem).where(*waiting).values(dispatched_at=func.clock_timestamp()))

    def locked_due(self, ids: Collection[UUID], *, stale: timedelta) -> list[GenerationItem]:
        """Those of `ids` that still are due, locked; what another sweeper has locked is left to it."""
        if not ids:
            return []
        statement = (
            select(GenerationItem)
            .where(col(GenerationItem.id).in_(ids), _due(stale))
            .order_by(col(GenerationItem.id))
            .with_for_update(skip_locked=True)
        )
        return list(self.session.exec(statement))

    def renew(self, leases: Mapping[UUID, Fence], until: timedelta) -> set[UUID]:
        """Prolong the leases that are still held as they say; returns the items that are."""
        if not leases:
            return set()
        attempts, dispatches = zip(*leases.values(), strict=True)
        held = {"ids": list(leases), "attempts": list(attempts), "dispatches": list(dispatches), "until": until}
        return set(self.session.execute(_RENEW, held).scalars())

    def now(self) -> datetime:
        """The database's clock: leases are compared by one clock only."""
        return self.session.execute(_NOW).scalar_one()


def _listed(name: str, columns: Mapping[str, TypeEngine[Any]], rows: Sequence[tuple[object, ...]]) -> TableValuedAlias:
    """`rows` as a table. However many there are, it is one statement, which SQLAlchemy need not compile again."""
    arrays = (type_coerce([row[place] for row in rows], ARRAY(kind)) for place, kind in enumerate(columns.values()))
    return func.unnest(*arrays).table_valued(*(column(key, kind) for key, kind in columns.items()), name=name).render_derived()


@cache
def _waiting() -> Any:  # noqa: ANN401 (a selection of four columns)
    lists, now = _lists(), func.clock_timestamp()
    oldest = (
        select(
            type_coerce(col(GenerationItem.id), Uuid()).label("id"),
            type_coerce(col(Generation.weight), Integer()).label("weight"),
        )
        .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
        .where(
            text(WAITS_FOR_ITS_TURN),
            col(GenerationItem.user_id) == lists.c.user_id,
            col(GenerationItem.route) == lists.c.route,
            or_(col(GenerationItem.not_before_at).is_(None), col(GenerationItem.not_before_at) <= now),
        )
        .order_by(col(GenerationItem.id))
        .limit(bindparam("each"))
        .lateral("oldest")
    )
    return (
        select(oldest.c.id, lists.c.user_id, lists.c.route, oldest.c.weight)
        .select_from(lists.join(oldest, true()))
        .where(lists.c.route.not_in(bindparam("without", expanding=True)))
    )


def _lists() -> CTE:
    """Each member and route for which something waits, found by leaps through the index: no waiting item is looked at twice."""
    key = col(GenerationItem.user_id), col(GenerationItem.route)
    first = select(*key).where(text(WAITS_FOR_ITS_TURN)).order_by(*key).limit(1).subquery("first_list")
    lists = select(first.c.user_id, first.c.route).cte("lists", recursive=True)
    behind = tuple_(*key) > tuple_(lists.c.user_id, lists.c.route)
    following = select(*key).where(text(WAITS_FOR_ITS_TURN), behind).order_by(*key).limit(1).lateral("following")
    return lists.union_all(select(following.c.user_id, following.c.route).select_from(lists.join(following, true())))


def _due(stale: timedelta) -> ColumnElement[bool]:
    """Those that RQ may have lost; running ones whose lease ended; those that waited too long."""
    return _unseen(stale) | _lost() | ((col(GenerationItem.status) == ItemStatus.queued) & _late())


def _unseen(stale: timedelta) -> ColumnElement[bool]:
    is_queued = col(GenerationItem.status) == ItemStatus.queued
    return is_queued & (col(GenerationItem.dispatched_at) < func.clock_timestamp() - stale)


def _lost() -> ColumnElement[bool]:
    return (col(GenerationItem.status) == ItemStatus.running) & (col(GenerationItem.lease_until) < func.clock_timestamp())


def _late() -> ColumnElement[bool]:
    """By the beginning of the transaction: with a clock that moves meanwhile, PostgreSQL would read the whole index."""
    return col(GenerationItem.created_at) < func.now() - WAIT_LIMIT
