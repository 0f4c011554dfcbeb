"""Statements over wallets, events, postings and holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    ScalarSelect,
    UnaryExpression,
    bindparam,
    cast,
    desc,
    func,
    text,
    true,
    union_all,
)
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from lumiku_web.db.base import table_of
from lumiku_web.domain.ledger.models import Hold, LedgerEvent, LedgerPosting, WalletRow
from lumiku_web.domain.ledger.schemas import MEMBER_ACCOUNTS, Account, Currency, EventKind, Wallet
from lumiku_web.ids import new_id

#: An event carries the beginning of its transaction, and its number is of the moment when it got the wallet's lock: among a
#: member's events a later number may carry an earlier time, but never by so much. No transaction lasts for so long.
OVERTAKING: Final = timedelta(minutes=10)
#: Beyond every number of an entry.
_NEVER: Final = 2**62


class EntryRow(NamedTuple):
    """An event, and what it did to each balance of its member."""

    event: LedgerEvent
    available: int
    held: int
    owed: int


@dataclass(frozen=True)
class NewEvent:
    """What is to be written: one reason, and what it moves."""

    kind: EventKind
    key: str
    user_id: UUID
    #: Credits by account; they sum to zero.
    moves: Mapping[Account, int]
    #: Millionths of a US dollar that a provider asks for; 0: it did not say.
    cost_microusd: int = 0
    actor_id: UUID | None = None
    order_id: UUID | None = None
    item_id: UUID | None = None
    reason: str = ""


class LockedWallet(NamedTuple):
    """A member's balances, in credits, and the number of their newest event, for as long as the transaction lasts."""

    available: int
    held: int
    owed: int
    entries: int


class WalletRepository:
    """One row a member."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def locked(self, user_id: UUID) -> LockedWallet:
        """The member's row, made if there is none, locked until the transaction ends: whoever moves their credits waits."""
        row = self._locked(user_id)
        if row is None:
            self.session.execute(upsert(WalletRow).values(user_id=user_id).on_conflict_do_nothing())
            row = self._locked(user_id)
        if row is None:
            raise LookupError(f"no wallet of {user_id}, though it was inserted")
        return row

    def wallets(self, user_ids: Collection[UUID]) -> dict[UUID, Wallet]:
        """The balances of these members; who has no row has none."""
        rows = self.session.exec(select(WalletRow).where(col(WalletRow.user_id).in_(user_ids)))
        return {row.user_id: Wallet(row.available, row.held, row.owed) for row in rows}

    def all(self) -> list[WalletRow]:
        """Every member's."""
        return list(self.session.exec(select(WalletRow).order_by(col(WalletRow.user_id))))

    def _locked(self, user_id: UUID) -> LockedWallet | None:
        row = self.session.execute(_WALLET_LOCKED, {"user_id": user_id}).first()
        return LockedWallet(*row) if row else None


class EventRepository:
    """Events with their postings; written, never changed."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, key: str) -> LedgerEvent | None:
        """What has happened under this key."""
        return self.session.exec(select(LedgerEvent).where(LedgerEvent.key == key)).first()

    def add(self, event: NewEvent, wallet: LockedWallet, *, moves_wallet: bool = True) -> bool:
        """Write the event, its postings, the balances that follow and what it does to its order's hold, in one statement.

        False, and nothing is written, if its key is known. `moves_wallet=False`: the balances stay, and the postings catch up
        with them. Raises: IntegrityError where a balance would be negative, an order has a hold already, or more is ended than
        was held; LookupError where the member has no hold of that order.
        """
        after = _after(wallet, event.moves if moves_wallet else {})
        values = {
            "id": new_id(),
            "kind": event.kind.value,
            "key": event.key,
            "user_id": event.user_id,
            "entry": wallet.entries + 1,
            **after,
            "actor_id": event.actor_id,
            "order_id": event.order_id,
            "item_id": event.item_id,
            "reason": event.reason,
            **_postings(event),
        }
        if event.kind in _OF_HOLD:
            values["on_hold"] = event.moves[Account.held]
        written, holds = self.session.execute(_WRITING[event.kind], values).one()
        if written and not holds:
            raise LookupError(f"{event.user_id} has no hold of order {event.order_id}")
        return bool(written)

    def moved(self, event_id: UUID) -> dict[Account, int]:
        """What the event moved, in credits."""
        statement = select(LedgerPosting.account, LedgerPosting.amount).where(LedgerPosting.event_id == event_id)
        credits = col(LedgerPosting.currency) == Currency.credit.value
        return {Account(account): amount for account, amount in self.session.execute(statement.where(credits))}

    def sums(self, user_id: UUID | None = None) -> dict[Account, int]:
        """Of the postings to each account; with `user_id`, to that member's."""
        statement = select(LedgerPosting.account, cast(func.sum(LedgerPosting.amount), BigInteger))
        if user_id is not None:
            statement = statement.where(LedgerPosting.user_id == user_id)
        rows = self.session.execute(statement.group_by(col(LedgerPosting.account)))
        return {Account(account): amount for account, amount in rows}

    def kinds(self) -> dict[EventKind, int]:
        """How many events of each kind there are."""
        rows = self.session.execute(select(LedgerEvent.kind, func.count()).group_by(col(LedgerEvent.kind)))
        return {EventKind(kind): number for kind, number in rows}

    def lock(self, key: str) -> None:
        """Whoever else would write under this key waits until the transaction ends: that may be about another wallet."""
        self.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def sold(self, user_id: UUID) -> int:
        """Credits that were sold to this member and not taken back."""
        statement = (
            select(func.coalesce(-func.sum(col(LedgerPosting.amount)), 0))
            .join(LedgerEvent, col(LedgerEvent.id) == col(LedgerPosting.event_id))
            .where(LedgerEvent.user_id == user_id, LedgerPosting.account == Account.sold)
        )
        return int(self.session.exec(statement).one())


class HoldRepository:
    """One row an order."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def left(self, order_id: UUID, user_id: UUID) -> int:
        """Credits of this member's order that are still held; 0 for an order without a hold."""
        left = col(Hold.amount) - col(Hold.captured) - col(Hold.released)
        return self.session.exec(select(left).where(Hold.order_id == order_id, Hold.user_id == user_id)).first() or 0

    def sums(self) -> dict[str, int]:
        """Of all holds: how many, how many of them are open, and the credits of all."""
        left = col(Hold.captured) + col(Hold.released) < col(Hold.amount)
        amounts = {"amount": Hold.amount, "captured": Hold.captured, "released": Hold.released}
        credits = (func.coalesce(cast(func.sum(amount), BigInteger), 0) for amount in amounts.values())
        row = self.session.execute(select_columns(func.count(), func.count().filter(left), *credits).select_from(Hold)).one()
        return dict(zip(("orders", "open", *amounts), row, strict=True))


class EntryRepository:
    """Pages of what happened: an index range, or one of each kind, and the postings of what it holds."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of_member(
        self,
        user_id: UUID,
        *,
        before: int | None,
        limit: int,
        kinds: Collection[EventKind],
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[EntryRow]:
        """The member's, with numbers below `before`, newest first."""
        chosen = [col(LedgerEvent.user_id) == user_id]
        if before is not None:
            chosen.append(col(LedgerEvent.entry) < before)
        if since is not None:
            earlier = _neighbour(user_id, col(LedgerEvent.created_at) < since - OVERTAKING, col(LedgerEvent.created_at).desc())
            chosen += [col(LedgerEvent.created_at) >= since, col(LedgerEvent.entry) > func.coalesce(earlier, 0)]
        if until is not None:
            later = _neighbour(user_id, col(LedgerEvent.created_at) >= until + OVERTAKING, col(LedgerEvent.created_at).asc())
            chosen += [col(LedgerEvent.created_at) < until, col(LedgerEvent.entry) < func.coalesce(later, _NEVER)]
        return self._read(chosen, kinds, "entry", limit)

    def of_all(self, *, before: UUID | None, limit: int, kinds: Collection[EventKind]) -> list[EntryRow]:
        """Everybody's, older than the event `before`, newest first."""
        chosen = [] if before is None else [col(LedgerEvent.id) < before]
        return self._read(chosen, kinds, "id", limit)

    def number(self, event_id: UUID) -> int:
        """The event's among those of its member; 0 for one that is not there."""
        return self.session.exec(select(LedgerEvent.entry).where(LedgerEvent.id == event_id)).first() or 0

    def _read(
        self, chosen: Sequence[ColumnElement[bool]], kinds: Collection[EventKind], order: Literal["entry", "id"], limit: int
    ) -> list[EntryRow]:
        page: Any = select_columns(LedgerEvent).where(*chosen).order_by(desc(order)).limit(limit)
        if kinds:
            each = [page.where(col(LedgerEvent.kind) == kind.value).subquery().select() for kind in kinds]
            page = union_all(*each).order_by(desc(order)).limit(limit)
        event = aliased(LedgerEvent, page.subquery("page"), adapt_on_names=True)
        moved = _moved(event)
        statement = select_columns(event, moved.c.available, moved.c.held, moved.c.owed).join(moved, true())
        place = col(event.id) if order == "id" else col(event.entry)
        return [EntryRow(*row) for row in self.session.execute(statement.order_by(place.desc()))]


def _moved(event: type[LedgerEvent]) -> FromClause:
    """What an event did to the balances of its member, with `owed` as the wallet counts it."""
    amount, account = col(LedgerPosting.amount), col(LedgerPosting.account)

    def moved(one: Account) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(amount).filter(account == one.value), 0), BigInteger)

    columns = moved(Account.available).label("available"), moved(Account.held).label("held"), (-moved(Account.owed)).label("owed")
    return select_columns(*columns).where(col(LedgerPosting.event_id) == col(event.id)).correlate(event).lateral()


def _neighbour(user_id: UUID, beyond: ColumnElement[bool], order: UnaryExpression[Any]) -> ScalarSelect[int]:
    """The number of the member's nearest event beyond a moment: one look at an index, so that nothing beyond it is read."""
    return select(LedgerEvent.entry).where(LedgerEvent.user_id == user_id, beyond).order_by(order).limit(1).scalar_subquery()


_WALLETS = table_of(WalletRow)

#: Put together once, like all that every order asks: that takes longer than the database needs to answer.
_WALLET_LOCKED: Final = (
    select_columns(_WALLETS.c.available, _WALLETS.c.held, _WALLETS.c.owed, _WALLETS.c.entries)
    .where(_WALLETS.c.user_id == bindparam("user_id"))
    .with_for_update()
)

#: An event whose key is known is not written, and then nothing is. Answers how many events were written, and holds touched.
#: What is selected says its type, since nothing around it does.
_EVENT: Final = """
WITH event AS (
    INSERT INTO ledger_events
        (id, created_at, kind, key, user_id, entry, available, held, owed, actor_id, order_id, item_id, reason)
    SELECT :id, now(), :kind, CAST(:key AS varchar), :user_id, CAST(:entry AS bigint), CAST(:available AS bigint),
        CAST(:held AS bigint), CAST(:owed AS bigint), CAST(:actor_id AS uuid), CAST(:order_id AS uuid), CAST(:item_id AS uuid),
        :reason
    WHERE NOT EXISTS (SELECT FROM ledger_events WHERE key = CAST(:key AS varchar))
    RETURNING id, user_id, order_id
), postings AS (
    INSERT INTO ledger_postings (event_id, account, user_id, currency, amount)
    SELECT event.id, side.*
    FROM event, unnest(CAST(:accounts AS text[]), CAST(:users AS uuid[]), CAST(:currencies AS text[]), CAST(:amounts AS bigint[]))
        AS side
), wallet AS (
    UPDATE wallets SET available = :available, held = :held, owed = :owed, entries = :entry
    FROM event WHERE wallets.user_id = event.user_id
), hold AS (
    {hold}
)
SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM hold)
"""
_NO_HOLD: Final = "SELECT FROM event"
_OPENED: Final = """INSERT INTO holds (order_id, user_id, created_at, amount, captured, released)
    SELECT order_id, user_id, now(), CAST(:on_hold AS bigint), 0, 0 FROM event RETURNING order_id"""
_ENDED: Final = """UPDATE holds SET {column} = {column} - CAST(:on_hold AS bigint)
    FROM event WHERE holds.order_id = event.order_id AND holds.user_id = event.user_id RETURNING holds.order_id"""
_OF_HOLD: Final = {
    EventKind.hold: _OPENED,
    EventKind.capture: _ENDED.format(column="captured"),
    EventKind.release: _ENDED.format(column="released"),
    EventKind.expiry: _ENDED.format(column="released"),
}
_WRITING: Final = {kind: text(_EVENT.format(hold=_OF_HOLD.get(kind, _NO_HOLD))) for kind in EventKind}


def _after(wallet: LockedWallet, moves: Mapping[Account, int]) -> dict[str, int]:
    """Postings of `owed` are what the house lacks; its balance is what the member owes."""
    return {
        "available": wallet.available + moves.get(Account.available, 0),
        "held": wallet.held + moves.get(Account.held, 0),
        "owed": wallet.owed - moves.get(Account.owed, 0),
    }


def _postings(event: NewEvent) -> dict[str, list[object]]:
    """A list a column."""
    credits = [(account, Currency.credit, amount) for account, amount in event.moves.items() if amount]
    costs = [(Account.provider_cost, event.cost_microusd), (Account.provider_payable, -event.cost_microusd)]
    sides = [*credits, *((account, Currency.microusd, amount) for account, amount in costs if amount)]
    return {
        "accounts": [account.value for account, _, _ in sides],
        "users": [event.user_id if account in MEMBER_ACCOUNTS else None for account, _, _ in sides],
        "currencies": [currency.value for _, currency, _ in sides],
        "amounts": [amount for _, _, amount in sides],
    }
