"""P14: five hundred pictures that wait for their provider, in one worker process."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import new_members, order, wait_for
from tests.benchmarks.product import Product, memory_bytes

_IN_FLIGHT, _WAIT_SECONDS, _PER_ORDER = 500, 30.0, 4


def measure(product: Product) -> list[Figure]:
    """One run: it takes a minute."""
    load = load_now()
    product.restart_worker(concurrency=_IN_FLIGHT)
    try:
        return _in_flight(product, load)
    finally:
        product.restart_worker(concurrency=50)


def _in_flight(product: Product, load: float) -> list[Figure]:
    worker = product.processes()["worker"]
    empty = memory_bytes(worker)
    product.provider_takes(_WAIT_SECONDS, _IN_FLIGHT)
    began = time.monotonic()
    items = _ordered(product, _IN_FLIGHT)
    lags = _watched(product, until_open=_IN_FLIGHT)
    reached, full = time.monotonic() - began, memory_bytes(worker)
    lags += _watched(product, until_open=0)
    wait_for(product, items)
    most = product.stub.most_open_calls()
    return [
        figure("P14", "at the provider at once, from one worker", "pictures", [most], bar=_IN_FLIGHT, is_floor=True, load=load),
        figure("P14", "memory of the worker for each of them", "MB", [(full - empty) / 1e6 / _IN_FLIGHT], bar=1.0, load=load),
        figure("P14", "memory of the worker without any", "MB", [empty / 1e6], load=load),
        figure("P14", "from the first order until all of them wait", "s", [reached], load=load),
        figure("P14", "the worker's loop, worst stall meanwhile", "ms", [max(lags)], load=load),
    ]


def _ordered(product: Product, pictures: int) -> list[UUID]:
    members = new_members(product, pictures // _PER_ORDER)
    with ThreadPoolExecutor(4) as threads:
        made = threads.map(lambda member: order(product, member, pictures=_PER_ORDER), members)
        return [item for items in made for item in items]


def _watched(product: Product, *, until_open: int) -> list[float]:
    """How late the worker's loop was, each time that it said so, until so many calls are open at the provider."""
    lags: list[float] = []
    deadline = time.monotonic() + 120
    while product.stub.open_calls() != until_open:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{product.stub.open_calls()} calls are open, not {until_open}")
        lags += [worker.loop_lag_ms for worker in product.services.queue.workers()]
        time.sleep(0.2)
    return lags
