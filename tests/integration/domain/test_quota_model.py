"""Whatever is ordered, ends and passes in whatever order: the windows are what one would count on paper (L11)."""

from dataclasses import dataclass, field

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.payments import Held
from lumiku_web.domain.billing.schemas import Price, Share
from lumiku_web.errors import LimitReached
from lumiku_web.ids import new_id
from tests.factories.money import Till, small_plan, windows

DAILY, MONTHLY, CREDITS = 4, 9, 12
PLAN = f"small-{DAILY}-{MONTHLY}"
_tills: list[Till] = []


@dataclass
class Model:
    """Quotas, as one would count them on paper."""

    #: (used, held) by kind and first day.
    windows: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict[tuple[str, str], tuple[int, int]])
    available: int = CREDITS
    uses_credits: bool = False
    cap: int | None = None

    def taken(self, kind: str, day: str) -> int:
        return sum(self.windows.get((kind, day), (0, 0)))

    def order(self, day: str, month: str, count: int) -> list[str] | str:
        """How each picture is paid, or the refusal."""
        left = min(DAILY - self.taken("day", day), MONTHLY - self.taken("month", month))
        by_quota = min(count, left)
        rest = count - by_quota
        if rest and not self.uses_credits:
            return "quota_used_up"
        if rest > self.available:
            return "credits_short"
        if rest and self.cap is not None and self.taken("spending", month) + rest > self.cap:
            return "spending_cap"
        self.available -= rest
        ways = ["quota"] * by_quota + ["credits"] * rest
        for way in ways:
            self.count(way, day, month, used=0, held=1)
        return ways

    def end(self, way: str, day: str, month: str, *, is_used: bool) -> None:
        self.count(way, day, month, used=int(is_used), held=-1)
        self.available += way == "credits" and not is_used

    def count(self, way: str, day: str, month: str, *, used: int, held: int) -> None:
        for key in [("day", day), ("month", month)] if way == "quota" else [("spending", month)]:
            old = self.windows.get(key, (0, 0))
            self.windows[key] = old[0] + used, old[1] + held


class Quotas(RuleBasedStateMachine):
    """Somebody orders, what was ordered ends in whatever order, days pass, and the clock is set back."""

    @initialize()
    def begin(self) -> None:
        self.till, self.model = _tills[-1], Model()
        self.till.clock.set("2028-02-27T23:00")
        self.actor = self.till.house.member()
        self.till.subscribe(self.actor, PLAN)
        self.till.empty_purse(self.actor, leave=CREDITS)
        self.open: list[Share] = []

    @property
    def window(self) -> tuple[str, str]:
        day = self.till.clock.now.date()
        return day.isoformat(), day.replace(day=1).isoformat()

    @rule(count=st.integers(1, 4))
    def order(self, count: int) -> None:
        order_id, payments = new_id(), self.till.house.services.payments

        def hold(uow: UnitOfWork) -> Held:
            return payments.hold(uow, payments.standing(uow, self.actor.user_id), order_id, Price(1, 1), count)

        expected = self.model.order(*self.window, count)
        if isinstance(expected, str):
            with pytest.raises(LimitReached, match=expected):
                bridge.run(hold)
            return
        held = bridge.run(hold)
        assert [way.value for way in held.paid_with] == expected
        self.open += [Share(order_id, new_id(), self.actor.user_id, way, 1, held.on) for way in held.paid_with]

    @rule(which=st.integers(0, 30), is_used=st.booleans())
    def end(self, which: int, is_used: bool) -> None:
        if not self.open:
            return
        share, payments = self.open.pop(which % len(self.open)), self.till.house.services.payments
        bridge.run(payments.capture if is_used else payments.release, share)
        month = share.held_on.replace(day=1).isoformat()
        self.model.end(share.paid_with.value, share.held_on.isoformat(), month, is_used=is_used)

    @rule(hours=st.sampled_from([1, 1, 24, 24 * 5, -1, -24]))
    def time_passes(self, hours: int) -> None:
        self.till.clock.move(hours=hours)

    @rule(cap=st.sampled_from([None, 0, 3, 8]), uses_credits=st.booleans())
    def decide(self, cap: int | None, uses_credits: bool) -> None:
        bridge.run(self.till.billing.set_spending, self.actor, cap=cap, uses_credits=uses_credits)
        self.model.cap, self.model.uses_credits = cap, uses_credits

    @invariant()
    def the_rows_are_what_one_would_count(self) -> None:
        assert windows(self.actor) == self.model.windows
        assert self.till.standing(self.actor).available == self.model.available
        assert all(
            sum(taken) <= {"day": DAILY, "month": MONTHLY}.get(kind, 99) for (kind, _), taken in self.model.windows.items()
        )


def test_l11_whatever_happens_in_whatever_order_the_windows_are_what_one_would_count(services: Services) -> None:
    assert small_plan(DAILY, MONTHLY) == PLAN
    _tills.append(Till.of(services, "2028-02-27T23:00"))
    # Without the search for a shorter example: it would take longer than a test may.
    patient = settings(max_examples=25, stateful_step_count=25, phases=[Phase.reuse, Phase.generate])
    run_state_machine_as_test(Quotas, settings=patient)
