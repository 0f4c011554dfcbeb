"""The worker as the process that it is: started, watched by its log, stopped or killed by its id."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from redis import Redis
from rq import Worker

from lumiku_web.settings import Settings
from tests.factories.waiting import wait_for

PROJECT = Path(__file__).parents[2]


def environment_of(settings: Settings) -> dict[str, str]:
    """What a process of the product needs to know, and nothing of the machine that tests."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}  # noqa: TID251 (`make coverage`)
    return {
        **measured,
        "PATH": os.defpath,
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "REDIS_URL": settings.redis_url,
        "LUMIKU_DATA_DIR": str(settings.data_dir),
        "LUMIKU_HUGGINGFACE_TOKEN": settings.huggingface_token.get_secret_value(),
        "LUMIKU_HUGGINGFACE_URL": settings.huggingface_url,
        "LUMIKU_BFL_API_KEY": settings.bfl_api_key.get_secret_value(),
        "LUMIKU_BFL_URL": settings.bfl_url,
        "LUMIKU_WORKER_CONCURRENCY": str(settings.worker_concurrency),
        "LUMIKU_MEMBER_RUNNING_LIMIT": str(settings.member_running_limit),
        "LUMIKU_LOG_LEVEL": "info",
    }


class WorkerProcess:
    """`python -m rq_workers.single`; its log is JSON lines in a file."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rq_workers.single"], cwd=PROJECT, env=environment_of(self._settings), stderr=log
            )
        wait_for(self.is_registered, what="the worker has registered with RQ")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()  # warm, so that what it did is measured
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(60)

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def is_registered(self) -> bool:
        """Say whether RQ knows a worker of this process id."""
        assert self.process.poll() is None, self._log.read_text(encoding="utf-8")
        with Redis.from_url(self._settings.redis_url) as connection:
            return any(worker.pid == self.process.pid for worker in Worker.all(connection=connection))

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_for_end(self, within_seconds: float = 90) -> int:
        """Its exit status."""
        return self.process.wait(within_seconds)

    def lines(self) -> list[dict[str, Any]]:
        """Everything that it has logged so far."""
        whole, _, _ = self._log.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [line for line in self.lines() if line["event"] == name]
