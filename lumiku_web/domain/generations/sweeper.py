"""Keeps the promise that no order is lost.

What RQ forgot, and what a worker left behind, waits for its turn again. What nobody works for any more is not held either.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from lumiku_web.db.unit_of_work import Call, UnitOfWork
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.policy import RENEWAL, STALE
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository, OrphanedHold
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Seconds between two looks.
EVERY_SECONDS: Final = 2.0
#: After an outage, or in a new leader's hands, workers have so long to say that they live.
GRACE_SECONDS: Final = RENEWAL.total_seconds() + 1
#: How many items one look takes on.
LIMIT: Final = 200
#: Seconds between two looks for credits that are held for nothing: whoever misses them has them back within a minute (L6).
HOLDS_EVERY_SECONDS: Final = 20.0
#: An order that is as young as this is left alone.
YOUNG: Final = timedelta(seconds=20)


def due(uow: UnitOfWork) -> list[tuple[UUID, int | None]]:
    """Items that may need help, each with the dispatch number to ask the queue for, or None if asking is needless."""
    return ItemRepository(uow.session).due(stale=STALE, limit=LIMIT)


def orphaned_holds(uow: UnitOfWork) -> list[OrphanedHold]:
    """Credits that are held though nobody works for them: after rows were deleted or restored by hand, or by a bug."""
    return GenerationRepository(uow.session).orphaned_holds(older_than=YOUNG, limit=LIMIT)


def expire(uow: UnitOfWork, leases: Leases, orphan: OrphanedHold) -> int:
    """Give them back, and tell the member. Returns credits; 0 if somebody else has done it."""
    credits = leases.payments.expire(uow, orphan.user_id, orphan.order_id, orphan.held_on)
    if credits:
        record_change(uow, leases.doorbell, orphan.user_id)
        log.warning("sweeper.hold_expired", order_id=str(orphan.order_id), user_id=str(orphan.user_id), credits=credits)
    return credits


@dataclass(frozen=True)
class Sweeper:
    """The leader's; several at once do no harm.

    A database that was away for longer than a lease lasts has let every lease end: nobody could prolong one. Hence the grace.
    """

    call: Call
    leases: Leases
    queue: JobQueue
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def once(self) -> int:
        """One look; the queue is asked between the two transactions, never inside one. Returns how many items it touched.

        Raises: Unavailable.
        """
        found: list[tuple[UUID, int | None]] = await self.call(due)
        lost = await asyncio.to_thread(self._lost, found)
        waiting = {item for item, _ in found} - set(lost)
        if waiting:  # asked about again only when `STALE` has passed: a long queue must not hide what is behind it
            await self.call(self.leases.seen_in_queue, waiting)
        touched: int = await self.call(self.leases.repair, lost) if lost else 0
        if touched:
            log.info("sweeper.repaired", items=touched)
        return touched

    async def expire_holds(self) -> int:
        """One look for credits that are held for nothing; one that can't be given back stands in no other's way.

        Returns how many credits. Raises: Unavailable.
        """
        given_back = 0
        for orphan in await self.call(orphaned_holds):
            try:
                given_back += await self.call(expire, self.leases, orphan)
            except SQLAlchemyError:
                log.exception("sweeper.hold_bug", order_id=str(orphan.order_id))
        return given_back

    async def run(self) -> None:
        """Look again and again, first after the grace; a part of the house that is down is waited for."""
        pause, holds_at = GRACE_SECONDS, time.monotonic() + HOLDS_EVERY_SECONDS
        while True:
            await self.sleep(pause)
            pause = EVERY_SECONDS
            try:
                await self.once()
                if time.monotonic() >= holds_at:
                    await self.expire_holds()
                    holds_at = time.monotonic() + HOLDS_EVERY_SECONDS
            except Unavailable as down:
                log.warning("sweeper.waiting", reason=down.key)
                pause = GRACE_SECONDS
            except Exception:
                log.exception("sweeper.bug")

    def _lost(self, found: list[tuple[UUID, int | None]]) -> list[UUID]:
        return [item for item, number in found if number is None or not self.queue.is_alive(item, number)]
