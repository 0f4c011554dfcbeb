"""The entrance of the worker process: what it refuses, and what it keeps doing beside the jobs."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.discovery import load_pipeline
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.runner import Held, Runner
from lumiku_web.errors import Unavailable
from lumiku_web.settings import Settings
from rq_workers.single import _renew
from tests.factories.clockwork import end_lease
from tests.factories.house import House
from tests.factories.processes import PROJECT, environment_of
from tests.factories.rows import all_rows
from tests.factories.waiting import eventually


def test_a_setting_that_is_missing_ends_it_with_one_sentence(settings: Settings) -> None:
    environment = {**environment_of(settings), "DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "rq_workers.single"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "Lumiku can't start: DATABASE_URL and REDIS_URL must be set; `make run` sets them by itself.\n"


async def lease_until(item_id: UUID) -> datetime | None:
    rows = await asyncio.to_thread(all_rows, GenerationItem)
    return next(row.lease_until for row in rows if row.id == item_id)


async def test_q1_leases_are_renewed_whatever_happened_to_the_last_renewal(services: Services, house: House) -> None:
    troubles: list[Exception] = [Unavailable("database_unreachable"), RuntimeError("a bug")]

    async def call(use_case: Callable[..., Any], *args: Any) -> Any:
        if troubles:
            raise troubles.pop()
        return await bridge.call(use_case, *args)

    parts: Any = {name: getattr(services, name) for name in ("leases", "providers", "apps", "codec", "storage")}
    runner = Runner(call=call, pipeline=load_pipeline, cpu=asyncio.Semaphore(1), **parts)
    item = await asyncio.to_thread(lambda: house.submit(house.member()).items[0].id)
    await house.hand_over()
    claim = await asyncio.to_thread(house.claim, item)
    runner.held[claim.item_id] = Held(claim.fence, None)
    await asyncio.to_thread(end_lease, claim.item_id)
    ended = await lease_until(claim.item_id)

    async def is_longer() -> bool:
        return await lease_until(claim.item_id) != ended

    renewing = asyncio.create_task(_renew(runner, every_seconds=0.01))
    await eventually(is_longer)
    assert troubles == []
    renewing.cancel()
    with suppress(asyncio.CancelledError):
        await renewing
