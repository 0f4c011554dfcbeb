"""By what an order is paid: held at its submission, and settled item by item in the transaction of each item's end."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing import policy
from lumiku_web.domain.billing.repository import AllowanceRepository, StandingRepository
from lumiku_web.domain.billing.schemas import AllowanceKind, PaidWith, Price, Share, Standing
from lumiku_web.domain.billing.service import standings
from lumiku_web.domain.ledger import service as ledger


def database_now(uow: UnitOfWork) -> datetime:
    """The beginning of the transaction, by the clock that all processes share."""
    return StandingRepository(uow.session).now()


@dataclass(frozen=True)
class Held:
    """How each picture of an order is paid, in their order, and on which UTC day it was held."""

    paid_with: tuple[PaidWith, ...]
    on: date


@dataclass(frozen=True)
class Payments:
    """All join the caller's transaction. Locks: the member's wallet, then their allowances."""

    clock: Callable[[UnitOfWork], datetime] = database_now

    def lock(self, uow: UnitOfWork, user_id: UUID) -> None:
        """Nobody moves this member's money before the transaction ends. Comes before every other lock but those of items."""
        ledger.lock(uow, user_id)

    def standing(self, uow: UnitOfWork, user_id: UUID) -> Standing:
        """What the member has; nobody changes it before the transaction ends."""
        self.lock(uow, user_id)
        return self.standings(uow, [user_id])[user_id]

    def standings(self, uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, Standing]:
        """What each of these members has. Read only, in one statement."""
        # The database's own clock is read by the statement itself.
        return standings(uow, user_ids, None if self.clock is database_now else self.clock(uow))

    def hold(
        self, uow: UnitOfWork, standing: Standing, order_id: UUID, price: Price, count: int, *, is_given: bool = False
    ) -> Held:
        """Set aside what an order of so many pictures takes; `standing` is of this transaction, under its lock.

        `is_given`: by the house, for nothing. Raises: LimitReached, see `policy.quote`.
        """
        on = standing.on or policy.day_of(self.clock(uow))
        if is_given:
            return Held((PaidWith.house,) * count, on)
        quote = policy.quote(standing, price, count)
        allowances = AllowanceRepository(uow.session)
        if quote.quota:
            allowances.hold(standing.user_id, AllowanceKind.day, on, quote.quota, limit=standing.day.limit)
            month = policy.month_of(on)
            allowances.hold(standing.user_id, AllowanceKind.month, month, quote.quota, limit=standing.month.limit)
        if quote.credits:
            allowances.hold(standing.user_id, AllowanceKind.spending, policy.month_of(on), quote.credits, limit=None)
            ledger.hold(uow, standing.user_id, order_id, quote.credits)
        return Held((PaidWith.quota,) * quote.by_quota + (PaidWith.credits,) * quote.by_credits, on)

    def capture(self, uow: UnitOfWork, share: Share, *, cost_microusd: int = 0) -> None:
        """The picture was delivered."""
        who = share.user_id, share.order_id, share.item_id
        if share.paid_with is not PaidWith.credits:
            if cost_microusd:
                ledger.record_cost(uow, *who, cost_microusd)
            self._settle(uow, share, is_used=True)
        elif ledger.capture(uow, *who, share.amount, cost_microusd=cost_microusd):
            self._settle(uow, share, is_used=True)

    def release(self, uow: UnitOfWork, share: Share) -> None:
        """It was not."""
        who = share.user_id, share.order_id, share.item_id
        if share.paid_with is not PaidWith.credits or ledger.release(uow, *who, share.amount):
            self._settle(uow, share, is_used=False)

    def expire(self, uow: UnitOfWork, user_id: UUID, order_id: UUID, held_on: date) -> int:
        """Give back the credits that the order still holds; `held_on`: its UTC day. Returns how many.

        The caller has seen that all its items have ended, or are gone.
        """
        credits = ledger.expire(uow, user_id, order_id)
        if credits:
            month = policy.month_of(held_on)
            AllowanceRepository(uow.session).settle(user_id, AllowanceKind.spending, month, credits, is_used=False)
        return credits

    def _settle(self, uow: UnitOfWork, share: Share, *, is_used: bool) -> None:
        if share.paid_with is PaidWith.quota:
            self.lock(uow, share.user_id)  # an order of both is settled by many items, and whoever orders begins here
        month = policy.month_of(share.held_on)
        windows = {
            PaidWith.quota: [(AllowanceKind.day, share.held_on), (AllowanceKind.month, month)],
            PaidWith.credits: [(AllowanceKind.spending, month)],
            PaidWith.house: [],
        }
        for kind, starts_on in windows[share.paid_with]:
            AllowanceRepository(uow.session).settle(share.user_id, kind, starts_on, share.amount, is_used=is_used)
