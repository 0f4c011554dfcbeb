"""Every order of events in an item's life, as Hypothesis can think of it: it ends once, and there is always a way to the end."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule, run_state_machine_as_test

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import FINAL, Claim
from lumiku_web.domain.notifications.models import MemberSequence
from lumiku_web.errors import Permanent, Transient
from tests.factories.clockwork import end_lease, hand_over_long_ago, make_due
from tests.factories.house import House
from tests.factories.rows import all_rows

MAX_ATTEMPTS = 3
_houses: list[House] = []


class LifeOfAnItem(RuleBasedStateMachine):
    """Workers claim, deliver, fail, freeze and come back late; time passes; sweepers look."""

    claims = Bundle("claims")

    @initialize()
    def submit(self) -> None:
        self.house = _houses[-1]
        self.services = self.house.services
        self.item = self.house.submit(self.house.member()).items[0].id
        self.sequence = self.row.changed_sequence
        self.ends = 0
        self.held: Claim | None = None

    @property
    def row(self) -> GenerationItem:
        return next(item for item in all_rows(GenerationItem) if item.id == self.item)

    @rule(target=claims)
    def claim(self) -> object:
        claim = bridge.run(self.services.leases.claim, self.item)
        if claim is None:
            return multiple()
        self.held = claim
        return claim

    def _ended(self, claim: Claim, answer: object, *, ends: bool) -> None:
        """Only the last claim may change anything, and only once."""
        assert bool(answer) == (self.held == claim)
        if answer:
            self.held = None
            self.ends += ends

    @rule(claim=claims)
    def deliver(self, claim: Claim) -> None:
        answer = House(self.services).deliver(claim)
        self._ended(claim, answer, ends=True)

    @rule(claim=claims)
    def fail(self, claim: Claim) -> None:
        self._ended(claim, bridge.run(self.services.leases.fail, claim, Permanent("provider_refused")), ends=True)

    @rule(claim=claims)
    def put_back(self, claim: Claim) -> None:
        answer = bridge.run(self.services.leases.put_back, claim, Transient("provider_busy"))
        self._ended(claim, answer, ends=claim.attempt >= MAX_ATTEMPTS)

    @rule(claim=claims)
    def give_back(self, claim: Claim) -> None:
        before = self.row
        bridge.run(self.services.leases.give_back, claim)
        self._ended(claim, self.row != before, ends=False)

    @rule(claim=claims)
    def renew(self, claim: Claim) -> None:
        held = bridge.run(self.services.leases.renew, {self.item: claim.fence})
        assert bool(held) == (self.held == claim)

    @rule()
    def the_worker_freezes(self) -> None:
        if self.row.status == "running":
            end_lease(self.item)

    @rule()
    def time_passes(self) -> None:
        if self.row.status == "queued":
            make_due(self.item)
            hand_over_long_ago(self.item)

    @rule()
    def a_sweeper_looks(self) -> None:
        before = self.row
        bridge.run(self.services.leases.hand_over_again, [self.item])
        after = self.row
        if before.status == "running" and after.status != "running":
            self.held = None
            self.ends += after.status == "failed"

    @invariant()
    def it_ends_once_and_bounded(self) -> None:
        row = self.row
        assert row.attempt <= MAX_ATTEMPTS
        assert self.ends == (row.status in FINAL)
        pictures = [image for image in all_rows(Image) if image.id == self.item]
        assert len(pictures) == (row.status == "succeeded")
        assert (row.finished_at is not None) == (row.status in FINAL)
        assert (row.lease_until is not None) == (row.status == "running")

    @invariant()
    def the_sequence_only_grows(self) -> None:
        row = self.row
        (sequence,) = [s.value for s in all_rows(MemberSequence) if s.user_id == row.user_id]
        assert sequence == row.changed_sequence >= self.sequence
        self.sequence = sequence

    def teardown(self) -> None:
        """Q7: from wherever it was left, time, sweepers and one healthy worker bring it to its end."""
        for _ in range(3):
            if self.row.status in FINAL:
                return
            self.the_worker_freezes()
            self.time_passes()
            bridge.run(self.services.leases.hand_over_again, [self.item])
            claim = bridge.run(self.services.leases.claim, self.item)
            if claim:
                assert House(self.services).deliver(claim)
        assert self.row.status in FINAL


@pytest.fixture
def _house_of_this_test(house: House, services: Services) -> Iterator[None]:
    _houses.append(house)
    yield
    _houses.pop()


@pytest.mark.usefixtures("_house_of_this_test")
def test_q7_l4_an_item_ends_once_whatever_happens_to_it() -> None:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        LifeOfAnItem, settings=settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=slow)
    )
