"""The states of an item: every event in every state, and every order of events that Hypothesis can think of.

The table of `docs/states.md` says what is right; what it does not name changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lumiku_web import bridge
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import FINAL, Claim
from lumiku_web.domain.notifications.models import MemberSequence
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Permanent, Transient
from tests.factories.books import Books
from tests.factories.clockwork import end_lease, hand_over_long_ago, make_due, order_long_ago, use_up_attempts
from tests.factories.house import House
from tests.factories.rows import all_rows
from tests.mutants.mutation import PROJECT

MAX_ATTEMPTS = 3
_houses: list[House] = []


class Step(NamedTuple):
    """One line of the table."""

    after: str
    #: What the ledger is told.
    credits: list[str]


def _table() -> dict[tuple[str, str], Step]:
    text = (PROJECT / "docs" / "states.md").read_text(encoding="utf-8")
    told = {"held": ["hold"], "captured": ["capture"], "released": ["release"], "-": []}
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \| (held|captured|released|-) \|$", text, re.MULTILINE)
    return {(state, event): Step(after, told[moves]) for state, event, after, moves in rows}


TABLE: Final = _table()
STATES: Final = ("waits", "handed over", "running", "succeeded", "failed", "canceled")


@dataclass
class Scene:
    """One item, the last claim of it, and the books of the house."""

    house: House
    books: Books = field(default_factory=Books)

    def __post_init__(self) -> None:
        self.leases: Leases = replace(self.house.services.leases, payments=self.books)
        orders = replace(self.house.services.generations, payments=self.books)
        self.actor = self.house.member()
        self.order = bridge.run(orders.submit, self.actor, self.house.order(self.house.project(self.actor).id))
        self.item = self.order.items[0].id
        self.claim: Claim | None = None

    @property
    def row(self) -> GenerationItem:
        return next(item for item in all_rows(GenerationItem) if item.id == self.item)

    @property
    def state(self) -> str:
        row = self.row
        return row.status if row.status != "queued" else "handed over" if row.dispatched_at else "waits"

    def facts(self) -> tuple[object, ...]:
        row = self.row
        return row.status, row.attempt, row.dispatch, row.dispatched_at, row.failure, row.finished_at, row.changed_sequence

    def hand_over(self) -> None:
        if self.state == "waits":
            make_due(self.item)
        bridge.run(self.house.dispatcher().hand_over, self.house.term(), 50)

    def take(self) -> None:
        self.claim = bridge.run(self.leases.claim, self.item) or self.claim

    def take_while_the_route_rests(self) -> None:
        bridge.run(routes.pause, EVERYTHING)
        self.take()
        bridge.run(routes.resume, EVERYTHING)

    def use_up(self) -> None:
        """Let it be the last attempt."""
        if self.state == "running" and self.claim:
            use_up_attempts(self.item, MAX_ATTEMPTS)
            self.claim = replace(self.claim, attempt=MAX_ATTEMPTS)

    def put_back(self, key: str) -> None:
        assert self.claim
        bridge.run(self.leases.put_back, self.claim, Transient(key, retry_after_seconds=5))

    def sweep(self) -> None:
        bridge.run(self.leases.repair, [self.item])

    def end_lease(self) -> None:
        if self.state == "running":
            end_lease(self.item)
        self.sweep()

    def lose_job(self) -> None:
        if self.state == "handed over":
            hand_over_long_ago(self.item)
        self.sweep()

    def wait_for_a_day(self) -> None:
        order_long_ago(self.item)
        self.sweep()

    def of_claim(self, use_case: Callable[..., object], *facts: object) -> None:
        if self.claim:
            bridge.run(use_case, self.claim, *facts)


EVENTS: Final[dict[str, Callable[[Scene], object]]] = {
    "hand over": Scene.hand_over,
    "claim": Scene.take,
    "claim while the route rests": Scene.take_while_the_route_rests,
    "renew": lambda it: bridge.run(it.leases.renew, {it.item: it.claim.fence}) if it.claim else None,
    "accepted": lambda it: it.of_claim(it.leases.accepted, "ticket"),
    "deliver": lambda it: it.claim and it.house.deliver(it.claim, leases=it.leases),
    "put back": lambda it: it.claim and it.put_back("provider_failed"),
    "put back, no attempt left": lambda it: it.claim and (it.use_up(), it.put_back("provider_failed")),
    "put back, the route rests": lambda it: it.claim and it.put_back("provider_busy"),
    "fail": lambda it: it.of_claim(it.leases.fail, Permanent("provider_refused")),
    "give back": lambda it: it.of_claim(it.leases.give_back),
    "lease ended": Scene.end_lease,
    "lease ended, no attempt left": lambda it: (it.use_up(), it.end_lease()),
    "lost by RQ": Scene.lose_job,
    "waited for a day": Scene.wait_for_a_day,
    "cancel": lambda it: bridge.run(it.leases.cancel, it.actor, it.order.id),
}
WAYS: Final = {
    "waits": ["hand over", "claim", "give back"],
    "handed over": ["hand over", "claim", "give back", "hand over"],
    "running": ["hand over", "claim"],
    "succeeded": ["hand over", "claim", "deliver"],
    "failed": ["hand over", "claim", "fail"],
    "canceled": ["hand over", "claim", "cancel"],
}
UNSEEN: Final = {"hand over", "renew", "accepted"}


def happens(scene: Scene, event: str) -> None:
    """Make it happen, and see that nothing else came of it than the table says."""
    state, before, told = scene.state, scene.facts(), len(scene.books.entries)
    step = TABLE.get((state, event))
    EVENTS[event](scene)
    assert [what for what, _ in scene.books.entries[told:]] == (step.credits if step else [])
    assert scene.state == (step.after if step else state)
    if step is None:
        assert scene.facts() == before
    assert (scene.row.changed_sequence > before[-1]) == (step is not None and event not in UNSEEN)  # pyright: ignore[reportOperatorIssue]  (a number)


def test_the_table_names_every_state_and_every_event() -> None:
    assert {event for _, event in TABLE} == {"order", *EVENTS}
    assert {state for state, _ in TABLE} - {"-"} | {step.after for step in TABLE.values()} == set(STATES)


def test_q7_no_state_is_without_an_exit() -> None:
    ended = {"succeeded", "failed", "canceled"}
    assert {state for state, _ in TABLE} & ended == set(), "what has ended has ended"
    leads = set(ended)
    for _ in STATES:
        leads |= {state for (state, _), step in TABLE.items() if step.after in leads}
    assert leads >= set(STATES)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_q7_every_event_does_in_every_state_what_the_table_says(house: House, state: str, event: str) -> None:
    scene = Scene(house)
    assert scene.books.entries == [("hold", scene.order.id)]
    for way in WAYS[state]:
        happens(scene, way)
    assert scene.state == state
    happens(scene, event)


class LifeOfAnItem(RuleBasedStateMachine):
    """Workers claim, deliver, fail, freeze and come back late; time passes; dispatcher, sweeper, member and admin act."""

    @initialize()
    def order(self) -> None:
        self.scene = Scene(_houses[-1])
        self.old: list[Claim] = []
        self.sequence = self.scene.row.changed_sequence

    @rule(event=st.sampled_from(sorted(EVENTS)))
    def something_happens(self, event: str) -> None:
        if (event.endswith("no attempt left")) != (self.scene.row.attempt >= MAX_ATTEMPTS) and event.startswith(("lease", "put")):
            return  # the other line of the table is about this
        before = self.scene.claim
        happens(self.scene, event)
        if before and self.scene.claim is not before:
            self.old.append(before)

    @rule(event=st.sampled_from(sorted(EVENTS)), which=st.integers(0, 5))
    def a_frozen_worker_wakes_up(self, event: str, which: int) -> None:
        """Q1: an attempt that is over changes nothing, whatever it says."""
        if not self.old or event not in {"renew", "accepted", "deliver", "put back", "fail", "give back"}:
            return
        scene = self.scene
        claim, scene.claim = scene.claim, self.old[which % len(self.old)]
        before, told = scene.facts(), list(scene.books.entries)
        EVENTS[event](scene)
        scene.claim = claim
        assert (scene.facts(), scene.books.entries) == (before, told)

    @invariant()
    def it_ends_once_and_its_credits_with_it(self) -> None:
        row = self.scene.row
        assert row.attempt <= MAX_ATTEMPTS
        moves = {"succeeded": ["capture"], "failed": ["release"], "canceled": ["release"]}.get(row.status, [])
        assert [what for what, _ in self.scene.books.entries] == ["hold", *moves]
        assert len([image for image in all_rows(Image) if image.id == self.scene.item]) == (row.status == "succeeded")
        assert (row.finished_at is not None) == (row.status in FINAL)
        assert (row.lease_until is not None) == (row.status == "running")

    @invariant()
    def the_sequence_only_grows(self) -> None:
        row = self.scene.row
        (sequence,) = [s.value for s in all_rows(MemberSequence) if s.user_id == row.user_id]
        assert sequence == row.changed_sequence >= self.sequence
        self.sequence = sequence

    def teardown(self) -> None:
        """Q7: from wherever it was left, sweeper, dispatcher and one healthy worker bring it to its end."""
        scene = self.scene
        if scene.state == "running":
            happens(scene, "lease ended, no attempt left" if scene.row.attempt >= MAX_ATTEMPTS else "lease ended")
        for event in ("hand over", "claim", "deliver"):
            happens(scene, event)
        assert scene.row.status in FINAL


@pytest.fixture
def _house_of_this_test(house: House) -> Iterator[None]:
    _houses.append(house)
    yield
    _houses.pop()


@pytest.mark.usefixtures("_house_of_this_test")
def test_q7_l4_an_item_ends_once_whatever_happens_to_it() -> None:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        LifeOfAnItem, settings=settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=slow)
    )
