"""P1 and P2: how fast pictures come, and what each costs the worker."""

import time

from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import last_end, new_members, order, wait_for
from tests.benchmarks.product import Product, processor_seconds

_RUNS = 5
_ORDERS_OF_FOUR = 20


def measure_p1(product: Product) -> list[Figure]:
    """Twenty orders at once; then a hundred with room for forty in flight."""
    load = load_now()
    few = [_seconds_for(product, 20) for _ in range(_RUNS)]
    first = figure("P1", "20 orders, provider 1.0 s, to the last picture", "s", few, bar=2.5, load=load)
    load = load_now()
    product.restart_worker(concurrency=40)
    many = [_seconds_for(product, 100) for _ in range(_RUNS)]
    product.restart_worker(concurrency=50)
    return [first, figure("P1", "100 orders, 40 in flight, to the last picture", "s", many, bar=8.0, load=load, later=True)]


def _seconds_for(product: Product, orders: int) -> float:
    (member,) = new_members(product, 1)
    product.provider_takes(1.0, orders)
    began = time.time()
    items = [item for _ in range(orders) for item in order(product, member)]
    return last_end(list(wait_for(product, items).values())) - began


def measure_p2(product: Product) -> list[Figure]:
    """Eighty pictures of a provider that takes 20 ms: the worker's own processor time, and the rate."""
    load = load_now()
    runs = [_cost(product) for _ in range(_RUNS)]
    return [
        figure("P2", "worker's processor time a picture (1024 px PNG)", "ms", [cost for cost, _ in runs], bar=120.0, load=load),
        figure("P2", "pictures, provider 0.02 s", "pictures/s", [rate for _, rate in runs], bar=10.0, load=load, later=True),
    ]


def _cost(product: Product) -> tuple[float, float]:
    (member,) = new_members(product, 1)
    pictures = _ORDERS_OF_FOUR * 4
    product.provider_takes(0.02, pictures)
    worker = product.processes()["worker"]
    before = processor_seconds(worker)
    items = [item for _ in range(_ORDERS_OF_FOUR) for item in order(product, member, pictures=4)]
    ended = list(wait_for(product, items).values())
    product.empty_queue()
    spent = processor_seconds(worker) - before
    first = min(item.started_at for item in ended).timestamp()
    return spent / pictures * 1000, pictures / (last_end(ended) - first)
