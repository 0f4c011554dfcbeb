"""The database's clock, set to a moment: in one transaction `now()` says what a test wants."""

from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, text

from lumiku_web.db.unit_of_work import UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")

_PLANTED = """
CREATE SCHEMA IF NOT EXISTS clockwork;
CREATE OR REPLACE FUNCTION clockwork.now() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT current_setting('clockwork.now')::timestamptz $$;
GRANT USAGE ON SCHEMA clockwork TO PUBLIC;
"""


def plant_clock(owner: Engine) -> None:
    """Once for a database, before `at`."""
    with owner.begin() as connection:
        connection.execute(text(_PLANTED))


def at(moment: datetime, use_case: Callable[Concatenate[UnitOfWork, P], T]) -> Callable[Concatenate[UnitOfWork, P], T]:
    """The use case, in a transaction that begins at this moment: a `now` that stands before PostgreSQL's own is found first."""

    def timed(uow: UnitOfWork, *args: P.args, **kwargs: P.kwargs) -> T:
        uow.session.execute(text("SET LOCAL search_path = clockwork, pg_catalog, public"))
        uow.session.execute(text("SELECT set_config('clockwork.now', :moment, true)"), {"moment": moment.isoformat()})
        uow.snapshot = lambda: None  # it would have to be the first statement, which the clock was
        return use_case(uow, *args, **kwargs)

    return timed
