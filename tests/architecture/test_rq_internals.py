"""What the worker leans on inside RQ, as it is today. An upgrade that changes one of these stops here, not in production."""

import inspect

import pytest
from rq import worker_registration
from rq.executions import Execution
from rq.job import Job, _current_job
from rq.queue import Queue
from rq.timeouts import TimerDeathPenalty
from rq.worker import BaseWorker, WorkerStatus

from rq_workers import worker
from rq_workers.worker import AsyncWorker

#: (owner, name) → parameters in their order.
PARAMETERS = {
    (BaseWorker, "bootstrap"): ["self", "logging_level", "date_format", "log_format"],
    (BaseWorker, "teardown"): ["self"],
    (BaseWorker, "request_stop"): ["self", "signum", "frame"],
    (BaseWorker, "dequeue_job_and_maintain_ttl"): ["self", "timeout", "max_idle_time"],
    (BaseWorker, "execute_job"): ["self", "job", "queue"],
    (BaseWorker, "get_heartbeat_ttl"): ["self", "job", "working_time"],
    (BaseWorker, "handle_warm_shutdown_request"): ["self"],
    (BaseWorker, "heartbeat"): ["self", "timeout", "pipeline"],
    (BaseWorker, "run_maintenance_tasks"): ["self"],
    (BaseWorker, "serialize"): ["self"],
    (BaseWorker, "get_state"): ["self"],
    (BaseWorker, "set_state"): ["self", "state", "pipeline"],
    (BaseWorker, "prepare_execution"): ["self", "job"],
    (BaseWorker, "prepare_job_execution"): ["self", "job", "remove_from_intermediate_queue"],
    (BaseWorker, "cleanup_execution"): ["self", "job", "pipeline", "execution"],
    (BaseWorker, "_finalize_success"): ["self", "job", "queue", "execution", "return_value"],
    (BaseWorker, "_finalize_failure"): ["self", "job", "queue", "execution", "exc_info"],
    (Queue, "_fetch_dequeued_job"): [
        "connection",
        "queue_key",
        "job_id",
        "job_class",
        "serializer",
        "death_penalty_class",
    ],
    (Execution, "heartbeat"): ["self", "started_job_registry", "ttl", "pipeline"],
    (Job, "delete"): ["self", "pipeline", "remove_from_queue", "delete_dependents"],
    (worker_registration, "register"): ["worker", "pipeline"],
}


@pytest.mark.parametrize(("owner", "name"), PARAMETERS, ids=lambda part: getattr(part, "__name__", part))
def test_rq_has_the_function_as_the_worker_calls_it(owner: object, name: str) -> None:
    function = inspect.getattr_static(owner, name)
    parameters = list(inspect.signature(getattr(function, "__func__", function)).parameters)
    assert [p for p in parameters if p != "cls"] == PARAMETERS[owner, name]


def test_the_worker_overrides_only_what_rq_really_calls() -> None:
    overridden = {name for name in vars(AsyncWorker) if inspect.isfunction(vars(AsyncWorker)[name]) and hasattr(BaseWorker, name)}
    assert overridden == {
        "bootstrap",
        "teardown",
        "serialize",
        "request_stop",
        "dequeue_job_and_maintain_ttl",
        "execute_job",
        "get_heartbeat_ttl",
    }


@pytest.mark.parametrize("name", ["bootstrap", "teardown", "dequeue_job_and_maintain_ttl", "execute_job"])
def test_the_loop_of_rq_goes_through_what_the_worker_overrides(name: str) -> None:
    assert f"self.{name}(" in inspect.getsource(BaseWorker)


def test_the_docstring_of_the_worker_names_what_it_leans_on() -> None:
    told = worker.__doc__ or ""
    for owner, name in PARAMETERS:
        if name.startswith("_") or name in {"prepare_execution", "prepare_job_execution", "cleanup_execution"}:
            assert name in told, (owner, name)


def test_attributes_and_constants_are_where_the_worker_looks() -> None:
    assert {"IDLE", "BUSY"} <= set(WorkerStatus.__members__)
    assert callable(_current_job.set)
    assert "threading" in inspect.getsource(TimerDeathPenalty), "no signals: it is used in threads"
    queue = inspect.getsource(Queue)
    assert "def intermediate_queue_key" in queue
    assert "def key" in queue
    source = inspect.getsource(BaseWorker)
    for attribute in ("_stop_requested", "_shutdown_requested_date", "should_run_maintenance_tasks", "executions", "job_class"):
        assert attribute in source, attribute
