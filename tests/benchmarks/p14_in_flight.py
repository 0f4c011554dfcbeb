"""P14: five hundred pictures that wait for their provider in one worker process; and what RQ's own do with its memory."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psutil

from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import Member, last_end, new_members, order, wait_for
from tests.benchmarks.product import Product, memory_bytes

_IN_FLIGHT, _WAIT_SECONDS, _PER_ORDER = 500, 30.0, 4
_STOCK_ITEMS, _STOCK_SECONDS = 60, 5.0


def measure(product: Product) -> list[Figure]:
    """One run of each: a run takes a minute."""
    load = load_now()
    product.restart_worker(concurrency=_IN_FLIGHT)
    try:
        return _in_flight(product, load)
    finally:
        product.restart_worker(concurrency=50)


def measure_stock(product: Product) -> list[Figure]:
    """The same pictures by our worker and by as many of RQ's as fit into its memory, one after the other."""
    load = load_now()
    product.restart_worker(concurrency=_STOCK_ITEMS)
    ours_seconds, ours_bytes = _by_ours(product)
    product.worker.stop()
    try:
        stock_seconds, number = _by_stock(product, ours_bytes)
    finally:
        product.restart_worker(concurrency=50)
    ours, stock = _STOCK_ITEMS / ours_seconds, _STOCK_ITEMS / stock_seconds
    return [
        figure(
            "STOCK", f"pictures, provider {_STOCK_SECONDS:g} s, our worker ({ours_bytes / 1e6:.0f} MB)", "/s", [ours], load=load
        ),
        figure("STOCK", f"the same by {number} forking workers of RQ in the same memory", "/s", [stock], load=load),
        figure("STOCK", "ours in relation to RQ's own", "times/s", [ours / stock], bar=1.0, load=load),
    ]


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
    return [
        figure("P14", "pictures in flight in one worker process", "in flight/s", [_IN_FLIGHT], bar=_IN_FLIGHT, load=load),
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


def _by_ours(product: Product) -> tuple[float, int]:
    """Seconds from the first order to the last delivery, and the most memory meanwhile."""
    product.provider_takes(_STOCK_SECONDS, _STOCK_ITEMS)
    worker = product.processes()["worker"]
    began, most = time.time(), 0
    items = _ordered(product, _STOCK_ITEMS)
    while product.stub.open_calls() or product.stub.total() < _STOCK_ITEMS:
        most = max(most, memory_bytes(worker))
        time.sleep(0.1)
    return last_end(list(wait_for(product, items).values())) - began, most


def _by_stock(product: Product, memory: int) -> tuple[float, int]:
    """The same with RQ's `Worker`, a child process a job; how many there are is found by starting one and weighing it at work."""
    workers = [_Stock(product)]
    try:
        product.provider_takes(_STOCK_SECONDS, _STOCK_ITEMS + 1)
        (member,) = new_members(product, 1)
        item = _handed_over(product, [member], 1)
        product.stub.wait_for_open(1)
        number = max(1, memory // workers[0].memory())
        wait_for(product, item)
        workers += [_Stock(product) for _ in range(number - 1)]
        began = time.time()
        items = _handed_over(product, new_members(product, _STOCK_ITEMS // _PER_ORDER), _PER_ORDER)
        return last_end(list(wait_for(product, items, seconds=600).values())) - began, number
    finally:
        for worker in workers:
            worker.stop()


def _handed_over(product: Product, members: list[Member], pictures: int) -> list[UUID]:
    """Without a worker of ours nobody else would hand them over."""
    items = [item for member in members for item in order(product, member, pictures=pictures)]
    product.hand_over()
    return items


class _Stock:
    """One `rq.Worker` with our task."""

    def __init__(self, product: Product) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.stock_worker"]
        self._process = subprocess.Popen(
            command, env={**product.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def memory(self) -> int:
        process = psutil.Process(self._process.pid)
        return memory_bytes([process, *process.children(recursive=True)])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
