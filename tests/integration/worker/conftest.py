"""The house with FLUX within reach: the stub provider stands in for both services."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis

from lumiku_web.local_stack.services import EmbeddedServices
from lumiku_web.settings import Settings
from tests.factories.processes import WorkerProcess
from tests.integration.worker.jobs import BOARD
from tests.integration.worker.lab import Lab
from tests.stub_provider.client import StubProvider


@pytest.fixture
def settings(migrated: Settings, tmp_path: Path, stub: StubProvider) -> Settings:
    flux = {
        "huggingface_token": SecretStr("hf_test"),
        "huggingface_url": f"{stub.url}/hf-inference",
        "bfl_api_key": SecretStr("bfl_test"),
        "bfl_url": stub.url,
    }
    return migrated.model_copy(update={"data_dir": tmp_path, **flux})


@pytest.fixture
def start_worker(settings: Settings, tmp_path: Path, empty: None) -> Iterator[Callable[[], WorkerProcess]]:
    """Each call starts another worker process; all are gone at the end of the test."""
    with ExitStack() as running:
        count = 0

        def start() -> WorkerProcess:
            nonlocal count
            count += 1
            return running.enter_context(WorkerProcess(settings, tmp_path / f"worker-{count}.log"))

        yield start


@pytest.fixture
def redis_url(stack: EmbeddedServices) -> Iterator[str]:
    BOARD.wipe()
    with Redis.from_url(stack.redis_url) as redis:
        redis.flushall()
    yield stack.redis_url
    BOARD.opened |= BOARD.running


@pytest.fixture
def lab(redis_url: str) -> Iterator[Lab]:
    made = Lab(redis_url)
    yield made
    BOARD.opened |= BOARD.running
    made.close()
