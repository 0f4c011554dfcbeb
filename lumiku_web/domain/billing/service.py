"""What a member has, what can be subscribed to, and what became of it. Nothing here changes a subscription."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing import policy
from lumiku_web.domain.billing.models import Allowance, Plan, Subscription
from lumiku_web.domain.billing.repository import PlanRepository, StandingRepository, SubscriptionRepository
from lumiku_web.domain.billing.schemas import (
    ChangeRead,
    Cycle,
    PlanRead,
    Proration,
    Standing,
    Step,
    SubscriptionRead,
    SubscriptionState,
    SubscriptionStatus,
    Tier,
    Window,
)
from lumiku_web.errors import NotFound


def standings(uow: UnitOfWork, user_ids: Collection[UUID], now: datetime | None = None) -> dict[UUID, Standing]:
    """What each of these members has at `now`, or at the beginning of this transaction. Read only, in one statement."""
    found: dict[UUID, Standing] = {}
    rows = StandingRepository(uow.session).rows(user_ids, now)
    for user_id, wallet, subscription, plan, following, days, months, spending, preference, moment in rows:
        day = policy.day_of(moment)
        state = _lasting(subscription, [plan, following], moment) if subscription else None
        quota = state.plan if state and state.status.gives else None
        found[user_id] = Standing(
            user_id=user_id,
            available=wallet.available if wallet else 0,
            held=wallet.held if wallet else 0,
            owed=wallet.owed if wallet else 0,
            plan=state.plan if state else None,
            status=state.status if state else None,
            until=(state.grace_until or state.period_end) if state else None,
            next_plan_key=state.next_plan.key if state and state.next_plan else "",
            day=_window(days, quota.daily_quota if quota else 0),
            month=_window(months, quota.monthly_quota if quota else 0),
            on=day,
            resets_at=policy.next_day(day),
            spending_cap=preference.spending_cap if preference else None,
            spent=spending.used + spending.held if spending else 0,
            uses_credits=bool(preference and preference.uses_credits),
        )
    return found


def plans(uow: UnitOfWork) -> list[PlanRead]:
    """What can be subscribed to, in the order in which people see it."""
    return [plan_read(plan) for plan in PlanRepository(uow.session).by_key().values() if plan.is_offered]


def cost_of_plan(uow: UnitOfWork, user_id: UUID, plan_key: str) -> tuple[PlanRead, Proration]:
    """What this plan would cost the member at this moment, and when it would begin. Read only.

    Raises: NotFound(`plan_not_found`).
    """
    plans, now = PlanRepository(uow.session).by_key(), StandingRepository(uow.session).now()
    if plan_key not in plans:
        raise NotFound("plan_not_found")
    plan, row = plan_read(plans[plan_key]), SubscriptionRepository(uow.session).current(user_id)
    state = _lasting(row, list(plans.values()), now) if row else None
    return plan, policy.prorate(state, plan, now) if state else Proration(0, plan.price_minor, now)


def history(uow: UnitOfWork, user_id: UUID) -> list[SubscriptionRead]:
    """The member's subscriptions as they are at this moment, the newest first."""
    plans, now = PlanRepository(uow.session).by_key(), StandingRepository(uow.session).now()
    rows = SubscriptionRepository(uow.session).of(user_id)
    return [_subscription_read(row, policy.as_of(state_of(row, plans), now)) for row in rows]


def changes(uow: UnitOfWork, user_id: UUID, *, limit: int = 50) -> list[ChangeRead]:
    """What happened to the member's subscriptions, the newest first."""
    return [
        ChangeRead(row.created_at, Step(row.what), row.plan_key, row.due_minor, row.credit_minor, row.actor_id)
        for row in SubscriptionRepository(uow.session).changes(user_id, limit=limit)
    ]


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


def state_of(row: Subscription, plans: Mapping[str, Plan]) -> SubscriptionState:
    """The row as a fact, with its plans: as it was when it was written, which is not always as it is."""
    return SubscriptionState(
        plan=plan_read(plans[row.plan_key]),
        status=SubscriptionStatus(row.status),
        period_start=row.period_start,
        period_end=row.period_end,
        anchor_day=row.anchor_day,
        next_plan=plan_read(following) if (following := plans.get(row.next_plan_key)) else None,
        paid_minor=row.paid_minor,
        balance_minor=row.balance_minor,
        grace_until=row.grace_until,
        ended_at=row.ended_at,
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


def _lasting(row: Subscription, plans: list[Plan | None], now: datetime) -> SubscriptionState | None:
    """As it is at `now`, if it has not ended by then."""
    state = policy.as_of(state_of(row, {plan.key: plan for plan in plans if plan}), now)
    return None if state.status is SubscriptionStatus.ended else state


def _subscription_read(row: Subscription, state: SubscriptionState) -> SubscriptionRead:
    return SubscriptionRead(
        id=row.id,
        user_id=row.user_id,
        plan_key=state.plan.key,
        status=state.status,
        started_at=row.created_at,
        period_start=state.period_start,
        period_end=state.period_end,
        next_plan_key=state.next_plan.key if state.next_plan else "",
        ended_at=state.ended_at,
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
