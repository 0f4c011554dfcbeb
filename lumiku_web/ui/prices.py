"""What an order would cost the person who fills in its form, from what that person has right now."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from lumiku_web.clock import utc_now
from lumiku_web.domain.billing.policy import next_day, quote
from lumiku_web.domain.billing.schemas import Price, Quote, Standing, Tier, Window
from lumiku_web.domain.catalog.policy import check_access
from lumiku_web.domain.catalog.schemas import AppAccess, ModelRead
from lumiku_web.errors import Conflict, LimitReached
from lumiku_web.ui.cards import ModelChoice, PriceTag

_SHOWN: Final = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


def choices(models: Iterable[ModelRead], tier: Tier) -> list[ModelChoice]:
    """All of them; those that this tier has not are shown, and closed."""
    return [
        ModelChoice(
            key=model.key,
            title=model.title,
            credits=model.credits_price,
            quota=model.quota_price,
            tier=model.tier.value,
            is_open=tier.covers(model.tier),
            is_beta=model.is_beta,
        )
        for model in models
    ]


def price_tag(standing: Standing, app: AppAccess, model: ModelRead, count: int) -> PriceTag:
    """Of so many pictures; the model is at its price for this wish."""
    standing, price = _as_of(standing, utc_now()), model.price
    paid = _paid(standing, price, count)
    why_not, tier = _refusal(standing, app, model, count)
    return PriceTag(
        is_known=True,
        shown=f"{price.credits}/{price.quota}",
        model=model.title,
        count=count,
        credits_each=price.credits,
        quota_each=price.quota,
        by_quota=paid.by_quota,
        by_credits=paid.by_credits,
        quota=paid.quota,
        credits=paid.credits,
        has_plan=standing.has_plan,
        quota_limit=standing.day.limit,
        quota_after=max(0, standing.quota_left - paid.quota),
        balance=standing.available,
        balance_after=max(0, standing.available - paid.credits),
        why_not=why_not,
        missing=max(0, paid.credits - standing.available),
        owed=standing.owed,
        cap=standing.spending_cap or 0,
        tier=tier,
        ends_at=_quota_again(standing, paid.quota),
    )


def read_price(shown: object) -> Price | None:
    """What a form sends back of a `PriceTag.shown`; None for anything else."""
    parts = _SHOWN.fullmatch(str(shown))
    return Price(int(parts[1]), int(parts[2])) if parts else None


def _as_of(standing: Standing, now: datetime) -> Standing:
    """A new day begins in a form that stays open, too: what was used is of another one then."""
    if standing.on is None or standing.on >= now.date():
        return standing
    is_new_month = standing.on.replace(day=1) < now.date().replace(day=1)
    month = Window(standing.month.limit) if is_new_month else standing.month
    return replace(standing, on=now.date(), day=Window(standing.day.limit), month=month, resets_at=next_day(now.date()))


def _paid(standing: Standing, price: Price, count: int) -> Quote:
    """As `quote`, also where there is not enough."""
    covered = min(count, standing.quota_left // price.quota)
    by_quota = count if standing.has_plan and not standing.uses_credits else covered
    return Quote(price, count, by_quota, count - by_quota)


def _refusal(standing: Standing, app: AppAccess, model: ModelRead, count: int) -> tuple[str, str]:
    """Key, and the plan that would be needed; both empty where it can be ordered."""
    try:
        check_access(app, standing.tier)
        if not standing.tier.covers(model.tier):
            return "model_not_in_plan", model.tier.value
        quote(standing, model.price, count)
    except (Conflict, LimitReached) as refused:
        return refused.key, app.tier.value
    return "", ""


def _quota_again(standing: Standing, needed: int) -> str:
    """A new day, or the new month where this one has not enough left."""
    if standing.month.left < needed and standing.on is not None:
        return datetime.combine(_next_month(standing.on), datetime.min.time(), UTC).isoformat()
    return standing.resets_at.isoformat() if standing.resets_at else ""


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
