"""What a picture costs, and who may have what."""

from dataclasses import replace
from typing import Final

from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.domain.catalog.schemas import AppAccess, AppState, ModelChange, ModelRead, Params
from lumiku_web.errors import Conflict, InvalidInput, LimitReached

#: Of one picture: what is more is a slip of the hand.
CREDITS_MAX: Final = 10_000
QUOTA_MAX: Final = 100


def priced(model: ModelRead, params: Params) -> ModelRead:
    """The model at the price of one picture of this wish.

    Form, order and capture all take it from here, and it follows from nothing else: what is shown is what is held, and what is
    held is what is captured.
    """
    price = params.priced(model.price)
    return replace(model, credits_price=price.credits, quota_price=price.quota)


def check_access(app: AppAccess, tier: Tier) -> None:
    """The app can be used, by who has this tier.

    Raises: Conflict(`app_off` | `app_coming_soon`), LimitReached(`app_not_in_plan`).
    """
    if app.state is AppState.off:
        raise Conflict("app_off")
    if app.state is AppState.coming_soon:
        raise Conflict("app_coming_soon")
    if not tier.covers(app.tier):
        raise LimitReached("app_not_in_plan", tier=app.tier.value)


def checked(change: ModelChange) -> dict[str, object]:
    """The columns that it sets. Raises: InvalidInput(`price_out_of_range`, `quota_price_out_of_range`, `tier_unknown`)."""
    if not _whole(change.credits, CREDITS_MAX):
        raise InvalidInput("price_out_of_range", field="credits", maximum=CREDITS_MAX)
    if not _whole(change.quota, QUOTA_MAX):
        raise InvalidInput("quota_price_out_of_range", field="quota", maximum=QUOTA_MAX)
    return {
        "credits_price": change.credits,
        "quota_price": change.quota,
        "tier": known_tier(change.tier).value,
        "is_enabled": change.is_enabled,
        "is_beta": change.is_beta,
    }


def known_tier(tier: object) -> Tier:
    """Raises: InvalidInput(`tier_unknown`)."""
    if not isinstance(tier, str) or tier not in set(Tier):
        raise InvalidInput("tier_unknown", field="tier")
    return Tier(tier)


def _whole(number: object, maximum: int) -> bool:
    """`True` is an int to Python."""
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= maximum
