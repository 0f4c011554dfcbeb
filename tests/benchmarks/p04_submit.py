"""P4: an order is checked, priced, held and written, also when many come at once, and when one member has sixteen tabs."""

import asyncio
import time
from collections.abc import Sequence

from lumiku_web.bridge import call
from lumiku_web.domain.ledger import reading
from tests.benchmarks.figures import Figure, figure, load_now, percentile
from tests.benchmarks.members import Member, database, new_members
from tests.benchmarks.product import Product

_MEMBERS, _RATE, _SECONDS, _RUNS = 64, 80, 5, 5
_TABS, _ORDERS_A_TAB = 16, 8
_ENTRIES, _READS = 100_000, 100


def measure(product: Product) -> list[Figure]:
    """No worker runs meanwhile, so that it is the order that is measured; what was ordered is cancelled afterwards."""
    product.worker.stop()
    try:
        return [*_submits(product), *_statements(product)]
    finally:
        with database(product) as connection:
            connection.execute("TRUNCATE generations, ledger_postings, ledger_events, holds, wallets CASCADE")
        product.worker.start()


def _submits(product: Product) -> list[Figure]:
    load = load_now()
    members = new_members(product, _MEMBERS)
    first = asyncio.run(_first(product, members[0]))
    many = [percentile(asyncio.run(_open_loop(product, members)), 0.95) for _ in range(_RUNS)]
    hot = [percentile(asyncio.run(_tabs(product, members[0])), 0.95) for _ in range(_RUNS)]
    return [
        figure("P4", "the first order of a process", "ms", [first], bar=300.0, load=load),
        figure("P4", f"{_RATE} orders/s of {_MEMBERS} members, as they arrive: p95", "ms", many, bar=120.0, load=load),
        figure("P4", f"{_TABS} tabs of one member, each with one order after the other: p95", "ms", hot, bar=250.0, load=load),
    ]


async def _first(product: Product, member: Member) -> float:
    return await _order(product, member, time.perf_counter())


async def _open_loop(product: Product, members: Sequence[Member]) -> list[float]:
    """Milliseconds of each, from the moment when it was due: one that waits for those before it has waited."""
    began = time.perf_counter()
    tasks: list[asyncio.Task[float]] = []
    for number in range(_RATE * _SECONDS):
        due = began + number / _RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_order(product, members[number % len(members)], due)))
    return await asyncio.gather(*tasks)


async def _tabs(product: Product, member: Member) -> list[float]:
    async def tab() -> list[float]:
        return [await _order(product, member, time.perf_counter()) for _ in range(_ORDERS_A_TAB)]

    return [took for one in await asyncio.gather(*(tab() for _ in range(_TABS))) for took in one]


async def _order(product: Product, member: Member, due: float) -> float:
    wish = product.house.order(member.project_id, model="flux-dev")
    await call(product.services.generations.submit, member.actor, wish)
    return (time.perf_counter() - due) * 1000


def _statements(product: Product) -> list[Figure]:
    """A member with a long history: the first page of it, and one from the middle."""
    load = load_now()
    (member,) = new_members(product, 1)
    with database(product) as connection:
        connection.execute(_HISTORY, {"user": member.actor.user_id, "number": _ENTRIES})
        connection.execute("ANALYZE ledger_events, ledger_postings")
    tails = [percentile(asyncio.run(_pages(member)), 0.95) for _ in range(_RUNS)]
    return [figure("P4", f"a page of a statement of {_ENTRIES:,} entries, p95", "ms", tails, bar=25.0, load=load)]


async def _pages(member: Member) -> list[float]:
    took: list[float] = []
    for number in range(_READS):
        began = time.perf_counter()
        page = await call(reading.statement, member.actor.user_id, after=None if number % 2 else _ENTRIES // 2)
        took.append((time.perf_counter() - began) * 1000)
        assert len(page.entries) == 50
    return took


_HISTORY = """
WITH events AS (
    INSERT INTO ledger_events
        (id, created_at, kind, key, user_id, entry, available, held, owed, actor_id, order_id, item_id, reason)
    SELECT gen_random_uuid(), now() - (%(number)s - n) * interval '1 minute', 'grant', 'bench:' || n, %(user)s,
        n + (SELECT max(entry) FROM ledger_events WHERE user_id = %(user)s), n, 0, 0, NULL, NULL, NULL, 'bench'
    FROM generate_series(1, %(number)s) n RETURNING id
)
INSERT INTO ledger_postings (event_id, account, user_id, currency, amount)
SELECT id, 'available', %(user)s::uuid, 'credit', 1 FROM events
UNION ALL SELECT id, 'granted', NULL, 'credit', -1 FROM events
"""
