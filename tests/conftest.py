"""Real PostgreSQL and Redis for every test that asks for them: started once, emptied for each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine, text

from lumiku_web.bootstrap import Services, build_services, install
from lumiku_web.cli import migrate
from lumiku_web.clock import utc_now
from lumiku_web.db.engine import make_engine
from lumiku_web.local_stack.services import EmbeddedServices, embedded_services
from lumiku_web.settings import Settings, read_settings
from lumiku_web.tables import metadata
from tests.factories.house import House
from tests.factories.patience import patient
from tests.factories.waiting import wait_for

#: A busy machine is no reason to fail.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


#: Nearly every test is shorter.
_BEFORE_MIDNIGHT = timedelta(seconds=40)


@pytest.fixture(autouse=True)
def one_day() -> None:
    """A test is of one UTC day: with the next one, quotas, sums and months begin anew."""
    wait_for(lambda: utc_now().date() == (utc_now() + _BEFORE_MIDNIGHT).date(), what="the new day")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServices]:
    """PostgreSQL and Redis as `make run` starts them, but without waiting for the disk."""
    with embedded_services(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(stack: EmbeddedServices, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the whole test run; the database is at the newest migration."""
    settings = read_settings(
        database_url=stack.database_url,
        database_owner_url=stack.owner_url,
        redis_url=stack.redis_url,
        data_dir=tmp_path_factory.mktemp("data"),
        huggingface_token="",
        bfl_api_key="",
        log_level="warning",
        sign_up_credits=1_000_000,
    )
    migrate(settings)
    return settings


@pytest.fixture(scope="session")
def owner_engine(migrated: Settings) -> Iterator[Engine]:
    """As the role that owns the tables."""
    engine = create_engine(migrated.owner_url, pool_pre_ping=True)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def as_new(owner_engine: Engine) -> str:
    """A statement that makes the database as it was after the migration: no rows but the seeded ones.

    To truncate every table and to plant each row anew would take ten times as long.
    """
    names = [table.name for table in metadata.sorted_tables]
    with owner_engine.begin() as connection:
        seeded = [name for name in names if connection.execute(text(f"SELECT FROM {name} LIMIT 1")).rowcount]
        connection.execute(text("CREATE SCHEMA seeded"))
        for name in seeded:
            connection.execute(text(f"CREATE TABLE seeded.{name} AS TABLE {name}"))
    emptied = [f"DELETE FROM {name}" for name in reversed(names)]  # noqa: S608 (our own tables)
    planted = [f"INSERT INTO {name} SELECT * FROM seeded.{name}" for name in seeded]  # noqa: S608
    return "; ".join([*emptied, *planted])


@pytest.fixture
def empty(owner_engine: Engine, as_new: str, stack: EmbeddedServices) -> None:
    """No rows but the seeded ones, and nothing in Redis."""
    with owner_engine.begin() as connection:
        connection.exec_driver_sql(as_new)
    client = Redis.from_url(stack.redis_url)
    client.flushall()
    client.close()


@pytest.fixture
def settings(migrated: Settings, tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own."""
    return migrated.model_copy(update={"data_dir": tmp_path})


@pytest.fixture(scope="session")
def engine(migrated: Settings) -> Iterator[Engine]:
    """One for the whole run, as of a process that lives: the statements that SQLAlchemy has compiled serve all tests."""
    made = patient(make_engine(migrated.database_url, pool_size=migrated.database_pool_size, application="test"))
    yield made
    made.dispose()


@pytest.fixture
async def services(empty: None, settings: Settings, engine: Engine) -> AsyncIterator[Services]:
    """The services of a process, installed for the bridge."""
    made = replace(build_services(settings, application="test"), engine=engine)
    install(made)
    yield made
    for provider in made.providers.values():
        await provider.aclose()
    # What a test cancelled goes on in its thread. It must come to its end before the tables are emptied for the next one.
    await asyncio.get_running_loop().shutdown_default_executor()
    install(None)


@pytest.fixture
def house(services: Services) -> House:
    """Members, projects and orders, made with one call each."""
    return House(services)
