"""Plans, subscriptions, and what a member has."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing import policy
from lumiku_web.domain.billing.models import Allowance, Plan
from lumiku_web.domain.billing.repository import PlanRepository, StandingRepository
from lumiku_web.domain.billing.schemas import Cycle, PlanRead, Standing, SubscriptionStatus, Tier, Window


def standings(uow: UnitOfWork, user_ids: Collection[UUID], now: datetime | None = None) -> dict[UUID, Standing]:
    """What each of these members has at `now`, or at the beginning of this transaction. Read only, in one statement."""
    found: dict[UUID, Standing] = {}
    rows = StandingRepository(uow.session).rows(user_ids, now)
    for user_id, wallet, subscription, plan, days, months, spending, preference, moment in rows:
        day = policy.day_of(moment)
        found[user_id] = Standing(
            user_id=user_id,
            available=wallet.available if wallet else 0,
            held=wallet.held if wallet else 0,
            owed=wallet.owed if wallet else 0,
            plan=plan_read(plan) if plan else None,
            status=SubscriptionStatus(subscription.status) if subscription else None,
            until=(subscription.grace_until or subscription.period_end) if subscription else None,
            next_plan_key=subscription.next_plan_key if subscription else "",
            day=_window(days, plan.daily_quota if plan else 0),
            month=_window(months, plan.monthly_quota if plan else 0),
            on=day,
            resets_at=policy.next_day(day),
            spending_cap=preference.spending_cap if preference else None,
            spent=spending.used + spending.held if spending else 0,
            uses_credits=bool(preference and preference.uses_credits),
        )
    return found


def seed(uow: UnitOfWork) -> None:
    """The plans that Lumiku ships with. Running it again changes nothing; what an operator has changed stays."""
    month, year = Cycle.month.value, Cycle.year.value
    PlanRepository(uow.session).add_missing(
        [
            _plan("free", Tier.free, 0, month, daily=10, monthly=300, weight=1, position=10),
            _plan("basic", Tier.basic, 99_000, month, daily=50, monthly=1_500, weight=2, position=20),
            _plan("pro", Tier.pro, 299_000, month, daily=100, monthly=3_000, weight=3, position=30),
            _plan("enterprise", Tier.enterprise, 999_000, month, daily=500, monthly=15_000, weight=4, position=40),
            _plan("pro-yearly", Tier.pro, 2_870_000, year, daily=100, monthly=3_000, weight=3, position=50),
        ]
    )


def plan_read(plan: Plan) -> PlanRead:
    """A plan's row as a fact."""
    return PlanRead(
        key=plan.key,
        title=plan.title,
        tier=Tier(plan.tier),
        price_minor=plan.price_minor,
        currency=plan.currency,
        cycle=Cycle(plan.cycle),
        daily_quota=plan.daily_quota,
        monthly_quota=plan.monthly_quota,
        weight=plan.weight,
    )


def _window(row: Allowance | None, limit: int) -> Window:
    return Window(limit, row.used, row.held) if row else Window(limit)


def _plan(key: str, tier: Tier, price: int, cycle: str, *, daily: int, monthly: int, weight: int, position: int) -> Plan:
    return Plan(
        key=key,
        title=key.replace("-", " ").capitalize(),
        tier=tier.value,
        price_minor=price,
        cycle=cycle,
        daily_quota=daily,
        monthly_quota=monthly,
        weight=weight,
        position=position,
    )
