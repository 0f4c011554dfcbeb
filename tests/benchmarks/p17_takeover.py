"""P17: a worker is killed with -9 in mid-job; how long until another one has the item."""

import subprocess
import sys
import time
from uuid import UUID

from lumiku_web import bridge
from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import database, new_members, order
from tests.benchmarks.product import Product

_RUNS = 5


def measure(product: Product) -> list[Figure]:
    """Both workers are there from the beginning; the one that has the item is killed with everything that it started."""
    load = load_now()
    took = [_seconds(product) for _ in range(_RUNS)]
    return [figure("P17", "worker killed in mid-job, until another one has the item", "s", took, bar=20.0, load=load)]


def _seconds(product: Product) -> float:
    (member,) = new_members(product, 1)
    (item,) = order(product, member, words="[[slow delay_seconds=300]]")
    product.stub.wait_for_open(1)
    number = len(product.services.queue.workers())
    second = subprocess.Popen(
        [sys.executable, "-m", "rq_workers.single"], env=product.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(product.services.queue.workers()) == number:
        time.sleep(0.1)
    try:
        killed = time.time()
        for process in product.processes()["worker"]:
            process.kill()
        return _second_attempt(product, item) - killed
    finally:
        with database(product) as connection:
            found = connection.execute("SELECT generation_id FROM generation_items WHERE id = %s", (item,)).fetchone()
        assert found
        bridge.run(product.services.leases.cancel, member.actor, found[0])
        product.restart_worker(concurrency=50)
        second.terminate()
        second.wait(30)


def _second_attempt(product: Product, item: UUID) -> float:
    """When it began, in seconds since 1970."""
    deadline = time.monotonic() + 60
    query = "SELECT started_at FROM generation_items WHERE id = %s AND attempt = 2 AND status = 'running'"
    with database(product) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(query, (item,)).fetchone()
            if row:
                return float(row[0].timestamp())
            time.sleep(0.05)
    raise TimeoutError("nobody took the item over")
