"""`python -m rq_workers`: as many processes as are wanted, kept, scaled and stopped by signals."""

import ast
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psutil
import pytest
from redis import Redis
from rq import Worker

from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import FINAL
from lumiku_web.settings import Settings
from tests.factories.clockwork import end_lease
from tests.factories.house import House
from tests.factories.processes import PROJECT, environment_of
from tests.factories.rows import all_rows, count_of
from tests.factories.waiting import wait_for
from tests.stub_provider.client import StubProvider

COMMAND = [sys.executable, "-m", "rq_workers"]


class GroupProcess:
    """A group, and its children as the system sees them."""

    def __init__(self, settings: Settings, log: Path, **environment: str) -> None:
        self._settings, self._log = settings, log
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                COMMAND, cwd=PROJECT, env={**environment_of(settings), **environment}, stderr=said, stdin=subprocess.DEVNULL
            )
        self.family: dict[int, psutil.Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.children()
        if self.process.poll() is None:
            self.process.terminate()
        _, left = psutil.wait_procs(self.family.values(), timeout=10)
        for one in left:
            one.kill()
        self.process.wait(60)

    def children(self) -> dict[str, psutil.Process]:
        """By their number."""
        found: dict[str, psutil.Process] = {}
        try:
            for child in psutil.Process(self.process.pid).children():
                line = child.cmdline()
                if "rq_workers.single" in line:
                    self.family[child.pid] = child
                    found[line[-1]] = child
        except psutil.NoSuchProcess:
            pass
        return found

    def registered(self) -> set[int]:
        """Process ids that RQ knows."""
        with Redis.from_url(self._settings.redis_url) as connection:
            return {worker.pid or 0 for worker in Worker.all(connection=connection)}

    def wait_for_workers(self, *numbers: str) -> dict[str, psutil.Process]:
        """Return when exactly these run, and take work."""

        def are_there() -> bool:
            assert self.process.poll() is None, self.said
            now = self.children()
            return sorted(now) == sorted(numbers) and {child.pid for child in now.values()} <= self.registered()

        wait_for(are_there, within_seconds=120, what=f"workers {numbers}")
        return self.children()

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        whole, _, _ = self.said.rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]


Start = Callable[..., GroupProcess]


@pytest.fixture
def start_group(settings: Settings, tmp_path: Path, empty: None) -> Iterator[Start]:
    """Start one; it is gone at the end of the test, with its children."""
    running: list[GroupProcess] = []

    def start(processes: int = 2, **environment: str) -> GroupProcess:
        wanted = {"LUMIKU_WORKER_PROCESSES": str(processes), **environment}
        running.append(GroupProcess(settings, tmp_path / "group.log", **wanted))
        return running[0]

    yield start
    for group in running:
        with group:
            pass


def order(house: House, count: int) -> list[UUID]:
    """Pictures of the stub provider, by members enough that no limit is met."""
    return [house.submit(house.member(plan="basic"), model="flux-schnell").items[0].id for _ in range(count)]


def statuses(items: list[UUID]) -> list[str]:
    found = {item.id: item for item in all_rows(GenerationItem)}
    return [found[item].status for item in items]


def all_ended(items: list[UUID]) -> bool:
    return all(status in FINAL for status in statuses(items))


def both_at_work(house: House, stub: StubProvider, group: GroupProcess) -> list[UUID]:
    """Four pictures, held at the provider: two in each of two processes."""
    stub.set("success", times=4, is_held=True)
    items = order(house, 4)
    stub.wait_for_open(4)
    wait_for(lambda: len(group.events("items.started")) >= 4)
    return items


def test_processes_of_a_group_share_the_work_and_tell_their_status(house: House, stub: StubProvider, start_group: Start) -> None:
    group = start_group(LUMIKU_WORKER_CONCURRENCY="2")
    group.wait_for_workers("1", "2")
    items = both_at_work(house, stub, group)
    takers = [line["process"] for line in group.events("items.started")]
    assert sorted(takers) == ["worker-1", "worker-1", "worker-2", "worker-2"]
    wait_for(lambda: {line["process"] for line in group.events("worker.status")} == {"worker-1", "worker-2"})
    told = group.events("worker.status")[0]
    assert (told["concurrency"], told["done"]) == (2, 0)
    assert told["in_flight"] in {1, 2}
    stub.release()
    wait_for(lambda: all_ended(items))
    assert statuses(items) == ["succeeded"] * 4


def test_q1_a_process_that_is_killed_is_started_again_and_nothing_is_lost(
    house: House, stub: StubProvider, start_group: Start
) -> None:
    group = start_group(LUMIKU_WORKER_CONCURRENCY="2")
    before = group.wait_for_workers("1", "2")
    items = both_at_work(house, stub, group)
    before["1"].kill()
    stub.wait_for_open(2)
    after = group.wait_for_workers("1", "2")
    assert after["1"].pid != before["1"].pid
    assert after["2"].pid == before["2"].pid
    (said,) = group.events("group.worker_ended")
    assert said["sentence"] == "worker 1 ended (killed by SIGKILL); it is started again in 1 s"
    lost = [line["item_id"] for line in group.events("items.started") if line["process"] == "worker-1"]
    for item in lost:
        end_lease(UUID(item))
    stub.release()
    wait_for(lambda: all_ended(items), within_seconds=120)
    assert statuses(items) == ["succeeded"] * 4
    assert count_of(Image) == 4


def test_a_signal_starts_one_more_and_another_ends_the_newest(house: House, stub: StubProvider, start_group: Start) -> None:
    group = start_group(1, LUMIKU_WORKER_CONCURRENCY="1")
    first = group.wait_for_workers("1")
    group.process.send_signal(signal.SIGTTIN)
    group.wait_for_workers("1", "2")
    stub.set("success", times=2, is_held=True)
    items = order(house, 2)
    stub.wait_for_open(2)
    group.process.send_signal(signal.SIGTTOU)
    wait_for(lambda: [line["process"] for line in group.events("worker.stopping")] == ["worker-2"])
    assert statuses(items) == ["running"] * 2
    stub.release()
    assert group.wait_for_workers("1") == first
    wait_for(lambda: statuses(items) == ["succeeded"] * 2)
    group.process.send_signal(signal.SIGTTOU)
    group.process.send_signal(signal.SIGTTIN)
    wait_for(lambda: len(group.events("group.grown")) == 2)
    assert group.wait_for_workers("1", "2")["1"] == first["1"]
    assert len(group.events("group.shrunk")) == 1
    assert group.events("group.worker_ended") == []


def test_sigterm_lets_every_process_finish_what_it_does(house: House, stub: StubProvider, start_group: Start) -> None:
    group = start_group(LUMIKU_WORKER_CONCURRENCY="2")
    group.wait_for_workers("1", "2")
    items = both_at_work(house, stub, group)
    group.process.terminate()
    wait_for(lambda: len(group.events("worker.stopping")) == 2)
    assert group.process.poll() is None
    stub.release()
    assert group.process.wait(60) == 0
    assert statuses(items) == ["succeeded"] * 4
    assert group.children() == {}


def test_q7_a_second_signal_lets_every_process_give_back_what_it_does(
    house: House, stub: StubProvider, start_group: Start
) -> None:
    group = start_group(LUMIKU_WORKER_CONCURRENCY="2")
    group.wait_for_workers("1", "2")
    items = both_at_work(house, stub, group)
    group.process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    wait_for(lambda: len(group.events("worker.stopping")) == 2)
    wait_for(lambda: time.monotonic() - asked > 1.5, what="what comes within a second counts as the same signal")
    group.process.send_signal(signal.SIGINT)
    assert group.process.wait(60) == 0
    assert {(row.status, row.attempt) for row in all_rows(GenerationItem) if row.id in items} == {("queued", 0)}


def test_processes_whose_parent_was_killed_finish_what_they_do(house: House, stub: StubProvider, start_group: Start) -> None:
    group = start_group(LUMIKU_WORKER_CONCURRENCY="2")
    children = list(group.wait_for_workers("1", "2").values())
    items = both_at_work(house, stub, group)
    group.process.kill()
    wait_for(lambda: len(group.events("worker.stopping")) == 2)
    stub.release()
    _, left = psutil.wait_procs(children, timeout=60)
    assert left == []
    assert statuses(items) == ["succeeded"] * 4


def test_a_status_is_a_sentence_where_people_read_the_log(house: House, start_group: Start) -> None:
    group = start_group(1, LUMIKU_LOG_FORMAT="console", NO_COLOR="1")
    group.wait_for_workers("1")
    order(house, 1)
    wait_for(lambda: "worker 1 · " in group.said)
    line = next(line for line in group.said.splitlines() if "worker 1 · " in line)
    assert " done · loop " in line


def test_the_parent_loads_nothing_that_is_large() -> None:
    program = "import sys, rq_workers.group; print({n.split('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert set(ast.literal_eval(done.stdout)) & {"sqlalchemy", "PIL", "rq", "redis", "pydantic", "structlog", "asyncio"} == set()


@pytest.mark.parametrize("wrong", [{"LUMIKU_WORKER_PROCESSES": "0"}, {"REDIS_URL": ""}])
def test_a_wrong_setting_ends_the_group_with_one_sentence(settings: Settings, wrong: dict[str, str]) -> None:
    environment = {**environment_of(settings), "LUMIKU_WORKER_PROCESSES": "2", **wrong}
    done = subprocess.run(COMMAND, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("Lumiku can't start: ")
    assert next(iter(wrong)) in done.stderr
