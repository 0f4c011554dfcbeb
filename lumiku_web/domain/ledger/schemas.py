"""What leaves this package: accounts, events and balances as facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

#: The most credits that one event moves: a greater number is a slip of the hand.
CREDITS_MAX: Final = 1_000_000_000
REASON_CHARACTERS: Final = 500


class Currency(StrEnum):
    """What a posting counts."""

    credit = "credit"
    #: Millionths of a US dollar, as providers say what a picture cost them.
    microusd = "microusd"


class Account(StrEnum):
    """Where credits are. The first three are one member's each, the others the house's."""

    available = "available"
    held = "held"
    #: What a member has spent and not paid for, after a refund or a chargeback. Its postings are negative, its balance is not.
    owed = "owed"
    #: Given for nothing; its balance is negative, like that of `sold`.
    granted = "granted"
    sold = "sold"
    #: Captured for pictures.
    revenue = "revenue"
    #: The other side of adjustments, and of corrections by `reconcile`.
    corrections = "corrections"
    provider_cost = "provider_cost"
    provider_payable = "provider_payable"


#: Those of one member, in the order of a wallet's columns.
MEMBER_ACCOUNTS: Final = (Account.available, Account.held, Account.owed)
#: Those that count millionths of a US dollar; all others count credits.
DOLLAR_ACCOUNTS: Final = (Account.provider_cost, Account.provider_payable)


class EventKind(StrEnum):
    """Why credits moved."""

    sign_up = "sign_up"
    purchase = "purchase"
    grant = "grant"
    adjustment = "adjustment"
    hold = "hold"
    capture = "capture"
    release = "release"
    #: A hold that nobody ended in time.
    expiry = "expiry"
    refund = "refund"
    chargeback = "chargeback"
    #: What a provider asked for a picture that a quota paid.
    cost = "cost"


@dataclass(frozen=True)
class Wallet:
    """A member's balance, in credits; none of the three is ever negative."""

    available: int = 0
    #: Set aside for what is being made.
    held: int = 0
    owed: int = 0


@dataclass(frozen=True)
class Entry:
    """One line of a statement."""

    id: UUID
    user_id: UUID
    #: Counts the member's events from 1, without a gap.
    number: int
    at: datetime
    kind: EventKind
    #: What it added to each balance of the member, or took away: `wallet` is that of the entry before, and these.
    available: int
    held: int
    owed: int
    #: The balances afterwards.
    wallet: Wallet
    #: Who did it, where a person did.
    actor_id: UUID | None
    order_id: UUID | None
    item_id: UUID | None
    reason: str


@dataclass(frozen=True)
class Statement:
    """Newest first. `after` asks for the next page: the `number` of the last line, None at the end."""

    entries: tuple[Entry, ...]
    after: int | None


@dataclass(frozen=True)
class Finding:
    """Two numbers of the books that should be the same. `expected` is the one that the others are derived from."""

    #: Which check; `checks.CHECKS` says what it compares.
    check: str
    user_id: UUID | None
    #: What of the member's differs: an event, an entry, an order, a day, a balance.
    subject: str
    expected: int
    found: int


@dataclass(frozen=True)
class CheckRead:
    """What one look at the books found."""

    at: datetime
    #: How many findings of each check that has any.
    findings: Mapping[str, int]
    #: How many events there were.
    events: int

    @property
    def is_right(self) -> bool:
        return not self.findings
