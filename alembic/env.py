"""Migrations run as the owner of the database, one at a time, whoever else starts."""

from logging import getLogger

from alembic import context
from sqlalchemy import create_engine, pool, text

from lumiku_web.settings import load_settings
from lumiku_web.tables import metadata

#: Two processes that start at once migrate one after the other.
_MIGRATION_LOCK = 7_142_000

getLogger("alembic").setLevel("WARNING")


def run() -> None:
    """Upgrade or downgrade by the connection that the caller hands over, or by our own."""
    url = context.config.attributes.get("url") or load_settings().owner_url
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        context.configure(connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True)
        context.run_migrations()


run()
