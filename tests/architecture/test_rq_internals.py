"""What the worker leans on inside RQ, as it is today. An upgrade that changes one of these stops here, not in production."""

import inspect
import re

import pytest
from rq import callbacks, command, suspension, worker_registration
from rq import job as job_module
from rq.executions import Execution, ExecutionRegistry
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.registry import StartedJobRegistry
from rq.timeouts import TimerDeathPenalty
from rq.worker import BaseWorker, WorkerStatus

from rq_workers import worker
from rq_workers.worker import AsyncWorker

OWNERS = {
    owner.__name__.removeprefix("rq."): owner
    for owner in (
        BaseWorker,
        Execution,
        ExecutionRegistry,
        Job,
        Queue,
        StartedJobRegistry,
        callbacks,
        command,
        suspension,
        worker_registration,
    )
}

#: What is overridden → its parameters in their order.
OVERRIDDEN = {
    "BaseWorker.bootstrap": "self logging_level date_format log_format",
    "BaseWorker.teardown": "self",
    "BaseWorker.request_stop": "self signum frame",
    "BaseWorker.check_for_suspension": "self burst",
    "BaseWorker.run_maintenance_tasks": "self",
    "BaseWorker.dequeue_job_and_maintain_ttl": "self timeout max_idle_time",
    "BaseWorker.execute_job": "self job queue",
    "BaseWorker.heartbeat": "self timeout pipeline",
    "BaseWorker.serialize": "self",
    "BaseWorker.get_heartbeat_ttl": "self job working_time",
    "BaseWorker.handle_payload": "self message",
    "BaseWorker.request_stop_execution": "self execution_id",
    "BaseWorker._pubsub_exception_handler": "self exc pubsub pubsub_thread",
}

#: What is called → its parameters in their order.
CALLED = {
    "BaseWorker.get_state": "self",
    "BaseWorker.set_state": "self state pipeline",
    "BaseWorker.prepare_execution": "self job",
    "BaseWorker.prepare_job_execution": "self job remove_from_intermediate_queue",
    "BaseWorker.cleanup_execution": "self job pipeline execution",
    "BaseWorker.handle_job_failure": "self job queue started_job_registry exc_string execution",
    "BaseWorker._finalize_success": "self job queue execution return_value",
    "BaseWorker._finalize_failure": "self job queue execution exc_info",
    "BaseWorker.get_redis_server_version": "self",
    "Queue._fetch_dequeued_job": "connection queue_key job_id job_class serializer death_penalty_class",
    "Queue.release_maintenance_lock": "self",
    "Job.fetch": "id connection serializer",
    "Job.save": "self pipeline include_meta include_result",
    "Job.delete": "self pipeline remove_from_queue delete_dependents",
    "Execution.heartbeat": "self started_job_registry ttl pipeline",
    "Execution.save": "self ttl pipeline",
    "ExecutionRegistry.add": "self execution ttl pipeline xx",
    "StartedJobRegistry.add_execution": "self execution pipeline ttl xx",
    "worker_registration.register": "worker pipeline",
    "command.parse_payload": "payload",
    "command.handle_command": "worker payload",
    "callbacks.execute_stopped_callback": "job death_penalty_class",
    "suspension.is_suspended": "connection worker",
}

#: Attributes that are read or set → where RQ itself says them.
ATTRIBUTES = {
    "_stop_requested": BaseWorker,
    "_shutdown_requested_date": BaseWorker,
    "_stopped_job_id": BaseWorker.handle_job_failure,
    "_state": BaseWorker.get_state,
    "executions": BaseWorker,
    "executions_key": BaseWorker,
    "last_cleaned_at": BaseWorker,
    "should_run_maintenance_tasks": BaseWorker,
    "queue_class": BaseWorker,
    "job_class": BaseWorker,
    "intermediate_queue_key": Queue,
    "job._current_job": job_module,
}


def told(heading: str) -> set[str]:
    """What the docstring of the worker lists under this heading."""
    match = re.search(rf"^{heading}: (.*?)\.(?:\n[A-Z]|\Z|\n\Z)", worker.__doc__ or "", re.DOTALL | re.MULTILINE)
    assert match, heading
    return set(re.findall(r"`([\w.]+)`", match[1]))


@pytest.mark.parametrize("name", [*OVERRIDDEN, *CALLED])
def test_rq_has_the_function_as_the_worker_knows_it(name: str) -> None:
    owner, _, function_name = name.partition(".")
    function = inspect.getattr_static(OWNERS[owner], function_name)
    parameters = list(inspect.signature(getattr(function, "__func__", function)).parameters)
    assert [p for p in parameters if p != "cls"] == {**OVERRIDDEN, **CALLED}[name].split()


def test_the_docstring_of_the_worker_tells_exactly_what_is_watched_here() -> None:
    assert told("Overridden") == set(OVERRIDDEN)
    assert told("Called") == set(CALLED)
    assert told("Read or set") == set(ATTRIBUTES)


def test_the_worker_overrides_exactly_what_it_tells() -> None:
    mine = {name for name in vars(AsyncWorker) if inspect.isfunction(vars(AsyncWorker)[name]) and hasattr(BaseWorker, name)}
    assert {f"BaseWorker.{name}" for name in mine} == set(OVERRIDDEN)


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        *((BaseWorker.work, name) for name in ("bootstrap", "teardown", "check_for_suspension", "run_maintenance_tasks")),
        *((BaseWorker.work, name) for name in ("dequeue_job_and_maintain_ttl", "execute_job", "heartbeat")),
        (BaseWorker.subscribe, "handle_payload"),
        (BaseWorker.subscribe, "_pubsub_exception_handler"),
        (BaseWorker.register_birth, "serialize"),
        (BaseWorker._install_signal_handlers, "request_stop"),
        (BaseWorker.prepare_job_execution, "get_heartbeat_ttl"),
        (command.handle_stop_execution_command, "request_stop_execution"),
    ],
    ids=lambda part: getattr(part, "__name__", part),
)
def test_rq_goes_through_what_the_worker_overrides(caller: object, name: str) -> None:
    assert re.search(rf"\b(self|worker)\.{name}\b", inspect.getsource(caller))  # pyright: ignore[reportArgumentType]  (a function or a class)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_are_where_the_worker_looks(name: str) -> None:
    assert re.search(rf"\b{name.rpartition('.')[2]}\b", inspect.getsource(ATTRIBUTES[name]))


def test_rq_does_with_them_what_the_worker_expects() -> None:
    assert {"IDLE", "BUSY", "SUSPENDED"} <= set(WorkerStatus.__members__)
    assert "STOPPED" in JobStatus.__members__
    assert "self._stopped_job_id == job.id" in inspect.getsource(BaseWorker.handle_job_failure)
    assert "threading" in inspect.getsource(TimerDeathPenalty), "no signals: it is used in threads"
    assert IntermediateQueue.get_intermediate_queue_key("q") == "q:intermediate"
    assert "self.last_cleaned_at = now()" in inspect.getsource(BaseWorker.clean_registries)


@pytest.mark.parametrize("name", ["success_callback", "failure_callback", "stopped_callback", "func", "send_webhooks"])
def test_what_our_job_closes_is_a_way_out_of_rq_s_job(name: str) -> None:
    assert hasattr(Job, name)
