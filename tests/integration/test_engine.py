"""What every process of the product asks of its connections, and what it says when one was taken away."""

import pytest
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.engine import make_engine
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.errors import Unavailable
from lumiku_web.settings import Settings
from tests.factories.waiting import wait_for

_LIMITS = text("SELECT name, setting::int FROM pg_settings WHERE name = ANY(:names)")


def test_who_waits_for_a_lock_outlives_a_process_that_froze_with_it(migrated: Settings) -> None:
    """Whoever is silent in a transaction loses it, before those who want its rows give up."""
    names = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"]
    engine = make_engine(migrated.database_url, pool_size=1, application="test")
    with engine.connect() as connection:
        limits = {row[0]: row[1] for row in connection.execute(_LIMITS, {"names": names})}
    engine.dispose()
    frozen, waiting, working = (limits[name] for name in names)
    assert 0 < frozen < waiting < working


def test_who_froze_in_a_transaction_and_wakes_up_finds_the_database_out_of_reach(
    services: Services, owner_engine: Engine
) -> None:
    """No bug: whoever waits for a database that is down tries again."""
    is_there = text("SELECT 1 FROM pg_stat_activity WHERE pid = :pid")

    def freeze(uow: UnitOfWork) -> None:
        pid = uow.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        uow.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 1"))
        with owner_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as awake:
            wait_for(lambda: awake.execute(is_there, {"pid": pid}).first() is None)
        uow.session.execute(text("SELECT 1"))

    with pytest.raises(Unavailable) as refused:
        bridge.run(freeze)
    assert refused.value.key == "database_unreachable"
