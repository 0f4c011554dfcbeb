"""The books in words: totals, the last check, and lines of the ledger, in the admin's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from lumiku_web.domain.ledger.schemas import Account, CheckRead, Entry, EventKind
from lumiku_web.ui.kit.record_table import NO_VALUE, Record
from lumiku_web.ui.texts import day, number, say

#: Of an entry, how its kind is marked.
_TONES: Final = {
    EventKind.purchase: "success",
    EventKind.grant: "success",
    EventKind.adjustment: "warning",
    EventKind.refund: "warning",
    EventKind.chargeback: "danger",
}


@dataclass(frozen=True)
class Totals:
    """Credits, as texts; those of members, then those of the house."""

    available: str = NO_VALUE
    held: str = NO_VALUE
    owed: str = NO_VALUE
    granted: str = NO_VALUE
    sold: str = NO_VALUE
    revenue: str = NO_VALUE
    corrections: str = NO_VALUE


@dataclass(frozen=True)
class Check:
    """The last look at the books."""

    #: ISO; empty: nobody has looked yet.
    at: str = ""
    is_right: bool = False
    events: str = ""
    #: What is off, a sentence each.
    findings: list[str] = field(default_factory=list[str])


def totals(sums: Mapping[Account, int], language: str) -> Totals:
    """Accounts of the house are where credits come from: what they gave is told without its minus sign."""

    def told(account: Account, sign: int = 1) -> str:
        return number(language, sign * sums[account])

    return Totals(
        available=told(Account.available),
        held=told(Account.held),
        owed=told(Account.owed, -1),
        granted=told(Account.granted, -1),
        sold=told(Account.sold, -1),
        revenue=told(Account.revenue),
        corrections=told(Account.corrections, -1),
    )


def check(found: CheckRead | None, language: str) -> Check:
    """None: nobody has looked yet."""
    if found is None:
        return Check()
    off = [say(language, f"books.check.{name}", count=number(language, count)) for name, count in found.findings.items()]
    return Check(found.at.isoformat(), found.is_right, number(language, found.events), off)


def entry_rows(entries: Iterable[Entry], emails: Mapping[UUID, str], language: str) -> list[Record]:
    """As they came."""
    return [_entry(entry, emails, language) for entry in entries]


def signed(language: str, amount: int) -> str:
    """What was added or taken away; nothing where there is nothing to tell."""
    return NO_VALUE if not amount else f"+{number(language, amount)}" if amount > 0 else number(language, amount)


def _entry(entry: Entry, emails: Mapping[UUID, str], language: str) -> Record:
    """When, member, what, what it did to available, held and owed, the balance, by whom, why."""
    actor = "" if entry.actor_id is None else emails.get(entry.actor_id, str(entry.actor_id))
    return Record(
        id=str(entry.id),
        cells=[
            _moment(entry.at, language),
            emails.get(entry.user_id, str(entry.user_id)),
            say(language, f"entry.{entry.kind.value}"),
            signed(language, entry.available),
            signed(language, entry.held),
            signed(language, entry.owed),
            number(language, entry.wallet.available),
            actor or NO_VALUE,
            entry.reason or NO_VALUE,
        ],
        values=[
            entry.at.isoformat(timespec="seconds"),
            "",
            "",
            entry.available,
            entry.held,
            entry.owed,
            entry.wallet.available,
            "",
            "",
        ],
        tone=_TONES.get(entry.kind, ""),
    )


def _moment(at: datetime, language: str) -> str:
    return f"{day(language, at.date())}, {at:%H:%M}"
