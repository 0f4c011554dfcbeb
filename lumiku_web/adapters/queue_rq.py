"""The queue on RQ: payloads are JSON, and a job names nothing but our one task."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.command import send_stop_job_command  # pyright: ignore[reportUnknownVariableType]  (typed in part)
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text, str_to_date
from rq.worker_registration import get_keys

from lumiku_web.adapters.redis_client import REDIS_DOWN, listening_redis
from lumiku_web.clock import utc_now
from lumiku_web.domain.generations.ports import WORKER_SILENT_SECONDS
from lumiku_web.domain.generations.schemas import WorkerRead
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

QUEUE: Final = "generations"
#: The only function that a job may name.
TASK: Final = "rq_workers.tasks.run_item"

#: Says that there may be something to hand over.
WAKE_CHANNEL: Final = "lumiku:turns"
#: After so long without a word the connection is tried: a dead one says nothing either.
_LISTEN_SECONDS: Final = 10.0

#: Grace in seconds between an item's own time limit and that of its job, which only ends what hangs.
_GRACE: Final = 60
#: A job that a worker took so long ago, by what we saw, and did not begin was lost on its way.
_ON_ITS_WAY: Final = timedelta(seconds=8)
_RESULT_TTL: Final = 300
_FAILURE_TTL: Final = 86_400
#: RQ's states of a job that a worker will get or has got.
_ALIVE: Final = frozenset({"started", "scheduled", "deferred", "rate_limited", "ready_to_enqueue"})


class OurJob(Job):
    """A job that can call `TASK` and nothing else: whoever writes to Redis must not be able to run code here, or to call out."""

    @property
    def success_callback(self) -> None:
        """We have none."""

    failure_callback = stopped_callback = success_callback  # pyright: ignore[reportIncompatibleMethodOverride]  (None is narrower)

    @property
    def func(self):  # noqa: ANN201 (RQ's own property has no type either)
        """Raises: PermissionError for any other name."""
        if self.func_name != TASK:
            raise PermissionError(f"{self.func_name} is not a task of Lumiku")
        return super().func

    def send_webhooks(self, status: object, *, exc_string: str | None = None) -> None:
        """We have none."""


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
            job = self._known(job_id)
            if job is None:
                return False
            status = job.get_status(refresh=False)
            if status == "queued":
                return self._queue.get_job_position(job_id) is not None or self._is_on_its_way(job_id)
            return str(status) in _ALIVE
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down

    def stop(self, item_id: UUID, dispatch: int) -> None:
        """See `JobQueue.stop`."""
        job_id = _job_id(item_id, dispatch)
        try:
            job = self._known(job_id)
            if job is None:
                return
            if job.get_status(refresh=False) == "started":
                send_stop_job_command(self._redis, job_id, serializer=JSONSerializer)
            else:
                job.delete()
        except (NoSuchJobError, InvalidJobOperation):  # it ended meanwhile
            return
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down

    def _known(self, job_id: str) -> Job | None:
        """The job, if there is one. A record that can't be read is no job: the worker that gets its id drops it."""
        try:
            return OurJob.fetch(job_id, connection=self._redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return None
        except REDIS_DOWN as down:
            if "WRONGTYPE" in str(down):
                return None
            raise
        except Exception as damage:  # noqa: BLE001 (it may hold anything)
            log.warning("queue.job_damaged", job_id=job_id, error=repr(damage))
            return None

    def _is_on_its_way(self, job_id: str) -> bool:
        """A worker has taken it and not yet begun: that lasts moments, unless the worker froze, died or lost the connection."""
        taken = self._queue.intermediate_queue
        if job_id not in taken.get_job_ids():
            return False
        if taken.set_first_seen(job_id):
            return True
        seen_at = taken.get_first_seen(job_id)
        return seen_at is None or utc_now() - seen_at < _ON_ITS_WAY

    def wake(self) -> None:
        """See `JobQueue.wake`."""
        try:
            self._redis.publish(WAKE_CHANNEL, "")
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down

    def waiting(self) -> int:
        """See `JobQueue.waiting`."""
        try:
            return self._queue.count
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down

    def workers(self) -> list[WorkerRead]:
        """See `JobQueue.workers`. What RQ keeps of a worker, and what ours adds to it: see `AsyncWorker.serialize`."""
        try:
            keys = [as_text(key) for key in get_keys(queue=self._queue)]
            with self._redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.hgetall(key)
                told: list[dict[bytes, bytes] | Exception] = pipe.execute(raise_on_error=False)
        except REDIS_DOWN as down:
            raise Unavailable("queue_unreachable") from down
        known = [_worker(key.rpartition(":")[2], facts) for key, facts in zip(keys, told, strict=True)]
        alive_since = utc_now() - timedelta(seconds=WORKER_SILENT_SECONDS)
        return sorted((w for w in known if w and w.seen_at and w.seen_at > alive_since), key=lambda worker: worker.name)


async def listen(redis_url: str, on_wake: Callable[[], None]) -> None:
    """Call `on_wake` at each hint, and whenever some may have been missed. Ends only by cancellation."""
    while True:
        redis = listening_redis(redis_url)
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as channel:
                await channel.subscribe(WAKE_CHANNEL)
                on_wake()
                while True:
                    if await channel.get_message(timeout=_LISTEN_SECONDS):
                        on_wake()
        except REDIS_DOWN as away:
            log.warning("dispatcher.subscription_lost", error=str(away))
        finally:
            await redis.aclose()
        await asyncio.sleep(1)


def _worker(name: str, facts: Mapping[bytes, bytes] | Exception) -> WorkerRead | None:
    """None for what is no worker's own word: nothing, an error in its place, or nonsense."""
    if isinstance(facts, Exception) or not facts:
        return None
    try:
        said = {as_text(field): as_text(value) for field, value in facts.items()}
        return WorkerRead(
            name=name,
            host=said.get("hostname", ""),
            pid=int(said.get("pid", 0)),
            in_flight=int(said.get("in_flight", 0)),
            concurrency=int(said.get("concurrency", 1)),
            done=int(said.get("done", 0)),
            started_at=_moment(said.get("birth")),
            seen_at=_moment(said.get("last_heartbeat")),
            loop_lag_ms=float(said.get("loop_lag_ms", 0)),
            state=said.get("state", ""),
        )
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    return str_to_date(text.encode()) if text else None


def _job_id(item_id: UUID, dispatch: int) -> str:
    return f"{item_id}-{dispatch}"
