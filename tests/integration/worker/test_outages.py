"""Real workers while Redis goes away, comes back empty, or forgets; and a leader that froze."""

import signal
import time
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import FINAL
from lumiku_web.local_stack.services import EmbeddedServices
from lumiku_web.settings import Settings
from tests.factories.house import House
from tests.factories.processes import WorkerProcess
from tests.factories.rows import all_rows, count_of
from tests.factories.waiting import wait_for
from tests.stub_provider.client import StubProvider

Start = Callable[[], WorkerProcess]

DOWN_SECONDS = 4.0


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Two workers have room for twenty items."""
    return settings.model_copy(update={"worker_concurrency": 10})


def row(item_id: UUID) -> GenerationItem:
    return next(item for item in all_rows(GenerationItem) if item.id == item_id)


def stop_and_start(stack: EmbeddedServices, meanwhile: Callable[[], None]) -> None:
    stack.redis.stop()
    stopped = time.monotonic()
    try:
        meanwhile()
        wait_for(lambda: time.monotonic() - stopped > DOWN_SECONDS)
    finally:
        stack.redis.start()


def stop_kept(stack: EmbeddedServices, meanwhile: Callable[[], None]) -> None:
    with Redis.from_url(stack.redis_url) as redis:
        redis.config_set("save", "300 100")
    stop_and_start(stack, meanwhile)


def flush(stack: EmbeddedServices, meanwhile: Callable[[], None]) -> None:
    with Redis.from_url(stack.redis_url) as redis:
        redis.flushall()
    meanwhile()


@pytest.fixture
def clean_redis(stack: EmbeddedServices) -> Iterator[None]:
    yield
    with Redis.from_url(stack.redis_url) as redis:
        redis.flushall()
        redis.save()  # an empty file: the next start must not find anything


@pytest.mark.parametrize("trouble", [stop_and_start, stop_kept, flush], ids=["empty after 4 s", "back after 4 s", "flushed"])
def test_q2_whatever_redis_loses_every_item_ends_exactly_once(
    house: House,
    start_worker: Start,
    stub: StubProvider,
    stack: EmbeddedServices,
    clean_redis: None,
    trouble: Callable[[EmbeddedServices, Callable[[], None]], None],
) -> None:
    stub.set("success", times=20, is_held=True)
    workers = [start_worker(), start_worker()]
    for _ in range(2):
        member = house.member(plan="basic")
        for _ in range(5):
            house.submit(member, count=4, model="flux-schnell")
    stub.wait_for_open(20)
    trouble(stack, stub.release)
    wait_for(lambda: all(item.status in FINAL for item in all_rows(GenerationItem)), within_seconds=200, what="all forty")
    assert {(item.status, item.attempt) for item in all_rows(GenerationItem)} == {("succeeded", 1)}
    delivered = [entry.subject_id for entry in all_rows(AuditEvent) if entry.action == "item_delivered"]
    assert (count_of(Image), len(delivered), len(set(delivered)), stub.total()) == (40, 40, 40, 40)
    assert [worker.process.poll() for worker in workers] == [None, None]


def test_q1_a_leader_that_froze_hands_nothing_over_in_its_old_term(
    house: House, start_worker: Start, owner_engine: Engine, stub: StubProvider
) -> None:
    """The second one freezes too, with its term prolonged: whatever was handed over then was handed over in the old term."""
    first = start_worker()
    wait_for(lambda: first.events("leader.began"))
    first.signal(signal.SIGSTOP)
    second = start_worker()
    wait_for(lambda: second.events("leader.began"), what="the second has taken over")
    second.signal(signal.SIGSTOP)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE leaderships SET until = until + interval '1 hour'"))
    item = house.submit(house.member(plan="basic"), model="flux-schnell").items[0].id
    first.signal(signal.SIGCONT)
    wait_for(lambda: first.events("leader.ended"), what="the first has seen that its term is over")
    assert (row(item).dispatch, row(item).dispatched_at) == (0, None)
    second.signal(signal.SIGCONT)
    wait_for(lambda: row(item).status in FINAL, what="the one leader has handed it over")
    assert (row(item).status, row(item).dispatch, stub.total(), count_of(Image)) == ("succeeded", 1, 1, 1)
