"""P14 beside RQ's own: the same pictures by one worker of ours, and by as many forking workers as fit into its memory."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import psutil

from lumiku_web import bridge
from lumiku_web.domain.leadership.repository import LeadershipRepository
from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import last_end, new_members, order, wait_for
from tests.benchmarks.product import Product, family, memory_bytes

#: Few, and quick: of RQ's workers hardly more than one fits, and it makes one after the other.
_ORDERS, _PER_ORDER, _WAIT_SECONDS = 6, 4, 1.5
_PICTURES = _ORDERS * _PER_ORDER

Processes = Callable[[], Sequence[psutil.Process]]


def measure(product: Product) -> list[Figure]:
    """One run of each, after one picture that is not counted. About a minute and a half."""
    load = load_now()
    product.provider_takes(_WAIT_SECONDS, 2 * (_PICTURES + 1))
    _seconds(product, 1, 1, _of_ours(product))
    ours_seconds, memory = _seconds(product, _ORDERS, _PER_ORDER, _of_ours(product))
    product.worker.stop()
    try:
        stock_seconds, number, weight = _by_stock(product, memory)
    finally:
        product.restart_worker(concurrency=50)
    ours, stock = _PICTURES / ours_seconds, _PICTURES / stock_seconds
    what = f"{_PICTURES} pictures, provider {_WAIT_SECONDS:g} s"
    return [
        figure("STOCK", f"{what}: one worker of ours, {memory / 1e6:.0f} MB", "pictures/s", [ours], load=load),
        figure(
            "STOCK",
            f"by RQ's forking workers in that memory: {number} of {weight / 1e6:.0f} MB",
            "pictures/s",
            [stock],
            load=load,
        ),
        figure("STOCK", "ours in relation to RQ's own", "times", [ours / stock], bar=1.0, is_floor=True, load=load),
    ]


def _of_ours(product: Product) -> Processes:
    return lambda: product.processes()["worker"]


def _by_stock(product: Product, memory: int) -> tuple[float, int, int]:
    """How many fit is found by weighing one at work. Returns seconds, their number, and the weight of one in bytes."""
    workers = [_start(product, 1)]
    try:
        _, weight = _seconds(product, 1, 1, lambda: family(workers[0].pid), hand_over=True)
        number = max(1, memory // weight)
        workers += [_start(product, place) for place in range(2, number + 1)]
        seconds, _ = _seconds(product, _ORDERS, _PER_ORDER, list, hand_over=True)
        return seconds, number, weight
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)


def _start(product: Product, number: int) -> "subprocess.Popen[bytes]":
    """Return when as many are there."""
    command = [sys.executable, "-m", "tests.benchmarks.stock_worker"]
    started = subprocess.Popen(command, env=product.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while len(product.services.queue.workers()) != number:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(product.services.queue.workers())} workers are there, not {number}")
        time.sleep(0.1)
    return started


def _seconds(product: Product, orders: int, pictures: int, processes: Processes, *, hand_over: bool = False) -> tuple[float, int]:
    """From the first order to the last picture; and the most memory that these processes took meanwhile, in bytes."""
    members = new_members(product, orders)
    began, most = time.time(), 0
    items = [item for member in members for item in order(product, member, pictures=pictures)]
    if hand_over:
        _hand_over(product, items)
    with ThreadPoolExecutor(1) as beside:
        ended = beside.submit(wait_for, product, items)
        while not ended.done():
            with suppress(psutil.NoSuchProcess):  # a job's process ends with it
                most = max(most, memory_bytes(processes()))
            time.sleep(0.2)
    return last_end(list(ended.result().values())) - began, most


def _hand_over(product: Product, items: Sequence[UUID]) -> None:
    """RQ's workers don't lead. The next one who does may do so at once."""
    house = product.house
    term = house.term()
    handed = bridge.run(house.dispatcher(capacity=len(items)).hand_over, term, len(items))
    bridge.run(lambda uow: LeadershipRepository(uow.session).release(term.task, term.holder))
    assert handed == len(items)
