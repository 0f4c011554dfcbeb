"""P20: what an admin's page of usage reads, over a million captures."""

import asyncio
import time

from lumiku_web.bridge import call
from lumiku_web.domain.usage import reading
from lumiku_web.domain.usage.schemas import Period, UsageRead
from tests.benchmarks.figures import Figure, figure, load_now, percentile
from tests.benchmarks.members import database
from tests.benchmarks.product import Product

_DAYS, _MEMBERS, _RUNS, _READS = 60, 2_000, 5, 10
#: Two pictures or so in each row: a million in all. As they would have come: day after day.
_FILL = """
WITH members AS (SELECT gen_random_uuid() AS id, 2 + (i %% 10 = 0)::int AS n FROM generate_series(1, %(members)s) i)
INSERT INTO usage_days (day, app, model, user_id, pictures, credits, quota, cost_microusd)
SELECT (now() AT TIME ZONE 'UTC')::date - d, 'avatar-creator', model, id, n, n * 8, n, n * 25000
FROM generate_series(%(days)s - 1, 0, -1) d, unnest(ARRAY['flux-dev', 'flux-schnell', 'flux-2-pro', 'illustrator']) model,
    members
ORDER BY d DESC
"""
_TOTAL = """
INSERT INTO usage_totals (day, app, model, part, pictures, credits, quota, cost_microusd)
SELECT day, app, model, abs(hashtext(user_id::text)) %% 16, sum(pictures), sum(credits), sum(quota), sum(cost_microusd)
FROM usage_days GROUP BY 1, 2, 3, 4
"""


def measure(product: Product) -> list[Figure]:
    """All 60 days, and the 30 that the page opens with: by day, app and model, and the first members of all."""
    with database(product) as connection:
        connection.execute("TRUNCATE usage_days, usage_totals")
        connection.execute(_FILL, {"days": _DAYS, "members": _MEMBERS})  # type: ignore[arg-type]  (no other text)
        connection.execute(_TOTAL, {})  # type: ignore[arg-type]
        connection.execute("VACUUM ANALYZE usage_days, usage_totals")
    try:
        return [
            _measure(Period.days_90, 1_000_000, "all of 1,000,000 captures"),
            _measure(Period.days_30, 400_000, "30 days of them"),
        ]
    finally:
        with database(product) as connection:
            connection.execute("TRUNCATE usage_days, usage_totals")


def _measure(period: Period, least: int, what: str) -> Figure:
    load = load_now()
    found = asyncio.run(_reads(period))[1]
    assert found.total.pictures >= least, found.total
    assert found.member_count == _MEMBERS
    tails = [percentile(asyncio.run(_reads(period))[0], 0.95) for _ in range(_RUNS)]
    return figure("P20", f"admin's usage, {what}: p95", "ms", tails, bar=200.0, load=load)


async def _reads(period: Period) -> tuple[list[float], UsageRead]:
    """Milliseconds of each, bridge and transaction included."""
    took: list[float] = []
    for _ in range(_READS):
        began = time.perf_counter()
        found = await call(reading.usage, period)
        took.append((time.perf_counter() - began) * 1000)
    return took, found
