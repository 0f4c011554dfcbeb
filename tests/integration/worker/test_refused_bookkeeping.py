"""What becomes of a job whose record Redis, or RQ, does not write: nobody is held up, and nothing is done twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAwayError
from redis.exceptions import ResponseError
from rq.job import Job
from structlog.testing import capture_logs

from tests.factories.waiting import wait_for
from tests.integration.worker.jobs import BOARD
from tests.integration.worker.lab import Lab, LabWorker


class AwayAtTheBeginning(LabWorker):
    """Redis is gone when the first job is about to be begun."""

    wrong: Exception = RedisAwayError("gone")
    stumbled = False

    def prepare_execution(self, job: Job) -> Any:
        if not self.stumbled:
            self.stumbled = True
            raise self.wrong
        return super().prepare_execution(job)


class RefusedAtTheBeginning(AwayAtTheBeginning):
    """Redis does not take what is to be written of the first job."""

    wrong = ResponseError("wrong kind of value")


class FaultyAtTheEnd(LabWorker):
    """RQ can't write down that a job has failed."""

    def _finalize_failure(self, *told: Any) -> None:
        raise ZeroDivisionError


@pytest.fixture
def make(redis_url: str) -> Iterator[Callable[..., Lab]]:
    """A lab of another kind; it ends with the test."""
    made: list[Lab] = []

    def begin(kind: type[LabWorker] = LabWorker, queues: tuple[str, ...] = ("lab",)) -> Lab:
        made.append(Lab(redis_url, kind, queues))
        return made[-1]

    yield begin
    for lab in made:
        lab.close()


def test_q2_a_job_that_could_not_be_begun_without_redis_is_begun_once(make: Callable[..., Lab]) -> None:
    lab = make(AwayAtTheBeginning)
    for word in ("first", "second"):
        lab.give("say", word)
    lab.work(burst=True)
    wait_for(lab.is_done)
    assert sorted(BOARD.done) == ["first", "second"]


def test_q2_a_job_that_redis_refuses_is_dropped_and_holds_nobody_up(make: Callable[..., Lab]) -> None:
    lab = make(RefusedAtTheBeginning)
    refused, _ = (lab.give("say", word) for word in ("first", "second"))
    with capture_logs() as told:
        lab.work(burst=True)
        wait_for(lab.is_done)
    assert BOARD.done == ["second"]
    assert not lab.redis.exists(refused.key)
    assert "worker.job_damaged" in {line["event"] for line in told}


def test_a_fault_in_the_bookkeeping_is_told_and_its_room_is_free(make: Callable[..., Lab]) -> None:
    lab = make(FaultyAtTheEnd)
    lab.worker.concurrency = 1
    with capture_logs() as told:
        lab.give("fail")
        lab.give("say", "after it")
        lab.work()
        wait_for(lambda: BOARD.done == ["after it"])
    assert [line["log_level"] for line in told if line["event"] == "worker.bookkeeping_failed"] == ["error"]


def test_a_worker_of_two_queues_takes_what_comes_to_either_while_it_waits(make: Callable[..., Lab]) -> None:
    lab = make(queues=("heavy", "light"))
    lab.work()
    for queue, word in zip(reversed(lab.queues), ("light", "heavy"), strict=True):
        queue.enqueue("tests.integration.worker.jobs.say", word)
        wait_for(lambda word=word: word in BOARD.done)
    assert BOARD.done == ["light", "heavy"]
