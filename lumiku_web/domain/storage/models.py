"""What the storage holds for whom, and which of its files no picture owns."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from lumiku_web.db.base import timestamp


class MemberStorage(SQLModel, table=True):
    """How many bytes a member's pictures take, in all variants. Changed in the transaction that adds or deletes a picture."""

    __tablename__ = "member_storage"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (CheckConstraint("used_bytes >= 0", name="used_bytes_not_negative"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    used_bytes: int = Field(default=0, sa_type=BigInteger)


class LooseFiles(SQLModel, table=True):
    """The files of a picture that has no row: it is about to get one, or had one. They are deleted when `due_at` has passed.

    Without a foreign key to the member: the files of a deleted account must still be found.
    """

    __tablename__ = "loose_files"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (Index(None, "due_at"),)

    image_id: UUID = Field(primary_key=True)
    user_id: UUID
    due_at: datetime = timestamp(default_now=True)
    #: A sweeper is at it: nobody may store these files now.
    is_being_deleted: bool = Field(default=False)
