"""Plans, subscriptions with their history, windows of use, and what a member has decided about their own money."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, text
from sqlmodel import Field

from lumiku_web.db.base import APPEND_ONLY, Identified, SQLModel, at_most, document, one_of, timestamp
from lumiku_web.domain.billing.schemas import AllowanceKind, Cycle, Step, SubscriptionStatus, Tier


class Plan(SQLModel, table=True):
    """What can be subscribed to."""

    __tablename__ = "plans"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("tier", Tier),
        one_of("cycle", Cycle),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("daily_quota > 0 AND monthly_quota >= daily_quota", name="quota_sane"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight_sane"),
        at_most("title", 100),
    )

    key: str = Field(primary_key=True)
    title: str
    tier: str
    price_minor: int = Field(sa_type=BigInteger)
    currency: str = Field(default="IDR")
    cycle: str
    daily_quota: int
    monthly_quota: int
    weight: int = Field(default=1)
    position: int
    is_offered: bool = Field(default=True)


class Subscription(Identified, table=True):
    """One member's plan, from its beginning to its end. Those that ended are the history."""

    __tablename__ = "subscriptions"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("status", SubscriptionStatus),
        CheckConstraint("period_end > period_start", name="period_forward"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_at_its_end"),
        CheckConstraint("(status IN ('grace', 'suspended')) = (grace_until IS NOT NULL)", name="grace_has_an_end"),
        Index("uq_subscriptions_one_at_a_time", "user_id", unique=True, postgresql_where=text("status <> 'ended'")),
        CheckConstraint("anchor_day BETWEEN 1 AND 31", name="anchor_in_a_month"),
        CheckConstraint("paid_minor >= 0 AND balance_minor >= 0", name="money_not_negative"),
        Index("ix_subscriptions_due", "period_end", postgresql_where=text("status IN ('active', 'canceled', 'grace')")),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT", index=True)
    plan_key: str = Field(foreign_key="plans.key", ondelete="RESTRICT")
    status: str = Field(default=SubscriptionStatus.active.value)
    period_start: datetime = timestamp(default_now=True)
    period_end: datetime = timestamp(default_now=True)
    #: Takes its place at the end of the period; empty: the same plan goes on.
    next_plan_key: str = Field(default="")
    #: Periods begin on this day of the month, or on its last one.
    anchor_day: int = Field(default=1, sa_type=SmallInteger)
    #: What the running period was worth when it began.
    paid_minor: int = Field(default=0, sa_type=BigInteger)
    #: Paid, and more than the running period costs: it counts for the next one.
    balance_minor: int = Field(default=0, sa_type=BigInteger)
    grace_until: datetime | None = timestamp()
    ended_at: datetime | None = timestamp()


class SubscriptionChange(Identified, table=True):
    """What happened to a subscription, with what it cost. Append-only."""

    __tablename__ = "subscription_changes"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        Index(None, "user_id", "created_at"),
        one_of("what", Step),
        CheckConstraint("due_minor >= 0 AND credit_minor >= 0", name="money_not_negative"),
        {"info": APPEND_ONLY},
    )

    #: Not foreign keys: the history outlives what it tells of.
    subscription_id: UUID
    user_id: UUID
    #: Who did it; None: time did, and `created_at` is the moment at which it was due.
    actor_id: UUID | None = Field(default=None)
    what: str
    plan_key: str
    due_minor: int = Field(default=0, sa_type=BigInteger)
    credit_minor: int = Field(default=0, sa_type=BigInteger)
    facts: dict[str, object] = document()


class Allowance(SQLModel, table=True):
    """What a member used of a bound within a UTC day or month. A new window is a new row: nothing is reset, the old ones stay."""

    __tablename__ = "allowances"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("kind", AllowanceKind),
        CheckConstraint("used >= 0 AND held >= 0", name="use_not_negative"),
        CheckConstraint("ceiling IS NULL OR used + held <= ceiling", name="within_its_ceiling"),
    )

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="RESTRICT")
    kind: str = Field(primary_key=True)
    #: First day of the window.
    starts_on: date = Field(primary_key=True)
    #: The highest bound it was used under: a smaller plan in the middle of a window does not undo what was used. None for
    #: spending.
    ceiling: int | None = Field(default=None, sa_type=BigInteger)
    used: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)


class BillingPreference(SQLModel, table=True):
    """What a member has decided; who has decided nothing has no row."""

    __tablename__ = "billing_preferences"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (CheckConstraint("spending_cap IS NULL OR spending_cap >= 0", name="spending_cap_not_negative"),)

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="RESTRICT")
    #: Credits in a UTC month.
    spending_cap: int | None = Field(default=None, sa_type=BigInteger)
    #: Credits pay what the quota does not.
    uses_credits: bool = Field(default=False)
