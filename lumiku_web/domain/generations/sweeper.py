"""Keeps the promise that no order is lost.

What RQ forgot, and what a worker left behind, waits for its turn again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from lumiku_web.db.unit_of_work import Call, UnitOfWork
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.policy import RENEWAL, STALE
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.repository import ItemRepository
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Seconds between two looks.
EVERY_SECONDS: Final = 2.0
#: After an outage, or in a new leader's hands, workers have so long to say that they live.
GRACE_SECONDS: Final = RENEWAL.total_seconds() + 1
#: How many items one look takes on.
LIMIT: Final = 200


def due(uow: UnitOfWork) -> list[tuple[UUID, int | None]]:
    """Items that may need help, each with the dispatch number to ask the queue for, or None if asking is needless."""
    return ItemRepository(uow.session).due(stale=STALE, limit=LIMIT)


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

    async def run(self) -> None:
        """Look again and again, first after the grace; a part of the house that is down is waited for."""
        pause = GRACE_SECONDS
        while True:
            await self.sleep(pause)
            pause = EVERY_SECONDS
            try:
                await self.once()
            except Unavailable as down:
                log.warning("sweeper.waiting", reason=down.key)
                pause = GRACE_SECONDS
            except Exception:
                log.exception("sweeper.bug")

    def _lost(self, found: list[tuple[UUID, int | None]]) -> list[UUID]:
        return [item for item, number in found if number is None or not self.queue.is_alive(item, number)]
