"""What every process of the product asks of its connections."""

from sqlalchemy import text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork

_LIMITS = text("SELECT name, setting::int FROM pg_settings WHERE name = ANY(:names)")


def test_who_waits_for_a_lock_outlives_a_process_that_froze_with_it(services: Services) -> None:
    """Whoever is silent in a transaction loses it, before those who want its rows give up."""
    names = ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"]

    def read(uow: UnitOfWork) -> dict[str, int]:
        return {row[0]: row[1] for row in uow.session.execute(_LIMITS, {"names": names})}

    limits = bridge.run(read)
    frozen, waiting, working = (limits[name] for name in names)
    assert 0 < frozen < waiting < working
