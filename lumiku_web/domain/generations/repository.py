"""Statements over orders and items."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    TableValuedAlias,
    Uuid,
    case,
    column,
    func,
    true,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine
from sqlmodel import col, or_, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import WAIT_LIMIT
from lumiku_web.domain.generations.schemas import Active, Fence, ItemStatus, Waiting

_WAITING = (ItemStatus.queued.value, ItemStatus.running.value)


@dataclass(frozen=True)
class Locked:
    """An item whose row is locked until the transaction ends, with its order and the database's clock."""

    item: GenerationItem
    order: Generation
    #: Leases are compared by one clock only. It may be as old as the wait for the lock was long.
    now: datetime


class GenerationRepository(Repository[Generation]):
    """Orders."""

    model = Generation

    def by_request_key(self, user_id: UUID, key: UUID) -> Generation | None:
        """The order that this member made with this key."""
        return self.session.exec(select(Generation).where(Generation.user_id == user_id, Generation.request_key == key)).first()

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


class ItemRepository(Repository[GenerationItem]):
    """Items."""

    model = GenerationItem

    def locked(self, item_id: UUID) -> Locked | None:
        """The row, locked until the transaction ends and read afresh. One statement: a worker runs it twice for each picture."""
        statement = (
            select(GenerationItem, Generation, func.clock_timestamp())
            .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
            .where(GenerationItem.id == item_id)
            .with_for_update(of=GenerationItem)
            .execution_options(populate_existing=True)
        )
        row = self.session.exec(statement).first()
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
        is_running = case((col(GenerationItem.status) == ItemStatus.running, 1), else_=0)
        statement = (
            select(GenerationItem.user_id, GenerationItem.route, func.count(), func.sum(is_running))
            .where(
                or_(
                    col(GenerationItem.status) == ItemStatus.running,
                    (col(GenerationItem.status) == ItemStatus.queued) & col(GenerationItem.dispatched_at).is_not(None),
                )
            )
            .group_by(col(GenerationItem.user_id), col(GenerationItem.route))
        )
        return [Active(*row) for row in self.session.execute(statement)]

    def waiting(self, *, without: Collection[str], each: int, limit: int) -> list[Waiting]:
        """Items that wait for their turn and may have it: of each member and route the oldest `each`, those of short lists first.

        `without`: routes by which nothing may be asked. Costs a look at the index for each waiting item, and no sort of them.
        """
        turn = col(GenerationItem.status) == ItemStatus.queued, col(GenerationItem.dispatched_at).is_(None)
        lists = select(GenerationItem.user_id, GenerationItem.route).where(*turn).distinct().subquery("lists")
        now = func.clock_timestamp()
        oldest = (
            select(
                type_coerce(col(GenerationItem.id), Uuid()).label("id"),
                type_coerce(col(Generation.weight), Integer()).label("weight"),
                type_coerce(func.row_number().over(order_by=col(GenerationItem.id)), Integer).label("place"),
            )
            .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
            .where(
                *turn,
                col(GenerationItem.user_id) == lists.c.user_id,
                col(GenerationItem.route) == lists.c.route,
                or_(col(GenerationItem.not_before_at).is_(None), col(GenerationItem.not_before_at) <= now),
            )
            .order_by(col(GenerationItem.id))
            .limit(each)
            .lateral("oldest")
        )
        statement = (
            select(oldest.c.id, lists.c.user_id, lists.c.route, oldest.c.weight)
            .select_from(lists.join(oldest, true()))
            .where(lists.c.route.not_in(without))
            .order_by(oldest.c.place, oldest.c.id)
            .limit(limit)
        )
        return [Waiting(*row) for row in self.session.execute(statement)]

    def locked_waiting(self, ids: Collection[UUID]) -> list[Locked]:
        """Those of `ids` that still wait for their turn, locked, with their orders; what is locked by another is left out."""
        statement = (
            select(GenerationItem, Generation, func.clock_timestamp())
            .join(Generation, col(Generation.id) == col(GenerationItem.generation_id))
            .where(
                col(GenerationItem.id).in_(ids),
                col(GenerationItem.status) == ItemStatus.queued,
                col(GenerationItem.dispatched_at).is_(None),
            )
            .with_for_update(of=GenerationItem, skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return [Locked(*row) for row in self.session.exec(statement)]

    def running_by(self, route: str) -> int:
        """How many items are asked for by this route right now."""
        running = GenerationItem.route == route, GenerationItem.status == ItemStatus.running
        return self.session.exec(select(func.count()).select_from(GenerationItem).where(*running)).one()

    def due(self, *, stale: timedelta, limit: int) -> list[tuple[UUID, int | None]]:
        """Items that may need the sweeper, with the number under which the queue should know them.

        The number is None where RQ need not be asked: running under a lease that ended, or waiting beyond `WAIT_LIMIT`. These
        come first, then those that were longest out of sight.
        """
        is_waiting = (col(GenerationItem.status) == ItemStatus.queued) & ~_too_late()
        asked = case((is_waiting, col(GenerationItem.dispatch)), else_=None)
        order = asked.is_not(None), col(GenerationItem.dispatched_at).nulls_first(), col(GenerationItem.id)
        statement = select(col(GenerationItem.id), asked).where(_due(stale)).order_by(*order).limit(limit)
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
        rows = [(item, *fence) for item, fence in leases.items()]
        lease = _listed("lease", {"id": Uuid(), "attempt": Integer(), "dispatch": Integer()}, rows)
        fits = (
            (col(GenerationItem.id) == lease.c.id)
            & (col(GenerationItem.attempt) == lease.c.attempt)
            & (col(GenerationItem.dispatch) == lease.c.dispatch)
        )
        held = (
            select(GenerationItem.id)
            .join(lease, fits)
            .where(GenerationItem.status == ItemStatus.running)
            .order_by(col(GenerationItem.id))
            .with_for_update(of=GenerationItem)
            .cte("held")
        )
        statement = (
            update(GenerationItem)
            .where(col(GenerationItem.id) == held.c.id)
            .values(lease_until=func.clock_timestamp() + until)
            .returning(col(GenerationItem.id))
            .execution_options(synchronize_session=False)
        )
        return set(self.session.execute(statement).scalars())

    def now(self) -> datetime:
        """The database's clock: leases are compared by one clock only."""
        return self.session.exec(select(func.clock_timestamp())).one()


def _listed(name: str, columns: Mapping[str, TypeEngine[Any]], rows: Sequence[tuple[object, ...]]) -> TableValuedAlias:
    """`rows` as a table. However many there are, it is one statement, which SQLAlchemy need not compile again."""
    arrays = (type_coerce([row[place] for row in rows], ARRAY(kind)) for place, kind in enumerate(columns.values()))
    return func.unnest(*arrays).table_valued(*(column(key, kind) for key, kind in columns.items()), name=name).render_derived()


def _due(stale: timedelta) -> ColumnElement[bool]:
    """Those that RQ may have lost; those that waited too long; running ones whose lease ended."""
    now = func.clock_timestamp()
    is_queued = col(GenerationItem.status) == ItemStatus.queued
    unseen = is_queued & (col(GenerationItem.dispatched_at) < now - stale)
    lost = (col(GenerationItem.status) == ItemStatus.running) & (col(GenerationItem.lease_until) < now)
    return unseen | lost | (is_queued & _too_late())


def _too_late() -> ColumnElement[bool]:
    return col(GenerationItem.created_at) < func.clock_timestamp() - WAIT_LIMIT
