"""A stack of its own: what is killed here must be able to come back with everything that it had promised to keep."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from lumiku_web.bootstrap import Services, build_services, install
from lumiku_web.cli import migrate
from lumiku_web.local_stack.services import EmbeddedServices, embedded_services
from lumiku_web.settings import Settings, read_settings
from tests.chaos.campaign import CREDITS, Size
from tests.stub_provider.client import StubProvider


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """`SEED` of `make chaos`, or that of the order of the tests."""
    asked = os.environ.get("SEED")  # noqa: TID251  (no setting of the product)
    chosen = int(asked) if asked else int(request.config.getoption("randomly_seed", default=1))
    _tell(request, f"\nchaos: SEED={chosen}")
    return chosen


@pytest.fixture
def size() -> Size:
    """`ITEMS` of `make chaos`, or the short form."""
    return Size.of(int(os.environ.get("ITEMS") or 60))  # noqa: TID251  (no setting of the product)


@pytest.fixture
def say(request: pytest.FixtureRequest, size: Size) -> Callable[[str], None]:
    """What happens: a long run is watched by somebody, of a short one it is told when it fails."""
    return print if size.is_hurried else lambda words: _tell(request, words)


def _tell(request: pytest.FixtureRequest, words: str) -> None:
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(words)


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with StubProvider(warm="256x256") as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[EmbeddedServices]:
    with embedded_services(tmp_path / "stack", durable=True) as running:
        yield running


@pytest.fixture
def settings(stack: EmbeddedServices, stub: StubProvider, tmp_path: Path) -> Settings:
    """The database is at the newest migration; pictures are small and have a price, and providers little time."""
    made = read_settings(
        database_url=stack.database_url,
        database_owner_url=stack.owner_url,
        redis_url=stack.redis_url,
        data_dir=tmp_path / "data",
        huggingface_token=SecretStr("hf_test"),
        huggingface_url=f"{stub.url}/hf-inference",
        bfl_api_key=SecretStr("bfl_test"),
        bfl_url=stub.url,
        worker_concurrency=4,
        sign_up_credits=CREDITS,
        log_level="warning",
    )
    migrate(made)
    owner = create_engine(made.owner_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE image_models SET width_px = 256, height_px = 256, credits_price = 3, tier = 'free'"))
        connection.execute(text("UPDATE model_routes SET deadline_seconds = 4"))
    owner.dispose()
    return made


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Those of a web process."""
    made = build_services(settings, application="web")
    install(made)
    yield made
    for provider in made.providers.values():
        await provider.aclose()
    install(None)
    made.engine.dispose()
