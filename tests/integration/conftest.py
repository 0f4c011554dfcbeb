"""The stub provider, started once for all who talk to it; its calls are forgotten for each test."""

from collections.abc import Iterator

import pytest

from tests.stub_provider.client import StubProvider


@pytest.fixture(scope="session")
def running_stub() -> Iterator[StubProvider]:
    with StubProvider() as stub:
        yield stub


@pytest.fixture
def stub(running_stub: StubProvider) -> StubProvider:
    running_stub.reset()
    return running_stub
