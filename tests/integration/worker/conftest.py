"""The house with FLUX within reach: the stub provider stands in for both services."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from lumiku_web.settings import Settings
from tests.factories.processes import WorkerProcess
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
