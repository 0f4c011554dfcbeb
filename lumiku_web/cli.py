"""Operator commands: `python -m lumiku_web.cli <command>`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, pool
from sqlmodel import Session

from lumiku_web.bootstrap import Services, build_services
from lumiku_web.db.rights import grant_rights
from lumiku_web.db.unit_of_work import UnitOfWork, transaction
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.generations import sweeper
from lumiku_web.domain.ledger import checks, reading
from lumiku_web.domain.ledger import operations as ledger_operations
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


def snapshot(settings: Settings) -> int:
    """Write all balances, sums and counts of the books as JSON, of one moment."""
    with _services(settings) as services, transaction(services.engine) as uow:
        sys.stdout.write(f"{json.dumps(reading.snapshot(uow), indent=2)}\n")
    return 0


def reconcile(settings: Settings, *, is_applied: bool) -> int:
    """Compare the books with themselves and with the work, and list what differs; 1 if anything does.

    `is_applied`: first append what corrects it: an entry for a wallet that differs from its postings, and an expiry for what is
    held for nothing. Twice is once.
    """
    with _services(settings) as services:
        if is_applied:
            for line in _corrected(services):
                sys.stdout.write(f"{line}\n")
        with transaction(services.engine) as uow:
            found = checks.find(uow)
    for one in found:
        sys.stdout.write(f"{one.check} · {one.user_id} · {one.subject}: {one.expected} expected, {one.found} found\n")
    sys.stdout.write(f"{len(found)} findings\n" if found else "The books are right.\n")
    return 1 if found else 0


def _corrected(services: Services) -> Iterator[str]:
    """Each in a transaction of its own, so that one that is refused keeps no other."""
    with transaction(services.engine) as uow:
        differing = {one.user_id for one in checks.find(uow) if one.check == "wallet_sums" and one.user_id}
        orphans = sweeper.orphaned_holds(uow)
    for user_id in sorted(differing):
        with transaction(services.engine) as uow:
            moved = ledger_operations.correct(uow, services.doorbell, user_id)
        yield f"corrected · {user_id} · {', '.join(f'{account} {amount:+}' for account, amount in moved.items()) or 'nothing'}"
    for orphan in orphans:
        with transaction(services.engine) as uow:
            credits = sweeper.expire(uow, services.leases, orphan)
            if credits:
                audit.record(uow, None, Action.books_corrected, orphan.user_id, order_id=str(orphan.order_id), expired=credits)
        yield f"expired · {orphan.user_id} · order {orphan.order_id}: {credits:+}"


@contextmanager
def _services(settings: Settings) -> Iterator[Services]:
    """As the application's role: what it may not do, no command does."""
    services = build_services(settings, application="cli")
    yield services
    services.engine.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lumiku", description="Commands for the operator of Lumiku.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help=_first_line(migrate))
    ledger = commands.add_parser("ledger", help="The books of credits.").add_subparsers(dest="action", required=True)
    ledger.add_parser("snapshot", help=_first_line(snapshot))
    repair = ledger.add_parser("reconcile", help=_first_line(reconcile))
    repair.add_argument("--apply", action="store_true", help="append what corrects it; nothing is ever edited")
    return parser


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    if chosen.command == "migrate":
        migrate(settings)
        return 0
    return snapshot(settings) if chosen.action == "snapshot" else reconcile(settings, is_applied=chosen.apply)


def _first_line(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").splitlines()[0]


def main(arguments: list[str] | None = None) -> int:
    """Exit code of the command: 0; 1 where `reconcile` found something; 2 with one sentence on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        return _run(load_settings(), chosen)
    except LumikuError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
