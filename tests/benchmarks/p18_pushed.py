"""P18: from the end of an item in the worker's transaction to the changed tile in the tab."""

import statistics
import time
from collections.abc import Sequence

from tests.benchmarks.figures import Figure, figure, load_now, percentile
from tests.benchmarks.members import Member, new_members, order, wait_for
from tests.benchmarks.product import Product
from tests.benchmarks.tabs import Tabs

_TABS, _RUNS, _ORDERS = 50, 5, 30
_PROVIDER_SECONDS, _BETWEEN_SECONDS = 0.2, 0.35
_MEDIAN_MS, _P95_MS = 60.0, 150.0


def measure(product: Product) -> list[Figure]:
    """Fifty tabs of fifty members, then fifty tabs of one."""
    members = new_members(product, _TABS)
    many = _measure(product, members, "50 tabs of 50 members")
    alone = new_members(product, 1) * _TABS
    return many + _measure(product, alone, "50 tabs of one member")


def _measure(product: Product, owners: Sequence[Member], who: str) -> list[Figure]:
    load = load_now()
    with Tabs(product, owners) as tabs:
        runs = [_run(product, tabs, owners) for _ in range(_RUNS)]
    medians = [statistics.median(run) * 1000 for run in runs]
    tails = [percentile(run, 0.95) * 1000 for run in runs]
    return [
        figure("P18", f"end of an item to its tile, {who}: median", "ms", medians, bar=_MEDIAN_MS, load=load),
        figure("P18", f"end of an item to its tile, {who}: p95", "ms", tails, bar=_P95_MS, load=load),
    ]


def _run(product: Product, tabs: Tabs, owners: Sequence[Member]) -> list[float]:
    """Orders one after the other, each of another member; every tab of its member must be told. Seconds for each tab."""
    product.provider_takes(_PROVIDER_SECONDS, _ORDERS)
    items = {}
    for number in range(_ORDERS):
        member = owners[number % len(owners)]
        items.update(dict.fromkeys(order(product, member), member.actor.user_id))
        time.sleep(_BETWEEN_SECONDS)
    ended = wait_for(product, items)
    time.sleep(0.5)
    took = [
        arrival.seconds - ended[arrival.item_id].finished_at.timestamp()
        for arrival in tabs.arrivals()
        if arrival.status == "succeeded" and arrival.item_id in ended
    ]
    expected = sum(owner.actor.user_id == member_id for member_id in items.values() for owner in owners)
    assert len(took) == expected, f"{len(took)} of {expected} tabs were told"
    return took
