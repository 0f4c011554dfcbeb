"""The leader of each task."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime
from sqlmodel import Field

from lumiku_web.db.base import SQLModel


class Leadership(SQLModel, table=True):
    """Held by one process until a moment of the database's clock."""

    __tablename__ = "leaderships"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)

    task: str = Field(primary_key=True)
    holder: UUID
    #: Raised whenever the holder changes: the fence of what it writes.
    term: int = Field(sa_type=BigInteger)
    until: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
