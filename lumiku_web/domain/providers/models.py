"""Routes of which there is something to know. One that nobody ever slowed, bounded or paused has no row."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from lumiku_web.db.base import SQLModel, at_most, timestamp


class ProviderRoute(SQLModel, table=True):
    """One model of one provider, or all of them under the key `*`: see `RouteState`."""

    __tablename__ = "provider_routes"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        CheckConstraint("concurrency_limit >= 1", name="concurrency_limit_positive"),
        CheckConstraint("allowed >= 1", name="allowed_positive"),
        at_most("key", 300),
    )

    key: str = Field(primary_key=True)
    concurrency_limit: int | None = Field(default=None)
    allowed: int | None = Field(default=None)
    slowed_until: datetime | None = timestamp()
    slow_reason: str = Field(default="")
    paused_at: datetime | None = timestamp()
