"""Sums by day: of each member, and of all together."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from lumiku_web.db.base import SQLModel

_NOT_NEGATIVE = "pictures >= 0 AND credits >= 0 AND quota >= 0 AND cost_microusd >= 0"


class _Summed(SQLModel):
    """What is counted."""

    pictures: int = Field(default=0)
    #: Captured.
    credits: int = Field(default=0, sa_type=BigInteger)
    quota: int = Field(default=0, sa_type=BigInteger)
    #: Where the provider said it.
    cost_microusd: int = Field(default=0, sa_type=BigInteger)


class UsageDay(_Summed, table=True):
    """What one member got of one model by one app on a UTC day; raised in the transaction of each delivery."""

    __tablename__ = "usage_days"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        CheckConstraint(_NOT_NEGATIVE, name="not_negative"),
        Index(None, "user_id", "day"),
    )

    day: date = Field(primary_key=True)
    app: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    #: Not a foreign key: sums outlive the account.
    user_id: UUID = Field(primary_key=True)


class UsageTotal(_Summed, table=True):
    """The same of all members, in a few parts, so that deliveries of different members seldom wait for each other."""

    __tablename__ = "usage_totals"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint(_NOT_NEGATIVE, name="not_negative"),)

    day: date = Field(primary_key=True)
    app: str = Field(primary_key=True)
    model: str = Field(primary_key=True)
    part: int = Field(primary_key=True)
