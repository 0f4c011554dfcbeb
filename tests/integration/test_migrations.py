"""One linear history that leads up, down and up again, to exactly the tables of the code."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, Engine, Enum, create_engine, inspect, make_url, text

from lumiku_web.cli import alembic_config, main, migrate
from lumiku_web.local_stack.services import EmbeddedServices
from lumiku_web.settings import Settings
from lumiku_web.tables import metadata

SCRATCH = "scratch"
STATUSES = {"role", "state", "language", "status", "origin", "action"}


@pytest.fixture
def scratch(stack: EmbeddedServices) -> Iterator[Settings]:
    """A database of the test's own, owned by the role that migrates."""
    superuser = create_engine(stack.superuser_url, isolation_level="AUTOCOMMIT")
    owner = make_url(stack.owner_url).username
    with superuser.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {SCRATCH} OWNER {owner}"))
    urls = {
        name: make_url(url).set(database=SCRATCH).render_as_string(hide_password=False)
        for name, url in (("database_url", stack.database_url), ("database_owner_url", stack.owner_url))
    }
    yield Settings.model_construct(**urls)
    with superuser.connect() as connection:
        connection.execute(text(f"DROP DATABASE {SCRATCH} WITH (FORCE)"))
    superuser.dispose()


@pytest.fixture
def scratch_engine(scratch: Settings) -> Iterator[Engine]:
    engine = create_engine(scratch.owner_url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head() -> None:
    script = ScriptDirectory.from_config(alembic_config(""))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    assert all(len(revision._all_down_revisions) <= 1 for revision in script.walk_revisions())


def test_up_down_and_up_again(scratch: Settings, scratch_engine: Engine) -> None:
    config = alembic_config(scratch.owner_url)
    command.upgrade(config, "head")
    assert tables(scratch_engine) == set(metadata.tables)
    command.downgrade(config, "base")
    assert tables(scratch_engine) == set()
    command.upgrade(config, "head")
    assert tables(scratch_engine) == set(metadata.tables)


def test_the_migrations_make_exactly_the_tables_of_the_code(scratch: Settings, scratch_engine: Engine) -> None:
    command.upgrade(alembic_config(scratch.owner_url), "head")
    with scratch_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_every_check_of_the_code_is_in_the_database(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        found = set(connection.execute(text("SELECT conname FROM pg_constraint WHERE contype = 'c'")).scalars())
    wanted = {c.name for table in metadata.sorted_tables for c in table.constraints if type(c).__name__ == "CheckConstraint"}
    assert {str(name) for name in wanted} <= found


def test_migrating_again_changes_nothing(scratch: Settings, scratch_engine: Engine) -> None:
    migrate(scratch)
    with scratch_engine.connect() as connection:
        models = connection.execute(text("SELECT * FROM image_models ORDER BY key")).all()
    migrate(scratch)
    with scratch_engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM image_models ORDER BY key")).all() == models


def test_every_time_is_aware() -> None:
    times = [column for table in metadata.sorted_tables for column in table.columns if isinstance(column.type, DateTime)]
    assert len(times) > 10
    assert [str(column) for column in times if not column.type.timezone] == []


def test_statuses_are_text_with_a_check() -> None:
    found = set()
    for table in metadata.sorted_tables:
        checks = " ".join(str(getattr(c, "sqltext", "")) for c in table.constraints)
        for column in table.columns:
            assert not isinstance(column.type, Enum), column
            if column.name in STATUSES:
                assert f"{column.name} IN (" in checks, column
                found.add(column.name)
    assert found == STATUSES


def test_every_owned_row_names_its_member() -> None:
    """So that the tables can be distributed by member."""
    registry = {"image_models", "model_routes", "provider_routes", "app_switches", "plans"}
    shared = {"users", "leaderships", "audit_events", "ledger_checks", "usage_totals", *registry}
    assert {table.name for table in metadata.sorted_tables if "user_id" not in table.columns} == shared


def test_a_database_that_is_not_set_is_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from lumiku_web import cli

    monkeypatch.setattr(cli, "load_settings", Settings.model_construct)
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err == "Lumiku can't start: DATABASE_URL must be set; `make run` sets it by itself.\n"
