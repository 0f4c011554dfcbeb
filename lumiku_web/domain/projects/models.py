"""Projects."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from lumiku_web.db.base import Identified, at_most


class Project(Identified, table=True):
    """A folder of pictures that belongs to one member."""

    __tablename__ = "projects"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (Index(None, "user_id", "created_at"), at_most("name", 100))

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str
