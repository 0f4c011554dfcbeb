"""Moves of credits. Every function joins the caller's transaction, and locks the member's wallet until its end.

What has happened under a key does not happen again: the second call changes nothing and says so with False (L4, L7).
The caller has checked who may do it, writes the audit, and tells the member.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.ledger.repository import EventRepository, HoldRepository, LockedWallet, NewEvent, WalletRepository
from lumiku_web.domain.ledger.schemas import CREDITS_MAX, MEMBER_ACCOUNTS, REASON_CHARACTERS, Account, EventKind, Wallet
from lumiku_web.errors import Conflict, InvalidInput, LimitReached
from lumiku_web.typed_text import many_lines


def lock(uow: UnitOfWork, user_id: UUID) -> Wallet:
    """The member's balances; nobody moves them before this transaction ends. Before every other lock of the member's money."""
    row = WalletRepository(uow.session).locked(user_id)
    return Wallet(row.available, row.held, row.owed)


def wallets(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, Wallet]:
    """The balances of these members, as of now."""
    known = WalletRepository(uow.session).wallets(user_ids)
    return {user_id: known.get(user_id, Wallet()) for user_id in user_ids}


def without_wallet(uow: UnitOfWork, user_ids: Sequence[UUID]) -> list[UUID]:
    """Those of them of whom no credit ever moved."""
    known = WalletRepository(uow.session).wallets(user_ids)
    return [user_id for user_id in user_ids if user_id not in known]


def give(
    uow: UnitOfWork, kind: EventKind, user_id: UUID, amount: int, *, key: str, actor_id: UUID | None = None, reason: str = ""
) -> bool:
    """Credits that come in: `sign_up`, `grant` or `purchase`. What the member owes is paid first (L9).

    Raises: InvalidInput(`amount_out_of_range`, `reason_required`, `too_long`), Conflict(`credits_key_reused`).
    """
    check_amount(amount)
    reason = fit_reason(reason, is_required=kind is EventKind.grant)
    source = Account.sold if kind is EventKind.purchase else Account.granted
    row = WalletRepository(uow.session).locked(user_id)
    moves = {source: -amount, **_incoming(row, amount)}
    return _by_hand(uow, NewEvent(kind, key, user_id, moves, actor_id=actor_id, reason=reason), row)


def take_back(
    uow: UnitOfWork, kind: EventKind, user_id: UUID, amount: int, *, key: str, actor_id: UUID | None = None, reason: str = ""
) -> bool:
    """Reverse a purchase: `refund` or `chargeback`. What is not available any more is owed, and spending stops (L9).

    Raises: InvalidInput(`amount_out_of_range`, `too_long`), Conflict(`credits_key_reused`).
    """
    check_amount(amount)
    reason = fit_reason(reason, is_required=False)
    row = WalletRepository(uow.session).locked(user_id)
    there = min(amount, row.available)
    moves = {Account.sold: amount, Account.available: -there, Account.owed: there - amount}
    return _by_hand(uow, NewEvent(kind, key, user_id, moves, actor_id=actor_id, reason=reason), row)


def adjust(uow: UnitOfWork, user_id: UUID, amount: int, *, key: str, actor_id: UUID | None, reason: str) -> bool:
    """Correct a balance by an admin's hand, up or down, never below what is available.

    Raises: InvalidInput(`amount_out_of_range`, `reason_required`, `too_long`), Conflict(`credits_key_reused`),
    LimitReached(`adjustment_too_great`).
    """
    check_amount(-amount if type(amount) is int and amount < 0 else amount)
    reason = fit_reason(reason)
    row = WalletRepository(uow.session).locked(user_id)
    incoming = _incoming(row, amount) if amount > 0 else {Account.available: amount}
    moves = {Account.corrections: -amount, **incoming}
    return _by_hand(uow, NewEvent(EventKind.adjustment, key, user_id, moves, actor_id=actor_id, reason=reason), row)


def hold(uow: UnitOfWork, user_id: UUID, order_id: UUID, amount: int) -> bool:
    """Set credits aside for an order.

    Raises: InvalidInput(`amount_out_of_range`), LimitReached(`credits_owed` | `credits_short`).
    """
    check_amount(amount)
    row = WalletRepository(uow.session).locked(user_id)
    moves = {Account.available: -amount, Account.held: amount}
    event = NewEvent(EventKind.hold, f"hold:{order_id}", user_id, moves, order_id=order_id)
    if row.available < amount or row.owed:
        if EventRepository(uow.session).find(event.key):
            return False
        check_spendable(Wallet(row.available, row.held, row.owed), amount)
    return EventRepository(uow.session).add(event, row)


def capture(uow: UnitOfWork, user_id: UUID, order_id: UUID, item_id: UUID, amount: int, *, cost_microusd: int = 0) -> bool:
    """The item was delivered: its part of the hold is the house's. An item is captured or released, and once (L4).

    Raises: InvalidInput(`amount_out_of_range`). Beyond what is held it is a bug: IntegrityError, or LookupError without a hold.
    """
    check_amount(amount)
    row = WalletRepository(uow.session).locked(user_id)
    moves = {Account.held: -amount, Account.revenue: amount}
    event = NewEvent(EventKind.capture, _item_key(item_id), user_id, moves, cost_microusd, None, order_id, item_id)
    return EventRepository(uow.session).add(event, row)


def release(uow: UnitOfWork, user_id: UUID, order_id: UUID, item_id: UUID, amount: int) -> bool:
    """The item was not delivered: its part of the hold is the member's again. Raises: as `capture`."""
    check_amount(amount)
    row = WalletRepository(uow.session).locked(user_id)
    moves = {Account.held: -amount, **_incoming(row, amount)}
    event = NewEvent(EventKind.release, _item_key(item_id), user_id, moves, order_id=order_id, item_id=item_id)
    return EventRepository(uow.session).add(event, row)


def expire(uow: UnitOfWork, user_id: UUID, order_id: UUID) -> int:
    """Give back what is still held of an order whose items have all ended, or are gone. Returns credits."""
    row = WalletRepository(uow.session).locked(user_id)
    left = HoldRepository(uow.session).left(order_id, user_id)
    if not left:
        return 0
    moves = {Account.held: -left, **_incoming(row, left)}
    event = NewEvent(EventKind.expiry, f"expire:{order_id}", user_id, moves, order_id=order_id)
    return left if EventRepository(uow.session).add(event, row) else 0


def record_cost(uow: UnitOfWork, user_id: UUID, order_id: UUID, item_id: UUID, cost_microusd: int) -> bool:
    """What a provider asks for a picture that was not paid with credits."""
    row = WalletRepository(uow.session).locked(user_id)
    event = NewEvent(EventKind.cost, f"cost:{item_id}", user_id, {}, cost_microusd, None, order_id, item_id)
    return EventRepository(uow.session).add(event, row)


def correct(uow: UnitOfWork, user_id: UUID, *, reason: str) -> Mapping[Account, int]:
    """Make the postings agree with the wallet that the member was shown, by one more event. Returns what it moved, if anything.

    A wallet that is lost altogether is for a person to look at.
    """
    wallets = WalletRepository(uow.session)
    if not wallets.wallets([user_id]):
        return {}
    row = wallets.locked(user_id)
    sums = EventRepository(uow.session).sums(user_id)
    shown = {Account.available: row.available, Account.held: row.held, Account.owed: -row.owed}
    moves = {account: amount - sums.get(account, 0) for account, amount in shown.items() if amount != sums.get(account, 0)}
    if not moves:
        return {}
    moves[Account.corrections] = -sum(moves.values())
    event = NewEvent(EventKind.adjustment, f"correct:{user_id}:{row.entries}", user_id, moves, reason=reason)
    EventRepository(uow.session).add(event, row, moves_wallet=False)
    return {account: amount for account, amount in moves.items() if amount}


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


def fit_reason(reason: str, *, is_required: bool = True) -> str:
    """The words as they are kept. Raises: InvalidInput(`reason_required` | `too_long`)."""
    words = many_lines(reason, field="reason", limit=REASON_CHARACTERS)
    if is_required and not words:
        raise InvalidInput("reason_required", field="reason")
    return words


def _by_hand(uow: UnitOfWork, event: NewEvent, row: LockedWallet) -> bool:
    """Who comes twice with one key must say the same both times.

    A sign-up's key is that of its member alone, of whom there may be many in one transaction; its amount is a setting, which may
    have changed.
    """
    events, is_form = EventRepository(uow.session), event.kind is not EventKind.sign_up
    if is_form:
        events.lock(event.key)
    known = events.find(event.key)
    if known is None:
        if row.available + event.moves.get(Account.available, 0) < 0:
            raise LimitReached("adjustment_too_great", available=row.available)
        events.add(event, row)
        return True
    if is_form and (
        (known.kind, known.user_id, known.reason) != (event.kind.value, event.user_id, event.reason)
        or _of_the_house(events.moved(known.id)) != _of_the_house(event.moves)
    ):
        raise Conflict("credits_key_reused")
    return False


def _of_the_house(moves: Mapping[Account, int]) -> dict[Account, int]:
    """The side that does not depend on what the member had at that moment."""
    return {account: amount for account, amount in moves.items() if account not in MEMBER_ACCOUNTS}


def _item_key(item_id: UUID) -> str:
    """One for capture and release: the second of them finds the first."""
    return f"item:{item_id}"


def _incoming(row: LockedWallet, amount: int) -> Mapping[Account, int]:
    """What comes to a member pays what they owe first."""
    paid = min(row.owed, amount)
    return {Account.available: amount - paid, Account.owed: paid}
