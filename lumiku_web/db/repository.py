"""The few reads and writes that every repository needs. Statements of a domain live in its own repository."""

from collections.abc import Sequence
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from lumiku_web.db.base import table_of

Row = TypeVar("Row", bound=SQLModel)


class Repository(Generic[Row]):
    """Rows of one table, in the caller's transaction."""

    model: type[Row]

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: Row) -> Row:
        """Insert at once, so that a constraint speaks here and not at the commit."""
        self.session.add(row)
        self.session.flush()
        return row

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert at once, past the session, which keeps none of them: for rows of which every order makes some."""
        values = [row.model_dump() for row in rows]
        self.session.execute(insert(table_of(self.model)), values if len(values) > 1 else values[0])

    def find(self, key: UUID) -> Row | None:
        """The row, whoever owns it: callers that serve a person use an owner's query instead."""
        return self.session.get(self.model, key)
