"""Wallets, events, postings and holds. Events and postings are append-only: the application's role can't change them (L14)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlmodel import Field

from lumiku_web.clock import utc_now
from lumiku_web.db.base import APPEND_ONLY, Identified, SQLModel, at_most, document, one_of
from lumiku_web.domain.ledger.schemas import DOLLAR_ACCOUNTS, MEMBER_ACCOUNTS, REASON_CHARACTERS, Account, Currency, EventKind

_MEMBERS = ", ".join(f"'{account.value}'" for account in MEMBER_ACCOUNTS)
_IN_DOLLARS = ", ".join(f"'{account.value}'" for account in DOLLAR_ACCOUNTS)


class WalletRow(SQLModel, table=True):
    """The balances of one member, kept in the transaction that writes the postings they are the sums of (L2)."""

    __tablename__ = "wallets"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("held >= 0", name="held_not_negative"),
        CheckConstraint("owed >= 0", name="owed_not_negative"),
    )

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="RESTRICT")
    available: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    owed: int = Field(default=0, sa_type=BigInteger)
    #: The number of its newest event.
    entries: int = Field(default=0, sa_type=BigInteger)


class LedgerEvent(Identified, table=True):
    """One reason for which credits moved, of one member, with the member's balances afterwards."""

    __tablename__ = "ledger_events"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        UniqueConstraint("user_id", "entry"),
        one_of("kind", EventKind),
        at_most("key", 200),
        at_most("reason", REASON_CHARACTERS),
        CheckConstraint("available >= 0 AND held >= 0 AND owed >= 0", name="balances_not_negative"),
        CheckConstraint("kind NOT IN ('adjustment', 'grant') OR reason <> ''", name="reason_given"),
        Index(None, "order_id", postgresql_where=text("order_id IS NOT NULL")),
        Index(None, "kind", "id"),
        Index(None, "user_id", "kind", "entry"),
        Index(None, "user_id", "created_at"),
        {"info": APPEND_ONLY},
    )

    kind: str
    #: Of the business: what happened twice under one key happened once.
    key: str = Field(unique=True)
    #: Not a foreign key, like all ids here: the books outlive what they tell of.
    user_id: UUID
    entry: int = Field(sa_type=BigInteger)
    available: int = Field(sa_type=BigInteger)
    held: int = Field(sa_type=BigInteger)
    owed: int = Field(sa_type=BigInteger)
    actor_id: UUID | None = Field(default=None)
    order_id: UUID | None = Field(default=None)
    item_id: UUID | None = Field(default=None)
    reason: str = Field(default="")


class LedgerPosting(SQLModel, table=True):
    """One side of an event. At the commit those of an event sum to zero, per currency (L1): a deferred trigger looks."""

    __tablename__ = "ledger_postings"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("account", Account),
        one_of("currency", Currency),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint(f"(account IN ({_MEMBERS})) = (user_id IS NOT NULL)", name="member_of_a_member_account"),
        CheckConstraint(f"(account IN ({_IN_DOLLARS})) = (currency = 'microusd')", name="currency_of_its_account"),
        Index(None, "user_id", "account", postgresql_where=text("user_id IS NOT NULL")),
        {"info": APPEND_ONLY},
    )

    event_id: UUID = Field(primary_key=True, foreign_key="ledger_events.id", ondelete="RESTRICT")
    account: str = Field(primary_key=True)
    user_id: UUID | None = Field(default=None)
    currency: str = Field(default=Currency.credit.value)
    amount: int = Field(sa_type=BigInteger)


class Hold(SQLModel, table=True):
    """What an order has set aside, and what became of it: never more than was held (L5), each item once (by its event's key)."""

    __tablename__ = "holds"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("captured >= 0 AND released >= 0 AND captured + released <= amount", name="ends_once"),
        Index("ix_holds_open", "created_at", postgresql_where=text("captured + released < amount")),
    )

    order_id: UUID = Field(primary_key=True)
    user_id: UUID
    created_at: datetime = Field(default_factory=utc_now, sa_type=DateTime(timezone=True), nullable=False)
    amount: int = Field(sa_type=BigInteger)
    captured: int = Field(default=0, sa_type=BigInteger)
    released: int = Field(default=0, sa_type=BigInteger)


class LedgerCheck(Identified, table=True):
    """What one check of the books found; nothing, if all is well. Append-only."""

    __tablename__ = "ledger_checks"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = ({"info": APPEND_ONLY},)

    #: How many of each kind of finding; empty: the books are right.
    findings: dict[str, object] = document()
    #: Events that were looked at.
    events: int = Field(default=0, sa_type=BigInteger)
