"""One run: people order, disasters come as pictures get ready, and at the end all is quiet."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, func, select, update

from lumiku_web import bridge
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.policy import LEASE
from lumiku_web.domain.generations.schemas import FINAL, GenerationRead, ItemStatus
from lumiku_web.domain.leadership.models import Leadership
from lumiku_web.domain.providers.models import ProviderRoute
from lumiku_web.errors import Unavailable
from tests.chaos.disasters import Disasters
from tests.factories.house import House
from tests.factories.waiting import wait_for

T = TypeVar("T")

#: Of Hugging Face, of Hugging Face, of Black Forest Labs twice: half of the pictures can be asked for again.
MODELS = ("flux-dev", "flux-schnell", "flux-2-pro", "flux-2-pro")
MEMBERS = 20
#: What each of them begins with. Every other one has a plan, too, and credits pay what its quota does not.
CREDITS = 10_000
#: Of a hundred orders so many are cancelled.
CANCELED = 6


@dataclass(frozen=True)
class Size:
    """How large a run is."""

    items: int
    disasters: int
    workers: int
    #: Deaths at each stage, and workers that freeze until their leases are over.
    deaths: int
    freezes: int
    #: The product's own, or a shorter one.
    lease_seconds: float
    #: Whether back-offs are over at once: their length is no subject of this run.
    is_hurried: bool
    away_seconds: float
    within_seconds: float

    @classmethod
    def of(cls, items: int) -> "Size":
        """The short form below 200 items."""
        if items < 200:
            return cls(items, 10, 3, 1, 2, 6.0, is_hurried=True, away_seconds=1.0, within_seconds=240)
        deaths = max(20, items // 20)
        return cls(items, 30, 4, deaths, 5, LEASE.total_seconds(), is_hurried=False, away_seconds=4.0, within_seconds=items * 6.0)

    @property
    def chances(self) -> float:
        """So that the deaths come all along, and are over before the items are, mostly."""
        return (4 if self.is_hurried else 2.5) * self.deaths / self.items


@dataclass
class Campaign:
    """Three threads beside the loop of the reader: whoever orders, the disasters, and the count of what has ended."""

    house: House
    members: list[Actor]
    size: Size
    random: random.Random
    disasters: Disasters
    say: Callable[[str], None]
    #: After every disaster: what is wrong with the money.
    look_at_the_books: Callable[[UnitOfWork], list[str]]
    ordered: set[UUID] = field(default_factory=set[UUID])
    #: What was ordered at the end, when nobody rang.
    silent: set[UUID] = field(default_factory=set[UUID])
    ended: int = 0
    _is_calm: threading.Event = field(default_factory=threading.Event)
    _is_all_ordered: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    async def run(self) -> None:
        """Return when everything that was ordered has ended. Raises: AssertionError after `within_seconds`."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.to_thread(self._order))
                group.create_task(asyncio.to_thread(self._let_happen))
                group.create_task(asyncio.to_thread(self._count))
        finally:
            self._over.set()

    def _order(self) -> None:
        """As many as there should be, and then as many more as it takes until every card of the deck has been played.

        The long form ends with some of whose end nobody rings.
        """
        projects = {member.user_id: self.house.project(member).id for member in self.members}
        deck = self.disasters.crew.deck
        while len(self.ordered) < self.size.items or not deck.is_played:
            self._until(lambda: len(self.ordered) - self.ended < 40, "there are not too many at once")
            member = self.random.choice(self.members)
            made = self._order_some(member, projects[member.user_id])
            if self.random.randrange(100) < CANCELED:
                self._stubbornly(bridge.run, self.house.services.leases.cancel, member, made.id)
        self._until(lambda: self._is_calm.is_set() and self.ended >= len(self.ordered), "everything has ended")
        if not self.size.is_hurried:
            self.disasters.nobody_rings()
            for member in self.members[:3]:
                self.silent |= {item.id for item in self._order_some(member, projects[member.user_id]).items}
        self._is_all_ordered.set()

    def _order_some(self, member: Actor, project_id: UUID) -> GenerationRead:
        count, model = self.random.randint(1, 4), self.random.choice(MODELS)
        wish = self.house.order(project_id, count=count, seed=8 * len(self.ordered), model=model)
        made = self._stubbornly(self.house.submit, member, wish)
        self.ordered |= {item.id for item in made.items}
        return made

    def _let_happen(self) -> None:
        planned = self.disasters.plan(self.size.disasters)
        for number, disaster in enumerate(planned, 1):
            due = number * self.size.items // (len(planned) + 2)
            self._until(lambda due=due: self.ended >= due, f"{due} items have ended, and {disaster.__name__} may come")
            self.disasters.bells_ring_again()
            self.say(f"{self.ended} of {len(self.ordered)} ended: {disaster.__name__}")
            disaster()
            odd = self._stubbornly(bridge.run, self.look_at_the_books)
            assert not odd, "\n".join(odd)
        self._until(lambda: self.ended >= self.size.items, "nearly everything has ended")
        self.disasters.bells_ring_again()
        self._is_calm.set()

    def _count(self) -> None:
        crew, started = self.disasters.crew, 0
        while not self._is_over() and not self._over.wait(0.2):
            try:
                self.ended = bridge.run(_count_ended)
                if self.size.is_hurried:
                    bridge.run(_hurry)
                if self.size.is_hurried and started != crew.started:
                    started = crew.started
                    bridge.run(_end_the_term)
            except Unavailable:
                continue

    def _is_over(self) -> bool:
        return self._is_all_ordered.is_set() and self.ended >= len(self.ordered)

    def _stubbornly(self, act: Callable[..., T], *args: Any) -> T:
        """As somebody who presses the button again."""
        end = time.monotonic() + 120
        while True:
            try:
                return act(*args)
            except Unavailable:
                assert time.monotonic() < end
                assert not self._over.wait(0.2)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        wait_for(
            lambda: condition() or self._troubles() or self._over.is_set(), within_seconds=self.size.within_seconds, what=what
        )
        assert not self._troubles(), "\n".join(self._troubles())
        assert not self._over.is_set()

    def _troubles(self) -> list[str]:
        """What is clear before the end."""
        return [*self.disasters.crew.odd_ends, *self.disasters.reader.problems]


def _count_ended(uow: UnitOfWork) -> int:
    ended = select(func.count()).select_from(GenerationItem).where(col(GenerationItem.status).in_(FINAL))
    return uow.session.exec(ended).one()


def _hurry(uow: UnitOfWork) -> None:
    """What was to wait need not. Rows that somebody works on are left alone."""
    now: Any = func.clock_timestamp()
    waiting = (
        select(GenerationItem.id)
        .where(GenerationItem.status == ItemStatus.queued, col(GenerationItem.not_before_at) > now)
        .with_for_update(skip_locked=True)
    )
    uow.session.execute(update(GenerationItem).where(col(GenerationItem.id).in_(waiting)).values(not_before_at=now))
    slowed = select(ProviderRoute.key).where(col(ProviderRoute.slowed_until) > now).with_for_update(skip_locked=True)
    uow.session.execute(update(ProviderRoute).where(col(ProviderRoute.key).in_(slowed)).values(slowed_until=now))


def _end_the_term(uow: UnitOfWork) -> None:
    """Some worker died: if it was the leader, the next one need not wait; if not, the leader goes on, or is overtaken."""
    uow.session.execute(update(Leadership).values(until=func.clock_timestamp()))


@contextmanager
def named(seed: int) -> Generator[None]:
    """Whatever goes wrong inside says by which seed."""
    try:
        yield
    except BaseException as wrong:
        wrong.add_note(f"The seed of this run: make chaos SEED={seed}")
        raise
