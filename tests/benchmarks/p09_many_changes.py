"""P9, small: 200 members, each with a tab and one change a second."""

import statistics
import time
from collections.abc import Sequence
from uuid import UUID

import psycopg
from redis import Redis

from lumiku_web.adapters.doorbell_redis import RedisDoorbell
from tests.benchmarks.figures import Figure, figure, load_now, percentile
from tests.benchmarks.members import Member, database, new_members, order, wait_for
from tests.benchmarks.product import Product
from tests.benchmarks.tabs import Tabs

_MEMBERS, _RUNS, _SECONDS = 200, 5, 6

#: One change as a worker makes it: the item first, the member's number last. The tile then says "waits <number> seconds".
_CHANGE = """
WITH number AS (UPDATE member_sequences SET value = value + 1 WHERE user_id = %(user)s RETURNING value)
UPDATE generation_items SET changed_sequence = (SELECT value FROM number), status = 'queued', failure = 'provider_busy',
    failure_facts = jsonb_build_object('seconds', %(mark)s::int), not_before_at = now() + interval '1 hour'
WHERE id = %(item)s RETURNING changed_sequence
"""
_UNDO = "UPDATE generation_items SET status = 'succeeded', failure = '', not_before_at = NULL WHERE id = ANY(%s)"


def measure(product: Product) -> list[Figure]:
    """A first part of P9: short of its bar, it does not fail the run."""
    load = load_now()
    members = new_members(product, _MEMBERS)
    product.provider_takes(0.0, _MEMBERS)
    items = [order(product, member)[0] for member in members]
    wait_for(product, items)
    with Tabs(product, members) as tabs, database(product) as connection:
        runs = [_run(product, connection, tabs, list(zip(members, items, strict=True)), base) for base in range(1, _RUNS + 1)]
        connection.execute(_UNDO, (items,))
    medians = [statistics.median(took) * 1000 for took, _ in runs]
    tails = [percentile(took, 0.95) * 1000 for took, _ in runs]
    rates = [rate for _, rate in runs]
    who = "200 members, a change each second"
    return [
        figure("P9-small", f"{who}, commit to tile: median", "ms", medians, load=load),
        figure("P9-small", f"{who}, commit to tile: p95", "ms", tails, bar=150.0, load=load, later=True),
        figure("P9-small", "changes that were really made", "changes/s", rates, load=load),
    ]


def _run(
    product: Product, connection: psycopg.Connection, tabs: Tabs, owned: Sequence[tuple[Member, UUID]], base: int
) -> tuple[list[float], float]:
    """Spread evenly over each second. Seconds from each commit to its tab, and changes a second."""
    redis = Redis.from_url(product.embedded.redis_url)
    doorbell = RedisDoorbell(redis)
    committed: dict[tuple[UUID, int], float] = {}
    began = time.monotonic()
    for number in range(_SECONDS * len(owned)):
        member, item = owned[number % len(owned)]
        mark = base * 1000 + number // len(owned)
        time.sleep(max(0.0, began + number / len(owned) - time.monotonic()))
        changed = connection.execute(_CHANGE, {"user": member.actor.user_id, "item": item, "mark": mark}).fetchone()
        committed[item, mark] = time.time()
        assert changed
        doorbell.ring(member.actor.user_id, changed[0])
    rate = len(committed) / (time.monotonic() - began)
    time.sleep(1.0)
    redis.close()
    came = {(arrival.item_id, mark): arrival.seconds for arrival in tabs.arrivals() if (mark := _mark(arrival.reason))}
    return [came[key] - when for key, when in committed.items() if key in came], rate


def _mark(reason: str) -> int:
    digits = "".join(character for character in reason if character.isdecimal())
    return int(digits) if digits else 0
