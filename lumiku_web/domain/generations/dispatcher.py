"""Decides, as late as can be, what goes to the workers: PostgreSQL knows who is next, RQ holds only what is about to start."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from lumiku_web.db.unit_of_work import Call, UnitOfWork
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.repository import ItemRepository
from lumiku_web.domain.generations.turns import Turns
from lumiku_web.domain.leadership import service as leadership
from lumiku_web.domain.leadership.service import Term
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Without a hint it looks this often: a `not_before_at` comes by itself, and a hint may be lost.
EVERY_SECONDS: Final = 1.0
#: Two looks are at least so far apart.
PAUSE_SECONDS: Final = 0.02
#: Items that wait in RQ beyond what the workers have room for, so that a place that gets free is taken at once.
SPARE: Final = 4
#: The most that one look hands over.
MOST: Final = 200


@dataclass
class Dispatcher:
    """The leader's. `wake` makes it look at once."""

    call: Call
    queue: JobQueue
    #: Items of one member in flight at once.
    member_limit: int
    turns: Turns = field(default_factory=Turns)
    _awake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There may be something to hand over. On the loop only."""
        self._awake.set()

    async def run(self, term: Term) -> None:
        """Look again and again, until cancelled; a part of the house that is down is waited for."""
        while True:
            self._awake.clear()
            is_full = False
            try:
                is_full = await self.once(term) >= MOST
            except Unavailable as down:
                log.warning("dispatcher.waiting", reason=down.key)
            except Exception:
                log.exception("dispatcher.bug")
            await asyncio.sleep(PAUSE_SECONDS)
            if not is_full:
                await self._wait()

    async def once(self, term: Term) -> int:
        """One look. Returns how many items were handed over. Raises: Unavailable."""
        workers = await asyncio.to_thread(self.queue.workers)
        handed: int = await self.call(self.hand_over, term, sum(worker.capacity for worker in workers))
        return handed

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(EVERY_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return

    def hand_over(self, uow: UnitOfWork, term: Term, capacity: int) -> int:
        """Choose, number, and enqueue after the commit, for workers that hold `capacity` items.

        What the queue does not get, the sweeper finds.
        """
        if not leadership.holds(uow, term):
            return 0
        known = routes.states(uow)
        items = ItemRepository(uow.session)
        now = items.now()
        closed = [key for key, route in known.items() if route.is_closed(now)]
        if EVERYTHING in closed:
            return 0
        active = items.active()
        room = min(capacity + SPARE - sum(some.count for some in active), MOST)
        if room <= 0:
            return 0
        waiting = items.waiting(without=closed, each=min(room, self.member_limit))
        chosen = self.turns.choose(waiting, active, known, room=room, member_limit=self.member_limit)
        locked = {held.item.id: held for held in items.locked_waiting(chosen)}
        in_turn = [locked[item_id] for item_id in chosen if item_id in locked]
        moments = sorted(held.now for held in in_turn)  # rows are locked in any order
        for held, moment in zip(in_turn, moments, strict=True):
            held.item.dispatch += 1
            held.item.dispatched_at = moment
            uow.after_commit(
                partial(
                    self.queue.enqueue,
                    held.item.id,
                    held.item.dispatch,
                    correlation_id=held.order.correlation_id,
                    timeout_seconds=held.order.timeout_seconds,
                )
            )
        uow.session.flush()
        return len(locked)
