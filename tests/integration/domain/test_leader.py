"""One leader at a time, and never none for long."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.leadership import service as leadership
from lumiku_web.domain.leadership.repository import LeadershipRepository
from lumiku_web.domain.leadership.service import Leader, Term
from lumiku_web.errors import Unavailable
from lumiku_web.ids import new_id
from tests.factories.waiting import eventually


@pytest.fixture(autouse=True)
def _house(services: Services) -> None:
    """Everything here needs one."""


def acquire(holder: Any, seconds: float) -> int | None:
    return bridge.run(lambda uow: LeadershipRepository(uow.session).acquire("turns", holder, timedelta(seconds=seconds)))


@dataclass
class Candidate:
    """A process that wants to lead, and the terms in which it did."""

    call: Callable[..., Awaitable[Any]] = bridge.call
    breaks: bool = False
    terms: list[Term] = field(default_factory=list[Term])
    at_work: int = 0
    task: "asyncio.Task[None] | None" = None

    def start(self) -> "Candidate":
        self.task = asyncio.create_task(Leader(self.call, "turns", self._work).run())
        return self

    async def _work(self, term: Term) -> None:
        self.terms.append(term)
        if self.breaks:
            raise ZeroDivisionError
        self.at_work += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.at_work -= 1

    async def leads(self, times: int = 1) -> bool:
        return len(self.terms) >= times

    async def stop(self) -> None:
        assert self.task
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def test_one_of_many_leads_and_who_leaves_is_followed_at_once() -> None:
    first = Candidate().start()
    await eventually(first.leads)
    second = Candidate().start()
    await first.stop()
    await eventually(second.leads)
    assert [term.number for term in (*first.terms, *second.terms)] == [1, 2]
    assert first.at_work == 0
    assert not bridge.run(leadership.holds, first.terms[0])
    assert bridge.run(leadership.holds, second.terms[0])
    await second.stop()


async def test_work_that_breaks_is_begun_again() -> None:
    broken = Candidate(breaks=True).start()
    await eventually(lambda: broken.leads(2))
    await broken.stop()


@pytest.mark.parametrize("wrong", [Unavailable("database_unreachable"), ZeroDivisionError()])
async def test_who_can_not_say_that_he_leads_does_not_work_and_may_lead_again(wrong: Exception) -> None:
    away: list[Exception] = []

    async def call(use_case: Callable[..., Any], *args: Any) -> Any:
        if away:
            raise away[0]
        return await bridge.call(use_case, *args)

    leader = Candidate(call).start()
    await eventually(leader.leads)
    away.append(wrong)

    async def rests() -> bool:
        return leader.at_work == 0

    await eventually(rests)
    away.clear()
    await eventually(lambda: leader.leads(2))
    await leader.stop()


def test_a_leader_is_replaced_when_its_time_is_over_and_not_before() -> None:
    one, other = new_id(), new_id()
    assert acquire(one, 60) == 1
    assert acquire(other, 60) is None
    assert acquire(one, 0) == 1, "it prolongs its own term"
    assert acquire(other, 60) == 2
    assert acquire(one, 60) is None


def test_q1_nobody_takes_over_while_a_transaction_counts_on_the_term(services: Services) -> None:
    """And one that freezes in such a transaction holds up nobody: PostgreSQL ends its session."""
    one, other = new_id(), new_id()
    assert acquire(one, 0) == 1
    with Session(services.engine) as frozen:
        assert leadership.holds(UnitOfWork(frozen), Term("turns", one, 1))
        assert acquire(other, 60) == 2, "it had to wait, but not for the other to wake up"
        frozen.invalidate()
    assert not bridge.run(leadership.holds, Term("turns", one, 1))


def test_q1_who_freezes_while_it_prolongs_its_term_holds_up_nobody(services: Services) -> None:
    one, other = new_id(), new_id()
    assert acquire(one, 0) == 1
    with Session(services.engine) as frozen:
        assert LeadershipRepository(frozen).acquire("turns", one, timedelta(hours=1)) == 1
        assert acquire(other, 60) == 2, "it had to wait, but not for the other to wake up"
        frozen.invalidate()
