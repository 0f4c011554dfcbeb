"""What somebody else wrote into Redis: it is put away, and the worker lives on."""

from collections.abc import Callable

import pytest
from rq import Worker
from rq.job import JobStatus
from rq.registry import StartedJobRegistry

from tests.factories.waiting import wait_for
from tests.integration.worker.jobs import BOARD
from tests.integration.worker.lab import Lab


def record(lab: Lab, **fields: bytes | str) -> str:
    """The record of a good job, with these fields changed, and the job's id."""
    job = lab.give("say", "poisoned")
    lab.redis.hset(job.key, mapping=dict(fields))
    return job.id


def without(lab: Lab, field: str) -> str:
    job = lab.give("say", "poisoned")
    lab.redis.hdel(job.key, field)
    return job.id


def of_another_type(lab: Lab) -> str:
    job = lab.give("say", "poisoned")
    lab.redis.delete(job.key)
    lab.redis.set(job.key, "a text")
    return job.id


def with_a_text_for_results(lab: Lab) -> str:
    job = lab.give("fail")
    lab.redis.set(f"rq:results:{job.id}", "a text")
    return job.id


def no_text(lab: Lab) -> str:
    lab.redis.rpush(lab.queue.key, b"\xff\xfe")
    return "no id"


@pytest.mark.parametrize(
    "poison",
    [
        lambda lab: record(lab, data=b"{not json"),
        lambda lab: record(lab, data=b"\xff\x00"),
        lambda lab: record(lab, data=b"[1]"),
        lambda lab: record(lab, data=b'["no.such.module.at_all", null, [], {}]'),
        lambda lab: record(lab, data=b'["tests.integration.worker.jobs.say", null, 7, 8]'),
        lambda lab: record(lab, data=b"[" * 100_000),
        lambda lab: record(lab, status="no status"),
        lambda lab: record(lab, created_at="yesterday"),
        lambda lab: record(lab, timeout="soon"),
        lambda lab: record(lab, origin="elsewhere", data=b"7"),
        lambda lab: without(lab, "data"),
        of_another_type,
        with_a_text_for_results,
        no_text,
    ],
    ids=[
        "no JSON", "no text", "too short", "no such function", "wrong arguments", "deep", "no status", "no date", "no timeout",
        "of elsewhere", "no data", "no hash", "no results", "no id",
    ],
)  # fmt: skip
def test_a_poisoned_job_is_put_away_once_and_the_worker_lives_on(lab: Lab, poison: Callable[[Lab], str]) -> None:
    poisoned = poison(lab)
    good = lab.give("say", "good")
    lab.work()
    wait_for(lambda: lab.status(good) == JobStatus.FINISHED)
    wait_for(lambda: lab.running() == 0)
    assert BOARD.done == ["good"]
    assert (lab.redis.llen(lab.queue.key), lab.redis.llen(lab.queue.intermediate_queue_key)) == (0, 0)
    assert lab.redis.zcard(StartedJobRegistry(queue=lab.queue).key) == 0
    is_kept = poisoned in lab.queue.failed_job_registry.get_job_ids()
    assert is_kept or not lab.redis.exists(f"rq:job:{poisoned}")
    assert lab.thread is not None
    assert lab.thread.is_alive()


def test_keys_of_another_type_are_deleted_and_work_goes_on(lab: Lab) -> None:
    lab.work()
    wait_for(lambda: lab.worker.get_state() == "idle")
    keys = [
        lab.queue.key,
        lab.queue.intermediate_queue_key,
        StartedJobRegistry(queue=lab.queue).key,
        f"rq:workers:{lab.queue.name}",
    ]
    for key in keys:
        lab.redis.delete(key)
        lab.redis.set(key, "a text")
    wait_for(lambda: all(lab.redis.type(key) != b"string" for key in keys))
    lab.give("say", "on")
    wait_for(lambda: BOARD.done == ["on"])
    wait_for(lambda: [worker.name for worker in Worker.all(queue=lab.queue)] == [lab.worker.name])


def test_damage_in_registries_stops_maintenance_once_and_not_for_ever(lab: Lab) -> None:
    """An entry that looks like what a dead worker left, and whose record nobody can read."""
    damaged = lab.give("say", "never")
    lab.queue.remove(damaged)
    lab.redis.hset(damaged.key, "status", "no status")
    started = StartedJobRegistry(queue=lab.queue)
    lab.redis.zadd(started.key, {f"{damaged.id}:x": 1, "no colon": 1, b"\xff:y": 1})
    lab.work()
    wait_for(lambda: lab.redis.zcard(started.key) == 0)
    wait_for(lambda: lab.worker.last_cleaned_at)
    assert not lab.redis.exists(lab.queue.registry_cleaning_key), "the next maintenance may begin"
    lab.give("say", "on")
    wait_for(lambda: BOARD.done == ["on"])
