"""Operator commands: `python -m lumiku_web.cli <command>`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, pool
from sqlmodel import Session

from lumiku_web.db.rights import grant_rights
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.errors import LumikuError, SettingsInvalid
from lumiku_web.settings import Settings, load_settings
from lumiku_web.tables import metadata


def alembic_config(url: str) -> Config:
    """The migrations of this checkout, against the database at `url`."""
    config = Config(str(Path(__file__).parent.parent / "alembic.ini"))
    config.attributes["url"] = url
    return config


def migrate(settings: Settings) -> None:
    """Bring the database to this version: tables, rights of the application's role, seed data. As its owner; safe to repeat."""
    if not settings.owner_url:
        raise SettingsInvalid("DATABASE_URL must be set; `make run` sets it by itself")
    command.upgrade(alembic_config(settings.owner_url), "head")
    engine = create_engine(settings.owner_url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        grant_rights(connection, metadata, make_url(settings.database_url).username or "")
    with Session(engine) as session:
        catalog.seed(UnitOfWork(session))
        billing.seed(UnitOfWork(session))
        accounts.welcome_all(UnitOfWork(session), settings.sign_up_credits)
        session.commit()


COMMANDS: dict[str, Callable[[Settings], None]] = {"migrate": migrate}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 with one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="lumiku", description="Commands for the operator of Lumiku.")
    subcommands = parser.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        subcommands.add_parser(name, help=(function.__doc__ or "").splitlines()[0])
    chosen = parser.parse_args(arguments)
    try:
        COMMANDS[chosen.command](load_settings())
    except LumikuError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
