"""The one engine of a process. It opens nothing until it is used."""

from sqlalchemy import Engine, create_engine


def make_engine(url: str, *, pool_size: int, application: str) -> Engine:
    """An engine at READ COMMITTED. A dead connection is noticed before use; statements end after 30 s, lock waits after 10 s.

    Who is silent in a transaction for 8 s loses it, before those who wait for its rows give up: its process has frozen. `url` in
    psycopg form; `application` is the name that `pg_stat_activity` shows.
    """
    options = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=8000 -c timezone=UTC"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, "options": options, "application_name": f"lumiku-{application}"},
    )
