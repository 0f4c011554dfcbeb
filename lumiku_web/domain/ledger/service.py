"""Moves of credits. Every function joins the caller's transaction, and locks the member's wallet until its end.

What has happened under a key does not happen again: the second call changes nothing and says so with False (L4, L7).
The caller has checked who may do it, writes the audit, and tells the member.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.ledger.models import WalletRow
from lumiku_web.domain.ledger.repository import EventRepository, HoldRepository, NewEvent, WalletRepository
from lumiku_web.domain.ledger.schemas import CREDITS_MAX, Account, EventKind, Wallet
from lumiku_web.errors import InvalidInput, LimitReached


def lock(uow: UnitOfWork, user_id: UUID) -> Wallet:
    """The member's balances; nobody moves them before this transaction ends. Before every other lock of the member's money."""
    row = WalletRepository(uow.session).locked(user_id)
    return Wallet(row.available, row.held, row.owed)


def wallets(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, Wallet]:
    """The balances of these members, as of now."""
    known = WalletRepository(uow.session).wallets(user_ids)
    return {user_id: known.get(user_id, Wallet()) for user_id in user_ids}


def give(
    uow: UnitOfWork, kind: EventKind, user_id: UUID, amount: int, *, key: str, actor_id: UUID | None = None, reason: str = ""
) -> bool:
    """Credits that come in: `sign_up`, `grant` or `purchase`. What the member owes is paid first (L9).

    Raises: InvalidInput(`amount_out_of_range`, `reason_required`).
    """
    check_amount(amount)
    if kind is EventKind.grant:
        _check_reason(reason)
    source = Account.sold if kind is EventKind.purchase else Account.granted
    row = WalletRepository(uow.session).locked(user_id)
    event = NewEvent(kind, key, user_id, {source: -amount, **_incoming(row, amount)}, actor_id=actor_id, reason=reason)
    return EventRepository(uow.session).add(event, row)


def take_back(
    uow: UnitOfWork, kind: EventKind, user_id: UUID, amount: int, *, key: str, actor_id: UUID | None = None, reason: str = ""
) -> bool:
    """Reverse a purchase: `refund` or `chargeback`. What is not available any more is owed, and spending stops (L9).

    Raises: InvalidInput(`amount_out_of_range`).
    """
    check_amount(amount)
    row = WalletRepository(uow.session).locked(user_id)
    there = min(amount, row.available)
    moves = {Account.sold: amount, Account.available: -there, Account.owed: there - amount}
    return EventRepository(uow.session).add(NewEvent(kind, key, user_id, moves, actor_id=actor_id, reason=reason), row)


def adjust(uow: UnitOfWork, user_id: UUID, amount: int, *, key: str, actor_id: UUID | None, reason: str) -> bool:
    """Correct a balance by an admin's hand, up or down, never below what is available.

    Raises: InvalidInput(`amount_out_of_range`, `reason_required`), LimitReached(`adjustment_too_great`).
    """
    check_amount(abs(amount) if isinstance(amount, int) else amount)
    _check_reason(reason)
    row = WalletRepository(uow.session).locked(user_id)
    events = EventRepository(uow.session)
    if events.is_known(key):
        return False
    if row.available + amount < 0:
        raise LimitReached("adjustment_too_great", available=row.available)
    incoming = _incoming(row, amount) if amount > 0 else {Account.available: amount}
    moves = {Account.corrections: -amount, **incoming}
    return events.add(NewEvent(EventKind.adjustment, key, user_id, moves, actor_id=actor_id, reason=reason), row)


def hold(uow: UnitOfWork, user_id: UUID, order_id: UUID, amount: int) -> bool:
    """Set credits aside for an order. Raises: LimitReached(`credits_owed` | `credits_short`)."""
    row = WalletRepository(uow.session).locked(user_id)
    events, key = EventRepository(uow.session), f"hold:{order_id}"
    if events.is_known(key):
        return False
    check_spendable(Wallet(row.available, row.held, row.owed), amount)
    moves = {Account.available: -amount, Account.held: amount}
    HoldRepository(uow.session).add(order_id, user_id, amount)
    return events.add(NewEvent(EventKind.hold, key, user_id, moves, order_id=order_id), row)


def capture(uow: UnitOfWork, user_id: UUID, order_id: UUID, item_id: UUID, amount: int, *, cost_microusd: int = 0) -> bool:
    """The item was delivered: its part of the hold is the house's. An item is captured or released, and once (L4)."""
    row = WalletRepository(uow.session).locked(user_id)
    moves = {Account.held: -amount, Account.revenue: amount}
    event = NewEvent(EventKind.capture, _item_key(item_id), user_id, moves, cost_microusd, None, order_id, item_id)
    if not EventRepository(uow.session).add(event, row):
        return False
    HoldRepository(uow.session).end(order_id, captured=amount)
    return True


def release(uow: UnitOfWork, user_id: UUID, order_id: UUID, item_id: UUID, amount: int) -> bool:
    """The item was not delivered: its part of the hold is the member's again."""
    row = WalletRepository(uow.session).locked(user_id)
    moves = {Account.held: -amount, **_incoming(row, amount)}
    event = NewEvent(EventKind.release, _item_key(item_id), user_id, moves, order_id=order_id, item_id=item_id)
    if not EventRepository(uow.session).add(event, row):
        return False
    HoldRepository(uow.session).end(order_id, released=amount)
    return True


def expire(uow: UnitOfWork, user_id: UUID, order_id: UUID) -> int:
    """Give back what is still held of an order whose items have all ended, or are gone. Returns credits."""
    row = WalletRepository(uow.session).locked(user_id)
    left = HoldRepository(uow.session).left(order_id)
    if left <= 0:
        return 0
    moves = {Account.held: -left, **_incoming(row, left)}
    EventRepository(uow.session).add(NewEvent(EventKind.expiry, f"expire:{order_id}", user_id, moves, order_id=order_id), row)
    HoldRepository(uow.session).end(order_id, released=left)
    return left


def record_cost(uow: UnitOfWork, user_id: UUID, order_id: UUID, item_id: UUID, cost_microusd: int) -> bool:
    """What a provider asks for a picture that was not paid with credits."""
    row = WalletRepository(uow.session).locked(user_id)
    key = f"cost:{item_id}"
    event = NewEvent(EventKind.cost, key, user_id, {}, cost_microusd, None, order_id, item_id)
    return EventRepository(uow.session).add(event, row)


def open_holds(uow: UnitOfWork, *, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Order and member of the holds that were made before then and have not ended whole."""
    return [(hold.order_id, hold.user_id) for hold in HoldRepository(uow.session).open(before=before, limit=limit)]


def check_spendable(wallet: Wallet, amount: int) -> None:
    """Raises: LimitReached(`credits_owed` | `credits_short`)."""
    if wallet.owed:
        raise LimitReached("credits_owed", owed=wallet.owed)
    if wallet.available < amount:
        raise LimitReached("credits_short", needed=amount, available=wallet.available)


def check_amount(amount: object) -> None:
    """Raises: InvalidInput(`amount_out_of_range`) for what is not a whole number from 1 to `CREDITS_MAX`."""
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= CREDITS_MAX:
        raise InvalidInput("amount_out_of_range", field="amount", maximum=CREDITS_MAX)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("reason_required", field="reason")


def _item_key(item_id: UUID) -> str:
    """One for capture and release: the second of them finds the first."""
    return f"item:{item_id}"


def _incoming(row: WalletRow, amount: int) -> Mapping[Account, int]:
    """What comes to a member pays what they owe first."""
    paid = min(row.owed, amount)
    return {Account.available: amount - paid, Account.owed: paid}
