"""How jobs come from the queues into a worker: whose turn it is, in one step that loses nothing.

What is damaged is taken out of the way here, with a line in the log: whoever writes to Redis must not stop a worker.
What it leans on inside RQ is listed in `worker`.
"""

# pyright: reportPrivateUsage=false

from collections.abc import Mapping, Sequence
from typing import Any, Final

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import worker_registration
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.queue import Queue
from rq.utils import as_text
from rq.worker import BaseWorker

from lumiku_web.logs import get_logger

log = get_logger(__name__)

REDIS_AWAY = (RedisConnectionError, RedisTimeoutError)

#: The first id of the first queue that has one moves into that queue's intermediate list. KEYS: queue, its list, queue, …
_POP: Final = """
for i = 1, #KEYS, 2 do
  local id = redis.call('LMOVE', KEYS[i], KEYS[i + 1], 'LEFT', 'RIGHT')
  if id then return {KEYS[i], id} end
end
return false
"""


class Strides:
    """Whose turn it is among queues: without weights strictly in order, else each in proportion to its weight."""

    def __init__(self, names: Sequence[str], weights: Mapping[str, int]) -> None:
        self._weights = {name: weights.get(name, 1) for name in names} if weights else {}
        self._passed = dict.fromkeys(names, 0.0)

    def order(self) -> list[str]:
        """The next one first."""
        if not self._weights:
            return list(self._passed)
        return sorted(self._passed, key=lambda name: (self._passed[name], -self._weights[name]))

    def served(self, name: str) -> None:
        """A job came from this queue. Those before it were empty: being idle earns no turns for later."""
        if not self._weights:
            return
        now = self._passed[name]
        for ahead in self.order():
            if ahead == name:
                break
            self._passed[ahead] = now
        self._passed[name] = now + 1 / self._weights[name]


class Intake:
    """The queues of one worker, in its main thread."""

    def __init__(self, worker: BaseWorker, weights: Mapping[str, int]) -> None:
        self._worker = worker
        self._redis: Any = worker.connection  # its types know whole seconds only
        self._queues = {queue.name: queue for queue in worker.queues}
        self._strides = Strides(list(self._queues), weights)
        self._script = self._redis.register_script(_POP)
        self._popped: tuple[Queue, bytes] | None = None

    def take(self, wait_seconds: float) -> "tuple[Job, Queue] | None":
        """The next job, or None if there was none within these seconds. Raises: what Redis raises.

        Where Redis goes away in between, the next call goes on with the same id.
        """
        while True:
            self._popped = self._popped or self._pop(wait_seconds)
            if self._popped is None:
                return None
            queue, job_id = self._popped
            found = self._fetched(queue, job_id)
            self._popped = None
            if found:
                return found

    def again(self, job: Job, queue: Queue) -> None:
        """The next call begins with this job, which was taken before."""
        self._popped = queue, job.id.encode()

    def leave(self, job: Job, queue: Queue) -> None:
        """Put a job that was taken back to where it was."""
        with self._redis.pipeline() as pipe:
            pipe.lrem(queue.intermediate_queue_key, 1, job.id)
            pipe.lpush(queue.key, job.id)
            pipe.execute()

    def bury(self, queue: Queue, job_id: bytes, why: Exception) -> None:
        """Drop a job that can't be read, with its record: nobody could do anything with it."""
        log.error("worker.job_damaged", queue=queue.name, job_id=repr(job_id), error=repr(why))
        with self._redis.pipeline() as pipe:
            pipe.lrem(queue.intermediate_queue_key, 1, job_id)
            pipe.delete(self._record(job_id))
            pipe.execute()

    def mend(self) -> int:
        """Delete keys of ours that hold another type than RQ's: no command on them would ever succeed. Returns how many."""
        expected = self._types()
        with self._redis.pipeline(transaction=False) as pipe:
            for key in expected:
                pipe.type(key)
            found = [as_text(kind) for kind in pipe.execute()]
        wrong = [key for (key, kind), is_kind in zip(expected.items(), found, strict=True) if is_kind not in {kind, "none"}]
        for key in wrong:
            log.error("worker.key_damaged", key=key)
            self._redis.delete(key)
        return len(wrong)

    def sift(self) -> None:
        """Drop from lists and registries what RQ's maintenance can't read: it would stumble over it each time."""
        self.mend()
        for queue in self._queues.values():
            for job_id in self._redis.lrange(queue.intermediate_queue_key, 0, -1):
                self._fetched(queue, job_id)
            for registry in _registries(queue):
                for member in self._redis.zrange(registry, 0, -1):
                    is_whole = registry != queue.started_job_registry.key or member.count(b":") == 1
                    if not (is_whole and self._is_readable(queue, member.partition(b":")[0])):
                        self._redis.zrem(registry, member)
            queue.release_maintenance_lock()

    def _pop(self, wait_seconds: float) -> tuple[Queue, bytes] | None:
        """Redis itself can wait for one queue only; with more the caller has to look again."""
        order = [self._queues[name] for name in self._strides.order()]
        if len(order) == 1:
            (queue,) = order
            lists = queue.key, queue.intermediate_queue_key
            job_id = self._redis.blmove(*lists, wait_seconds) if wait_seconds else self._redis.lmove(*lists)
            return (queue, job_id) if job_id else None
        popped = self._script(keys=[key for queue in order for key in (queue.key, queue.intermediate_queue_key)])
        if not popped:
            return None
        queue = next(queue for queue in order if queue.key == as_text(popped[0]))
        self._strides.served(queue.name)
        return queue, popped[1]

    def _fetched(self, queue: Queue, job_id: bytes) -> "tuple[Job, Queue] | None":
        """The job of this id; one without a record, or with one that can't be read, leaves the intermediate list."""
        try:
            found = self._worker.queue_class._fetch_dequeued_job(  # noqa: SLF001 (as in `worker`)
                self._redis,
                queue.key,
                as_text(job_id),
                job_class=self._worker.job_class,
                serializer=self._worker.serializer,
                death_penalty_class=self._worker.death_penalty_class,
            )
        except REDIS_AWAY:
            raise
        except Exception as damage:  # noqa: BLE001 (its record may hold anything)
            self.bury(queue, job_id, damage)
            return None
        if found is None and self._redis.exists(self._record(job_id)):
            self.bury(queue, job_id, ValueError("its record is no job"))
            return None
        if found is None:
            self._redis.lrem(queue.intermediate_queue_key, 1, job_id)
            return None
        found[0].origin = queue.name  # what its record says of that may be wrong too
        return found

    def _is_readable(self, queue: Queue, job_id: bytes) -> bool:
        """A record that is gone counts as readable: RQ expects that."""
        try:
            self._worker.job_class.fetch(as_text(job_id), connection=self._redis, serializer=self._worker.serializer)
        except (NoSuchJobError, *REDIS_AWAY) as known:
            if isinstance(known, REDIS_AWAY):
                raise
        except Exception as damage:  # noqa: BLE001 (its record may hold anything)
            self.bury(queue, job_id, damage)
            return False
        return True

    def _record(self, job_id: bytes) -> bytes:
        return self._worker.job_class.redis_job_namespace_prefix.encode() + job_id

    def _types(self) -> dict[str, str]:
        worker = self._worker
        expected = {worker.key: "hash", worker.executions_key: "set", worker_registration.REDIS_WORKER_KEYS: "set"}
        for queue in self._queues.values():
            expected |= {queue.key: "list", queue.intermediate_queue_key: "list"}
            expected |= dict.fromkeys(_registries(queue), "zset")
            expected[worker_registration.WORKERS_BY_QUEUE_KEY % queue.name] = "set"
        return expected


def _registries(queue: Queue) -> list[str]:
    kinds = (
        queue.started_job_registry,
        queue.finished_job_registry,
        queue.failed_job_registry,
        queue.deferred_job_registry,
        queue.scheduled_job_registry,
        queue.ready_job_registry,
    )
    return [registry.key for registry in kinds]
