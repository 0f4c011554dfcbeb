"""Rules of money that need no database: windows, how an order is paid, what a change of plan costs."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from lumiku_web.domain.billing.schemas import (
    Cycle,
    Elapsed,
    PlanRead,
    Price,
    Proration,
    Quote,
    Standing,
    Step,
    SubscriptionState,
    SubscriptionStatus,
)
from lumiku_web.domain.ledger.schemas import CREDITS_MAX, Wallet
from lumiku_web.domain.ledger.service import check_spendable
from lumiku_web.errors import InvalidInput, LimitReached

#: What a plan gives goes on for so long after its period, for whoever forgot to pay.
GRACE: Final = timedelta(days=7)


def day_of(moment: datetime) -> date:
    """The UTC day that quotas count by."""
    return moment.astimezone(UTC).date()


def month_of(day: date) -> date:
    """The first day of its UTC month."""
    return day.replace(day=1)


def next_day(day: date) -> datetime:
    """When a new daily quota begins."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def quote(standing: Standing, price: Price, count: int) -> Quote:
    """How so many pictures are paid: as many as the quota covers by it, the others with credits.

    Credits pay for who has no plan, and for who has one only if they said so.
    Raises: LimitReached(`quota_used_up` | `credits_owed` | `credits_short` | `spending_cap`).
    """
    by_quota = min(count, standing.quota_left // price.quota)
    made = Quote(price, count, by_quota, count - by_quota)
    if made.by_credits and standing.has_plan and not standing.uses_credits:
        needed = count * price.quota
        resets_at = told(_more_from(standing, needed))
        raise LimitReached("quota_used_up", needed=needed, left=standing.quota_left, resets_at=resets_at)
    if made.by_credits:
        check_spendable(Wallet(standing.available, standing.held, standing.owed), made.credits)
        if standing.spending_cap is not None and standing.spent + made.credits > standing.spending_cap:
            raise LimitReached("spending_cap", cap=standing.spending_cap, spent=standing.spent, needed=made.credits)
    return made


def check_cap(cap: object) -> None:
    """A member's own bound: None, or credits from 0. Raises: InvalidInput(`spending_cap_out_of_range`)."""
    if cap is not None and (not isinstance(cap, int) or isinstance(cap, bool) or not 0 <= cap <= CREDITS_MAX):
        raise InvalidInput("spending_cap_out_of_range", field="cap", maximum=CREDITS_MAX)


def period_end(start: datetime, cycle: Cycle, anchor_day: int) -> datetime:
    """A calendar month or year later: on the anchor's day, or on the last one of a shorter month."""
    year, month = (start.year + 1, start.month) if cycle is Cycle.year else (start.year + start.month // 12, start.month % 12 + 1)
    return start.replace(year=year, month=month, day=min(anchor_day, monthrange(year, month)[1]))


def begun(plan: PlanRead, start: datetime, *, anchor_day: int | None = None, credit_minor: int = 0) -> SubscriptionState:
    """A new period of a plan. `credit_minor` counts as paid; what is more than the price waits for the next period."""
    start = start.astimezone(UTC)
    day = anchor_day or start.day
    return SubscriptionState(
        plan,
        SubscriptionStatus.active,
        start,
        period_end(start, plan.cycle, day),
        anchor_day=day,
        paid_minor=plan.price_minor,
        balance_minor=max(0, credit_minor - plan.price_minor),
    )


def elapsed(state: SubscriptionState, now: datetime) -> list[Elapsed]:
    """What time has done to a subscription until `now`, in order; nothing, if it is as it was."""
    done: list[Elapsed] = []
    while (following := _next(state)) and following.at <= now:
        done.append(following)
        state = following.after
    return done


def as_of(state: SubscriptionState, now: datetime) -> SubscriptionState:
    """How the subscription is at `now`: what is enforced does not wait for the process that writes it down."""
    done = elapsed(state, now)
    return done[-1].after if done else state


def prorate(state: SubscriptionState, plan: PlanRead, now: datetime) -> Proration:
    """What a change to `plan` costs, and when it begins. `state` is as of `now`.

    A plan that is dearer per day begins now: of what the running period was worth the unused part counts, rounded up, with what
    was left from before. So does any plan once the paid period is over. A cheaper one, or one as dear, follows at its end.
    """
    left = min(max(state.period_end - now, timedelta(0)), state.period_end - state.period_start)
    if left and _by_the_year(plan) <= _by_the_year(state.plan):
        return Proration(credit_minor=0, due_minor=0, at=state.period_end)
    unused = -(-state.paid_minor * _ticks(left) // _ticks(state.period_end - state.period_start))
    credit = unused + state.balance_minor
    return Proration(credit_minor=credit, due_minor=max(0, plan.price_minor - credit), at=now)


def _next(state: SubscriptionState) -> Elapsed | None:
    """What time does next."""
    status, end = state.status, state.period_end
    if status is SubscriptionStatus.canceled:
        return Elapsed(Step.ended, end, replace(state, status=SubscriptionStatus.ended, ended_at=end))
    if status is SubscriptionStatus.grace and state.grace_until:
        return Elapsed(Step.suspended, state.grace_until, replace(state, status=SubscriptionStatus.suspended))
    if status is not SubscriptionStatus.active:
        return None
    if state.next_plan:
        return Elapsed(Step.changed, end, replace(state, plan=state.next_plan, next_plan=None))
    if state.balance_minor >= state.plan.price_minor:
        return Elapsed(Step.renewed, end, begun(state.plan, end, anchor_day=state.anchor_day, credit_minor=state.balance_minor))
    return Elapsed(Step.grace, end, replace(state, status=SubscriptionStatus.grace, grace_until=end + GRACE))


def _by_the_year(plan: PlanRead) -> int:
    """Prices of months and years, made comparable."""
    return plan.price_minor * (12 if plan.cycle is Cycle.month else 1)


def _ticks(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _more_from(standing: Standing, needed: int) -> datetime | None:
    """When the window begins that has room again: the next day, or the next month where this one's is used up."""
    if standing.on and standing.month.left < needed:
        return next_day(standing.on.replace(day=monthrange(standing.on.year, standing.on.month)[1]))
    return standing.resets_at


def told(at: datetime | None) -> str:
    """A moment in a sentence."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""
