"""A queue and one worker on it, in the test's own process."""

import signal
import threading

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from rq_workers.worker import AsyncWorker

JOBS = "tests.integration.worker.jobs"


class LabWorker(AsyncWorker):
    """The worker in a thread of the test: signals are sent by `request_stop`."""

    beat_seconds = 0.05
    wait_seconds = 0.05

    def _install_signal_handlers(self) -> None:
        """Only a main thread may have them."""


class Lab:
    """A queue and one worker on it."""

    def __init__(self, url: str, kind: type[LabWorker] = LabWorker, queues: tuple[str, ...] = ("lab",)) -> None:
        self.redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
        self.queues = [Queue(name, connection=self.redis, serializer=JSONSerializer) for name in queues]
        self.queue = self.queues[0]
        self.worker = kind(self.queues, connection=self.redis, serializer=JSONSerializer)
        self.thread: threading.Thread | None = None

    def give(self, job: str, *args: str, **options: int) -> Job:
        return self.queue.enqueue(f"{JOBS}.{job}", *args, **options)

    def work(self, *, burst: bool = False) -> None:
        """Start working; a burst ends when the queue is empty."""
        self.thread = threading.Thread(target=self.worker.work, kwargs={"burst": burst, "logging_level": "CRITICAL"})
        self.thread.start()

    def ask_to_stop(self) -> None:
        self.worker.request_stop(signal.SIGTERM, None)

    def is_done(self) -> bool:
        return self.thread is not None and not self.thread.is_alive()

    def status(self, job: Job) -> JobStatus:
        return job.get_status(refresh=True)

    def running(self) -> int:
        return len(self.worker._slots)

    def close(self) -> None:
        """End whatever still runs."""
        if self.thread is not None:
            self.worker.grace_seconds = 0
            self.ask_to_stop()
            self.thread.join(60)
            assert not self.thread.is_alive()
        self.redis.close()
