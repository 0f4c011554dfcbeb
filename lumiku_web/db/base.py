"""What every table shares: names of constraints, aware times, uuid7 keys, statuses as checked text."""

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from lumiku_web.clock import utc_now
from lumiku_web.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

#: Put this in a table's `info`: the application's role may insert and read its rows, never change or delete them.
APPEND_ONLY = {"append_only": True}


class Identified(SQLModel):
    """A row with a uuid7 key and the time of its making."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=DateTime(timezone=True), nullable=False)


def timestamp(*, default_now: bool = False, index: bool = False) -> Any:  # noqa: ANN401 (a field of any table)
    """A column for an aware time; nullable unless it defaults to the present."""
    if default_now:
        return Field(default_factory=utc_now, sa_type=DateTime(timezone=True), nullable=False, index=index)
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=True, index=index)


def document() -> Any:  # noqa: ANN401
    """A JSONB column that holds an object; empty by default."""
    return Field(default_factory=dict, sa_type=JSONB, nullable=False)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Statuses are text with a CHECK: a native enum would make each new status a locking migration."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def at_most(column: str, characters: int) -> CheckConstraint:
    """A bound in the database for a text that people write."""
    return CheckConstraint(f"char_length({column}) <= {characters}", name=f"{column}_length")


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that need no objects and are cheaper without."""
    return metadata.tables[cast("str", model.__tablename__)]
