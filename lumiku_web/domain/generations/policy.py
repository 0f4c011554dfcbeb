"""Rules of an order that need no database."""

import hashlib
import json
import random
from datetime import timedelta
from typing import Final
from uuid import UUID

from lumiku_web.domain.billing.schemas import Standing
from lumiku_web.domain.catalog.schemas import ModelRead
from lumiku_web.domain.generations.schemas import Order
from lumiku_web.errors import Conflict, InvalidInput, LimitReached
from lumiku_web.ids import derived_id

COUNT_MAX: Final = 4
SEED_MAX: Final = 2**32 - 1

#: How long a worker may be silent before its item is given to another.
LEASE: Final = timedelta(seconds=15)
#: A worker prolongs its leases this often.
RENEWAL: Final = LEASE / 3
#: Who has waited this long gets no picture any more: its price goes back.
WAIT_LIMIT: Final = timedelta(hours=24)
#: A waiting item that was handed over this long ago may have been lost by the queue.
STALE: Final = timedelta(seconds=10)
#: Seconds before the second and the third attempt, where the provider names no time.
BACK_OFF: Final = (5.0, 20.0, 60.0)


def check_order(order: Order) -> None:
    """Raises: InvalidInput(`count_out_of_range` | `seed_out_of_range`)."""
    if not _whole(order.count) or not 1 <= order.count <= COUNT_MAX:
        raise InvalidInput("count_out_of_range", field="count", maximum=COUNT_MAX)
    if not _whole(order.seed) or not 0 <= order.seed <= SEED_MAX:
        raise InvalidInput("seed_out_of_range", field="seed", maximum=SEED_MAX)


def check_terms(order: Order, model: ModelRead, standing: Standing) -> None:
    """The member's plan has this model, and its price is the one that was shown (L12).

    Raises: LimitReached(`model_not_in_plan`), Conflict(`price_changed`).
    """
    if not standing.tier.covers(model.tier):
        raise LimitReached("model_not_in_plan", model=model.title, tier=model.tier.value)
    if order.shown_price not in {None, model.price}:
        raise Conflict("price_changed", model=model.title, credits=model.price.credits, quota=model.price.quota)


def request_hash(order: Order) -> str:
    """The same for the same wish: a key that comes back with another one is refused."""
    wish = [
        str(order.project_id),
        order.app.slug,
        order.kind.name,
        order.params.model_dump(mode="json"),
        order.count,
        order.seed,
        order.model,
    ]
    return hashlib.sha256(json.dumps([*wish, *order.seeds], sort_keys=True).encode()).hexdigest()


def retry_key(tried_id: UUID) -> UUID:
    """Key of the order that tries this picture, or what failed of this order, again: there is one at most."""
    return derived_id(tried_id, "try again")


def item_seed(order: Order, position: int) -> int:
    """Items of one order differ by their seed, which wraps at 2**32."""
    return order.seeds[position] if order.seeds else (order.seed + position) % (SEED_MAX + 1)


def wait_before_retry(attempt: int, asked_seconds: float | None) -> timedelta:
    """The provider's own wish, at most 10 minutes; else growing back-off with a fifth of jitter."""
    if asked_seconds is not None:
        return timedelta(seconds=min(max(asked_seconds, 1.0), 600.0))
    base = BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1]
    return timedelta(seconds=base * random.uniform(0.8, 1.2))


def _whole(number: object) -> bool:
    """What comes from a browser may be a fraction, and `True` is an int to Python."""
    return isinstance(number, int) and not isinstance(number, bool)
