"""What a worker holds is at the provider, all of it: nobody waits for a connection while the deadline runs."""

from collections.abc import Callable

import pytest

from lumiku_web.settings import Settings
from tests.factories.house import House
from tests.factories.processes import WorkerProcess
from tests.stub_provider.client import StubProvider

_IN_FLIGHT = 120


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"worker_concurrency": _IN_FLIGHT, "member_running_limit": _IN_FLIGHT})


def test_everything_in_flight_is_at_the_provider(
    house: House, stub: StubProvider, start_worker: Callable[[], WorkerProcess]
) -> None:
    stub.set("slow", times=_IN_FLIGHT)
    actor = house.member(plan="enterprise")
    project = house.project(actor)
    for _ in range(_IN_FLIGHT // 4):
        house.submit(actor, house.order(project.id, count=4, model="flux-schnell"))
    start_worker()
    stub.wait_for_open(_IN_FLIGHT, seconds=120)
