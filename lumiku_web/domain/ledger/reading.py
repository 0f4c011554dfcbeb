"""Pages of the books, and their sums. Read only; a page costs the same however many entries there are."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.ledger.repository import EntryRepository, EntryRow, EventRepository, HoldRepository, WalletRepository
from lumiku_web.domain.ledger.schemas import Account, Entry, EventKind, Statement, Wallet


def statement(
    uow: UnitOfWork,
    user_id: UUID,
    *,
    after: int | None = None,
    limit: int = 50,
    kinds: Collection[EventKind] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> Statement:
    """A page of this member's entries, newest first; the caller has checked who asks.

    `after`: the `Statement.after` of the page before. No `kinds` are all of them. From `since` on, before `until`.
    """
    entries = EntryRepository(uow.session)
    rows = entries.of_member(user_id, before=after, limit=limit + 1, kinds=kinds, since=since, until=until)
    page = tuple(_entry(row) for row in rows[:limit])
    return Statement(page, page[-1].number if len(rows) > limit else None)


def browse(
    uow: UnitOfWork,
    *,
    after: UUID | None = None,
    limit: int = 50,
    kinds: Collection[EventKind] = (),
    user_id: UUID | None = None,
) -> tuple[list[Entry], UUID | None]:
    """A page of all members' entries, or of this one's, newest first, and what to ask for the next one with: None at the end."""
    entries = EntryRepository(uow.session)
    if user_id is None:
        rows = entries.of_all(before=after, limit=limit + 1, kinds=kinds)
    else:
        before = None if after is None else entries.number(after)
        rows = entries.of_member(user_id, before=before, limit=limit + 1, kinds=kinds)
    page = [_entry(row) for row in rows[:limit]]
    return page, page[-1].id if len(rows) > limit else None


def totals(uow: UnitOfWork) -> dict[Account, int]:
    """What the postings to each account sum to: those of credits to 0, and those of dollars.

    `owed`, `granted`, `sold` and `provider_payable` are usually negative: it is where the others came from. Reads all postings.
    """
    sums = EventRepository(uow.session).sums()
    return {account: sums.get(account, 0) for account in Account}


def sold(uow: UnitOfWork, user_id: UUID) -> int:
    """Credits that were sold to this member and not taken back."""
    return EventRepository(uow.session).sold(user_id)


def snapshot(uow: UnitOfWork) -> dict[str, object]:
    """Everything that can be compared with another day's, as JSON values of one moment: call it before the first read."""
    uow.snapshot()
    events, wallets = EventRepository(uow.session), WalletRepository(uow.session).all()
    return {
        "at": utc_now().isoformat(timespec="seconds"),
        "sums": {account.value: amount for account, amount in totals(uow).items()},
        "events": {kind.value: number for kind, number in sorted(events.kinds().items())},
        "holds": HoldRepository(uow.session).sums(),
        "wallets": {
            str(row.user_id): {"available": row.available, "held": row.held, "owed": row.owed, "entries": row.entries}
            for row in wallets
        },
    }


def _entry(row: EntryRow) -> Entry:
    event = row.event
    return Entry(
        id=event.id,
        user_id=event.user_id,
        number=event.entry,
        at=event.created_at,
        kind=EventKind(event.kind),
        available=row.available,
        held=row.held,
        owed=row.owed,
        wallet=Wallet(event.available, event.held, event.owed),
        actor_id=event.actor_id,
        order_id=event.order_id,
        item_id=event.item_id,
        reason=event.reason,
    )
