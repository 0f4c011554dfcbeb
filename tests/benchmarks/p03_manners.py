"""P3: one provider answers 429 for fifteen seconds; who asks another one notices nothing."""

import time
from uuid import UUID

from lumiku_web import bridge
from tests.benchmarks.figures import Figure, figure, load_now, percentile
from tests.benchmarks.members import Member, database, new_members, order, wait_for
from tests.benchmarks.product import Product

_RUNS, _SECONDS, _EVERY_SECONDS, _PROVIDER_SECONDS = 5, 15.0, 0.5, 0.2
_REFUSED = "[[429 retry_after=3]]"
_TAKEN = f"[[success delay_seconds={_PROVIDER_SECONDS}]]"


def measure(product: Product) -> list[Figure]:
    """Delay: from the submission to the delivery, without the provider's own time."""
    load = load_now()
    quiet = _delays(product)
    refused = [_beside_refused(product) for _ in range(_RUNS)]
    tails = [percentile(run, 0.95) * 1000 for run in refused]
    return [
        figure("P3", "delay by a free route, nobody refused: p95", "ms", [percentile(quiet, 0.95) * 1000], load=load),
        figure("P3", "the same beside 100 pictures of a route that answers 429: p95", "ms", tails, bar=250.0, load=load),
    ]


def _beside_refused(product: Product) -> list[float]:
    members = new_members(product, 25, plan="pro")
    items = [item for member in members for item in order(product, member, pictures=4, model="flux-2-pro", words=_REFUSED)]
    try:
        return _delays(product)
    finally:
        _cancel(product, members, len(items))


def _delays(product: Product) -> list[float]:
    """Seconds for each picture that somebody else orders meanwhile, twice a second."""
    (member,) = new_members(product, 1)
    ordered: dict[UUID, float] = {}
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        for item in order(product, member, words=_TAKEN):
            ordered[item] = time.time()
        time.sleep(_EVERY_SECONDS)
    ended = wait_for(product, list(ordered))
    return [one.finished_at.timestamp() - ordered[item] - _PROVIDER_SECONDS for item, one in ended.items()]


def _cancel(product: Product, members: list[Member], expected: int) -> None:
    with database(product) as connection:
        for member in members:
            rows = connection.execute("SELECT id FROM generations WHERE user_id = %s", (member.actor.user_id,)).fetchall()
            for (generation_id,) in rows:
                bridge.run(product.services.leases.cancel, member.actor, generation_id)
        connection.execute("DELETE FROM provider_routes")
        users = [member.actor.user_id for member in members]
        query = "SELECT count(*) FROM generation_items WHERE user_id = ANY(%s) AND status = 'canceled'"
        row = connection.execute(query, (users,)).fetchone()
        assert row == (expected,), f"{row} of {expected} were still waiting"
