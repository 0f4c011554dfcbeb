"""Every way in which an attempt ends, as the worker runs it: with real rows, and a provider that does what a test says."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlmodel import col, delete, update
from structlog.testing import capture_logs

from lumiku_web import bridge
from lumiku_web.adapters.images_illustrator import Illustrator
from lumiku_web.adapters.storage_memory import MemoryStorage
from lumiku_web.bootstrap import Services
from lumiku_web.discovery import load_pipeline
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.runner import Runner
from lumiku_web.domain.providers.ports import Accepted, Capabilities, ImageRequest, ImageResult, unnoted
from lumiku_web.errors import Unavailable
from tests.factories.clockwork import end_lease, make_due
from tests.factories.house import House
from tests.factories.rows import all_rows
from tests.factories.waiting import eventually


def picture(width_px: int, height_px: int) -> bytes:
    buffer = BytesIO()
    Image.linear_gradient("L").resize((width_px, height_px)).save(buffer, "PNG")
    return buffer.getvalue()


async def nothing() -> None:
    """What a provider does besides."""


@dataclass
class ScriptedProvider:
    """An ImageProvider that does `first` and then makes a picture."""

    first: Callable[[], Awaitable[None]] = nothing
    name: str = "illustrator"

    def capabilities(self, provider_model: str) -> Capabilities:
        return Illustrator().capabilities(provider_model)

    async def generate(self, request: ImageRequest, accepted: Accepted = unnoted) -> ImageResult:
        await self.first()
        return ImageResult(picture(request.width_px, request.height_px), "made-1", {})

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass
class HeldStorage(MemoryStorage):
    """A storage whose first write waits until it is let go, or refuses."""

    refusal: Unavailable | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, key: str, content: bytes, media_type: str) -> None:
        self.reached.set()
        if self.refusal:
            raise self.refusal
        self.go_on.wait(30)
        super().put(key, content, media_type)


@dataclass
class Bench:
    """Items of a fresh order, and the runner that takes them."""

    services: Services
    house: House

    def item(self, *, timeout_seconds: int = 60) -> UUID:
        actor = self.house.member()
        order = self.house.order(self.house.project(actor).id)
        order = replace(order, kind=replace(order.kind, timeout_seconds=timeout_seconds))
        return self.house.dispatch(self.house.submit(actor, order).items[0].id)

    def runner(self, first: Callable[[], Awaitable[None]] = nothing, **parts: Any) -> Runner:
        made = self.services
        known: dict[str, Any] = {
            "call": bridge.call,
            "leases": made.leases,
            "providers": {"illustrator": ScriptedProvider(first)},
            "apps": made.apps,
            "pipeline": load_pipeline,
            "codec": made.codec,
            "storage": MemoryStorage(),
            "cpu": asyncio.Semaphore(1),
        }
        return Runner(**{**known, **parts})

    def row(self, item_id: UUID) -> GenerationItem:
        return next(row for row in all_rows(GenerationItem) if row.id == item_id)


@pytest.fixture
def bench(services: Services, house: House) -> Bench:
    return Bench(services, house)


async def test_a_picture_is_stored_and_delivered(bench: Bench) -> None:
    item, storage = bench.item(), MemoryStorage()
    runner = bench.runner(storage=storage)
    await runner.run(item)
    row = bench.row(item)
    assert (row.status, row.attempt, row.provider_request_id) == ("succeeded", 1, "made-1")
    assert (len(list(storage.keys())), runner.held) == (3, {})


async def test_what_another_worker_holds_is_left_alone(bench: Bench) -> None:
    item = bench.item()
    bench.house.claim(item)
    await bench.runner().run(item)
    assert (bench.row(item).status, bench.row(item).attempt) == ("running", 1)


@pytest.mark.parametrize(("without", "reason"), [("apps", "app_gone"), ("providers", "provider_misconfigured")])
async def test_an_order_of_what_is_no_more_fails(bench: Bench, without: str, reason: str) -> None:
    item = bench.item()
    await bench.runner(**{without: {}}).run(item)
    assert (bench.row(item).status, bench.row(item).failure) == ("failed", reason)


async def test_a_job_whose_item_was_deleted_is_left_alone(bench: Bench) -> None:
    item = bench.item()
    bridge.run(lambda uow: uow.session.execute(delete(GenerationItem).where(col(GenerationItem.id) == item)))
    with capture_logs() as told:
        await bench.runner().run(item)
    assert [line["event"] for line in told] == ["items.not_claimed"]


@pytest.mark.parametrize("change", [{"params": {"words": "a baker", "beard": "long"}}, {"kind": "gone"}])
async def test_an_order_that_its_app_does_not_understand_any_more_fails_and_is_no_bug(
    bench: Bench, change: dict[str, object]
) -> None:
    item = bench.item()
    bridge.run(lambda uow: uow.session.execute(update(Generation).values(**change)))
    with capture_logs() as told:
        await bench.runner().run(item)
    assert (bench.row(item).status, bench.row(item).failure) == ("failed", "order_outdated")
    (line,) = (line for line in told if line["event"] == "items.failed")
    assert (line["reason"], line["log_level"], bool(line["detail"])) == ("order_outdated", "warning", True)


@pytest.mark.parametrize("hours", [-36, 36])
async def test_q1_a_clock_that_jumps_in_the_worker_ends_and_prolongs_no_lease(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Leases are of the database's clock. What a worker thinks of the time reaches the log, and the age of a row at most."""
    item, jumped = bench.item(), time.time() + hours * 3600
    states: list[tuple[str, set[UUID], int]] = []

    async def look_at_the_lease() -> None:
        monkeypatch.setattr(time, "time", lambda: jumped)
        held = await bridge.call(bench.services.leases.renew, {item: (1, 1)})
        states.append((bench.row(item).status, held, await bridge.call(bench.services.leases.repair, [item])))

    await bench.runner(look_at_the_lease).run(item)
    assert states == [("running", {item}, 0)]
    assert bench.row(item).status == "succeeded"


async def test_q1_an_answer_to_an_attempt_that_was_ended_is_dropped(bench: Bench) -> None:
    """A provider that does not hear that the time is over: its picture comes, and nobody takes it."""
    item, storage = bench.item(timeout_seconds=1), MemoryStorage()

    async def answer_too_late() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await bridge.call(bench.services.leases.repair, [await asyncio.to_thread(_lose, item)])

    with capture_logs() as told:
        await bench.runner(answer_too_late, storage=storage).run(item)
    assert "items.fenced" in [line["event"] for line in told]
    assert (bench.row(item).status, bench.row(item).failure, list(storage.keys())) == ("queued", "worker_lost", [])


def _lose(item: UUID) -> UUID:
    end_lease(item)
    return item


async def test_q7_a_worker_that_stops_while_the_database_is_away_stops_nevertheless(bench: Bench) -> None:
    begun = asyncio.Event()

    async def call(use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if use_case == bench.services.leases.give_back:
            raise Unavailable("database_unreachable")
        return await bridge.call(use_case, *args, **kwargs)

    async def work_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    item = bench.item()
    running = asyncio.create_task(bench.runner(work_for_ever, call=call).run(item))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.row(item).status == "running", "the sweeper finds it when its lease has ended"


async def test_q7_who_lost_the_lease_is_told_to_give_up(bench: Bench) -> None:
    begun = asyncio.Event()

    async def work_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    item = bench.item()
    runner = bench.runner(work_for_ever)
    running = asyncio.create_task(runner.run(item))
    await begun.wait()
    await runner.renew()
    assert list(runner.held) == [item]
    await asyncio.to_thread(_lose, item)
    await asyncio.to_thread(bench.house.dispatch, item)
    await runner.renew()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert runner.held == {}
    assert (bench.row(item).status, bench.row(item).dispatch) == ("queued", 2)


async def test_a_bug_fails_with_the_reference_of_its_traceback(bench: Bench) -> None:
    async def break_down() -> None:
        raise ZeroDivisionError

    item = bench.item()
    await bench.runner(break_down).run(item)
    row = bench.row(item)
    assert (row.status, row.failure, len(str(row.failure_facts["reference"]))) == ("failed", "bug", 8)


async def test_an_attempt_ends_at_its_time_limit_and_another_follows(bench: Bench) -> None:
    item = bench.item(timeout_seconds=1)
    await bench.runner(lambda: asyncio.sleep(60)).run(item)
    row = bench.row(item)
    assert (row.status, row.failure) == ("queued", "provider_timeout")
    assert row.not_before_at is not None


async def test_l6_a_storage_that_refuses_puts_the_item_back(bench: Bench) -> None:
    item = bench.item()
    with capture_logs() as told:
        await bench.runner(storage=HeldStorage(refusal=Unavailable("storage_full"))).run(item)
    row = bench.row(item)
    assert (row.status, row.failure, row.failure_facts) == ("queued", "storage_full", {"seconds": 60})
    assert [line["reason"] for line in told if line["event"] == "items.put_back"] == ["storage_full"]
    make_due(item)
    await bench.runner().run(bench.house.dispatch(item))
    assert (bench.row(item).status, bench.row(item).attempt) == ("succeeded", 2)


async def test_a_database_that_is_away_for_a_moment_costs_no_picture(bench: Bench) -> None:
    away = [True]

    async def call(use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if use_case == bench.services.leases.deliver and away:
            away.clear()
            raise Unavailable("database_unreachable")
        return await bridge.call(use_case, *args, **kwargs)

    item = bench.item()
    await bench.runner(call=call).run(item)
    assert (away, bench.row(item).status, bench.row(item).attempt) == ([], "succeeded", 1)


async def test_q1_who_lost_the_lease_stores_nothing(bench: Bench) -> None:
    item, storage = bench.item(), MemoryStorage()

    async def lose_the_lease() -> None:
        await asyncio.to_thread(end_lease, item)
        await asyncio.to_thread(bench.house.claim, item)

    await bench.runner(lose_the_lease, storage=storage).run(item)
    assert list(storage.keys()) == []
    assert (bench.row(item).status, bench.row(item).attempt) == ("running", 2)


async def test_q7_what_is_cancelled_while_the_provider_works_is_given_back(bench: Bench) -> None:
    begun = asyncio.Event()

    async def work_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    item = bench.item()
    running = asyncio.create_task(bench.runner(work_for_ever).run(item))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    row = bench.row(item)
    assert (row.status, row.attempt, row.dispatched_at) == ("queued", 0, None)


async def test_q7_what_is_cancelled_while_it_is_stored_comes_to_its_end(bench: Bench) -> None:
    item, storage = bench.item(), HeldStorage()
    running = asyncio.create_task(bench.runner(storage=storage).run(item))

    async def is_storing() -> bool:
        return storage.reached.is_set()

    await eventually(is_storing)
    running.cancel()
    storage.go_on.set()
    await asyncio.wait([running])
    assert not running.cancelled(), "it came too late"
    assert bench.row(item).status == "succeeded"
    assert len(list(storage.keys())) == 3
