"""Rows as they are in the database, for tests that look below the services."""

from typing import TypeVar

from sqlalchemy import inspect, text
from sqlmodel import SQLModel, func, select

from lumiku_web import bridge
from lumiku_web.db.unit_of_work import UnitOfWork

Row = TypeVar("Row", bound=SQLModel)


def all_rows(table: type[Row]) -> list[Row]:
    """Every row of a table, by its key: where that is a uuid7, in the order of their making."""

    def read(uow: UnitOfWork) -> list[Row]:
        return list(uow.session.exec(select(table).order_by(*inspect(table).primary_key)))

    return bridge.run(read)


def count_of(table: type[SQLModel]) -> int:
    """How many rows a table has."""

    def read(uow: UnitOfWork) -> int:
        return uow.session.exec(select(func.count()).select_from(table)).one()

    return bridge.run(read)


def somebody_waits() -> bool:
    """Whether a transaction of this database waits for another one's lock."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    return bridge.run(lambda uow: uow.session.execute(waiting).scalar_one() > 0)
