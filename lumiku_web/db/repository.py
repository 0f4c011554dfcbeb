"""The few reads and writes that every repository needs. Statements of a domain live in its own repository."""

from typing import Generic, TypeVar
from uuid import UUID

from sqlmodel import Session, SQLModel

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

    def find(self, key: UUID) -> Row | None:
        """The row, whoever owns it: callers that serve a person use an owner's query instead."""
        return self.session.get(self.model, key)
