"""Statements over wallets, events, postings and holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import Session, col, select

from lumiku_web.domain.ledger.models import Hold, LedgerEvent, LedgerPosting, WalletRow
from lumiku_web.domain.ledger.schemas import MEMBER_ACCOUNTS, Account, Currency, EventKind, Wallet
from lumiku_web.ids import new_id


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


class WalletRepository:
    """One row a member."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def locked(self, user_id: UUID) -> WalletRow:
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

    def _locked(self, user_id: UUID) -> WalletRow | None:
        statement = select(WalletRow).where(WalletRow.user_id == user_id).with_for_update()
        return self.session.exec(statement, execution_options={"populate_existing": True}).first()


class EventRepository:
    """Events with their postings; written, never changed."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, event: NewEvent, wallet: WalletRow) -> bool:
        """Write the event, its postings, and the balances that follow from them into the locked `wallet`.

        False, and nothing written, if its key is known. Raises: IntegrityError where a balance would be negative.
        """
        after = _after(wallet, event.moves)
        values = {
            "id": new_id(),
            "created_at": func.now(),
            "kind": event.kind.value,
            "key": event.key,
            "user_id": event.user_id,
            "entry": wallet.entries + 1,
            **after,
            "actor_id": event.actor_id,
            "order_id": event.order_id,
            "item_id": event.item_id,
            "reason": event.reason,
        }
        statement = upsert(LedgerEvent).values(values).on_conflict_do_nothing(index_elements=["key"])
        written = self.session.execute(statement.returning(col(LedgerEvent.id))).scalar_one_or_none()
        if written is None:
            return False
        self.session.execute(insert(LedgerPosting), _postings(written, event))
        for name, value in after.items():
            setattr(wallet, name, value)
        wallet.entries += 1
        self.session.flush()
        return True

    def is_known(self, key: str) -> bool:
        """Whether this has happened."""
        return self.session.exec(select(LedgerEvent.id).where(LedgerEvent.key == key)).first() is not None


class HoldRepository:
    """One row an order."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, order_id: UUID, user_id: UUID, amount: int) -> None:
        """Raises: IntegrityError for an order that has one, and for an amount that is not positive."""
        self.session.execute(insert(Hold).values(order_id=order_id, user_id=user_id, amount=amount, created_at=func.now()))

    def end(self, order_id: UUID, *, captured: int = 0, released: int = 0) -> None:
        """Count what became of it. Raises: IntegrityError where it is more than was held."""
        raised = {"captured": col(Hold.captured) + captured, "released": col(Hold.released) + released}
        self.session.execute(update(Hold).where(col(Hold.order_id) == order_id).values(**raised))

    def open(self, *, before: datetime, limit: int) -> list[Hold]:
        """Those of which something is still held, the oldest first."""
        left = col(Hold.captured) + col(Hold.released) < col(Hold.amount)
        statement = select(Hold).where(left, col(Hold.created_at) < before).order_by(col(Hold.created_at)).limit(limit)
        return list(self.session.exec(statement))

    def left(self, order_id: UUID) -> int:
        """Credits of this order that are still held; 0 for an order without a hold."""
        statement = select(col(Hold.amount) - col(Hold.captured) - col(Hold.released)).where(Hold.order_id == order_id)
        return self.session.exec(statement).first() or 0


def _after(wallet: WalletRow, moves: Mapping[Account, int]) -> dict[str, int]:
    """Postings of `owed` are what the house lacks; its balance is what the member owes."""
    return {
        "available": wallet.available + moves.get(Account.available, 0),
        "held": wallet.held + moves.get(Account.held, 0),
        "owed": wallet.owed - moves.get(Account.owed, 0),
    }


def _postings(event_id: UUID, event: NewEvent) -> list[dict[str, object]]:
    credits = [(account, Currency.credit, amount) for account, amount in event.moves.items() if amount]
    costs = [(Account.provider_cost, event.cost_microusd), (Account.provider_payable, -event.cost_microusd)]
    dollars = [(account, Currency.microusd, amount) for account, amount in costs if amount]
    return [
        {
            "event_id": event_id,
            "account": account.value,
            "user_id": event.user_id if account in MEMBER_ACCOUNTS else None,
            "currency": currency.value,
            "amount": amount,
        }
        for account, currency, amount in [*credits, *dollars]
    ]
