"""What every process of the product asks of its connections."""

from sqlalchemy import text

from lumiku_web.db.engine import make_engine
from lumiku_web.settings import Settings

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
