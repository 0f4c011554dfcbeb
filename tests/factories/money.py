"""A house whose money runs by a clock of the test's own, and its people."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing.models import Allowance, Plan
from lumiku_web.domain.billing.operations import Treasury
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.schemas import AllowanceKind, Proration, Standing
from lumiku_web.domain.billing.subscriptions import Billing
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.rows import all_rows


class Clock:
    """Stands still until a test moves it, forwards or back."""

    def __init__(self, now: str) -> None:
        self.set(now)

    def __call__(self, uow: UnitOfWork) -> datetime:
        return self.now

    def set(self, now: str) -> None:
        """ISO, in UTC."""
        self.now = datetime.fromisoformat(now).replace(tzinfo=UTC)

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Till:
    """An admin, and whoever she does something for."""

    house: House
    clock: Clock
    root: Actor

    @classmethod
    def of(cls, services: Services, now: str) -> "Till":
        clock = Clock(now)
        payments = Payments(clock)
        timed = replace(
            services,
            payments=payments,
            billing=Billing(services.doorbell, payments),
            treasury=Treasury(services.doorbell, payments),
            generations=replace(services.generations, payments=payments),
            leases=replace(services.leases, payments=payments),
        )
        house = House(timed)
        return cls(house, clock, house.member(name="Root"))

    @property
    def billing(self) -> Billing:
        return self.house.services.billing

    @property
    def treasury(self) -> Treasury:
        return self.house.services.treasury

    def subscriber(self, plan_key: str, *, uses_credits: bool = False) -> Actor:
        """A new member with this plan, from now on."""
        actor = self.house.member()
        self.subscribe(actor, plan_key)
        if uses_credits:
            bridge.run(self.billing.set_spending, actor, cap=None, uses_credits=True)
        return actor

    def subscribe(self, actor: Actor, plan_key: str) -> Proration:
        return bridge.run(self.treasury.subscribe, self.root, actor.user_id, plan_key)

    def change(self, actor: Actor, plan_key: str) -> Proration:
        return bridge.run(self.treasury.change_plan, self.root, actor.user_id, plan_key)

    def renew(self, actor: Actor) -> Proration:
        return bridge.run(self.treasury.renew, self.root, actor.user_id)

    def advance(self) -> int:
        """As the leader does each minute."""
        return bridge.run(self.billing.advance)

    def standing(self, actor: Actor) -> Standing:
        return bridge.run(self.billing.standing, actor)

    def act(self, name: str, actor: Actor, amount: Any, *, key: UUID | None = None, reason: str = "a reason") -> bool:
        """`grant`, `sell`, `adjust`, `refund` or `charge_back`."""
        use_case = getattr(self.treasury, name)
        return bridge.run(use_case, self.root, actor.user_id, amount, key=key or new_id(), reason=reason)

    def empty_purse(self, actor: Actor, *, leave: int = 0) -> None:
        """Take what the member began with."""
        self.act("adjust", actor, leave - self.standing(actor).available)


def small_plan(daily: int, monthly: int) -> str:
    """A plan of so many units, which costs nothing."""
    key = f"small-{daily}-{monthly}"
    known = {"title": "Small", "tier": "free", "price_minor": 0, "cycle": "month", "position": 1, "is_offered": True}
    bridge.run(lambda uow: uow.session.add(Plan(key=key, daily_quota=daily, monthly_quota=monthly, **known)))  # pyright: ignore[reportArgumentType]  (columns)
    return key


def windows(actor: Actor) -> dict[tuple[str, str], tuple[int, int]]:
    """(used, held) of each window of this member, by kind and first day."""
    mine = [row for row in all_rows(Allowance) if row.user_id == actor.user_id]
    return {(AllowanceKind(row.kind).value, row.starts_on.isoformat()): (row.used, row.held) for row in mine}
