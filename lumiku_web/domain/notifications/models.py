"""The sequence of each member."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from lumiku_web.db.base import SQLModel


class MemberSequence(SQLModel, table=True):
    """How many times something that this member sees has changed. Changes carry the number that they made."""

    __tablename__ = "member_sequences"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="CASCADE")
    value: int = Field(default=0, sa_type=BigInteger, nullable=False)
