"""The queue on RQ: payloads are JSON, and a job names nothing but our one task."""

import time
from typing import Final
from uuid import UUID

from redis import Redis
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from lumiku_web.adapters.redis_client import REDIS_DOWN
from lumiku_web.errors import Unavailable

QUEUE: Final = "generations"
#: The only function that a job may name.
TASK: Final = "rq_workers.tasks.run_item"

#: Grace in seconds between an item's own time limit and that of its job, which only ends what hangs.
_GRACE: Final = 60
_RESULT_TTL: Final = 300
_FAILURE_TTL: Final = 86_400
#: RQ's states of a job that a worker will get or has got.
_ALIVE: Final = frozenset({"started", "scheduled", "deferred", "rate_limited", "ready_to_enqueue"})


class OurJob(Job):
    """A job that can call `TASK` and nothing else: whoever writes to Redis must not be able to run code here."""

    @property
    def func(self):  # noqa: ANN201 (RQ's own property has no type either)
        """Raises: PermissionError for any other name."""
        if self.func_name != TASK:
            raise PermissionError(f"{self.func_name} is not a task of Lumiku")
        return super().func


class RqQueue:
    """The port `JobQueue` on Redis."""

    def __init__(self, connection: Redis) -> None:
        self._redis = connection
        self._queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=OurJob)

    def enqueue(self, item_id: UUID, dispatch: int, *, correlation_id: str, timeout_seconds: int) -> None:
        """See `JobQueue.enqueue`. The job carries ids only, no prompt and no token."""
        try:
            self._queue.enqueue(
                TASK,
                str(item_id),
                job_id=_job_id(item_id, dispatch),
                unique=True,
                job_timeout=timeout_seconds + _GRACE,
                result_ttl=_RESULT_TTL,
                failure_ttl=_FAILURE_TTL,
                meta={"correlation_id": correlation_id},
            )
        except DuplicateJobError:
            return
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down

    def is_alive(self, item_id: UUID, dispatch: int) -> bool:
        """See `JobQueue.is_alive`. A job that says `queued` must also be in a list: a lost one says so for ever."""
        job_id = _job_id(item_id, dispatch)
        try:
            job = OurJob.fetch(job_id, connection=self._redis, serializer=JSONSerializer)
            status = job.get_status(refresh=False)
            if status == "queued":
                waiting = self._queue.get_job_position(job_id) is not None
                return waiting or job_id in self._queue.intermediate_queue.get_job_ids()
            return str(status) in _ALIVE
        except NoSuchJobError:
            return False
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down

    def workers(self) -> int:
        """See `JobQueue.workers`."""
        try:
            alive_since = time.time() - 60
            return sum(
                w.last_heartbeat is not None and w.last_heartbeat.timestamp() > alive_since for w in Worker.all(queue=self._queue)
            )
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down


def _job_id(item_id: UUID, dispatch: int) -> str:
    return f"{item_id}-{dispatch}"
