"""Rules of money that need no database: windows, how an order is paid, what a change of plan costs."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from lumiku_web.domain.billing.schemas import Price, Quote, Standing
from lumiku_web.domain.ledger.schemas import Wallet
from lumiku_web.domain.ledger.service import check_spendable
from lumiku_web.errors import LimitReached

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
        raise LimitReached("quota_used_up", needed=needed, left=standing.quota_left, resets_at=_moment(standing.resets_at))
    if made.by_credits:
        check_spendable(Wallet(standing.available, standing.held, standing.owed), made.credits)
        if standing.spending_cap is not None and standing.spent + made.credits > standing.spending_cap:
            raise LimitReached("spending_cap", cap=standing.spending_cap, spent=standing.spent, needed=made.credits)
    return made


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else ""
