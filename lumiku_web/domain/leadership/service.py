"""One leader at a time. One that froze and woke up finds that its term is over, in the transaction in which it would write."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from lumiku_web.db.unit_of_work import Call, UnitOfWork
from lumiku_web.domain.leadership.repository import LeadershipRepository
from lumiku_web.errors import Unavailable
from lumiku_web.ids import new_id
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: A leader that gave no sign of life for so long is replaced, and how often one gives it.
LASTING: Final = timedelta(seconds=6)
EVERY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Term:
    """A proof to be checked where it counts: see `holds`."""

    task: str
    holder: UUID
    number: int


def holds(uow: UnitOfWork, term: Term) -> bool:
    """Whether this term goes on. If so, nobody else can take over before the caller's transaction has ended."""
    return LeadershipRepository(uow.session).is_held(term.task, term.holder, term.number)


@dataclass
class Leader:
    """A candidate for `task`: while it leads, `work(term)` runs; it is cancelled when the term is over."""

    call: Call
    task: str
    work: Callable[[Term], Coroutine[Any, Any, None]]
    holder: UUID = field(default_factory=new_id)

    async def run(self) -> None:
        """Candidate, lead, candidate again, for as long as the process lives. Cancelled, it lets the next one have it at once."""
        try:
            while True:
                number = await self._acquired()
                if number is not None:
                    await self._lead(Term(self.task, self.holder, number))
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            with suppress(Unavailable):
                await asyncio.shield(asyncio.ensure_future(self.call(self._release)))

    async def _lead(self, term: Term) -> None:
        log.info("leader.began", task=term.task, term=term.number)
        work = asyncio.create_task(self.work(term))
        try:
            while await self._acquired() == term.number:
                await asyncio.wait([work], timeout=EVERY_SECONDS)
                if work.done():
                    break
        finally:
            work.cancel()
            await asyncio.wait([work])
            if not work.cancelled() and (wrong := work.exception()):
                log.error("leader.bug", task=term.task, error=repr(wrong))
            log.info("leader.ended", task=term.task, term=term.number)

    async def _acquired(self) -> int | None:
        try:
            number: int | None = await self.call(self._acquire)
        except Unavailable:
            return None
        except Exception:
            log.exception("leader.bug", task=self.task)  # who can't say that it leads does not lead; it may the next time
            return None
        return number

    def _acquire(self, uow: UnitOfWork) -> int | None:
        return LeadershipRepository(uow.session).acquire(self.task, self.holder, LASTING)

    def _release(self, uow: UnitOfWork) -> None:
        LeadershipRepository(uow.session).release(self.task, self.holder)
