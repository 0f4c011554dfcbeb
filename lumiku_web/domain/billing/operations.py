"""What an admin does with the money and the plans of members. Every act is checked here, audited, and told to the member."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.schemas import Proration
from lumiku_web.domain.billing.subscriptions import Life, life_of, tell
from lumiku_web.domain.ledger import reading
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import EventKind
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.errors import LimitReached, NotFound, NotPermitted

#: Acts that take what was given.
_TAKEN_BACK: Final = frozenset({Action.credits_refunded, Action.credits_charged_back})


@dataclass(frozen=True)
class Treasury:
    """The use cases of an admin. All join the caller's transaction, and lock the member's wallet before anything else of theirs.

    All raise NotPermitted for anybody else, and NotFound(`member_not_found`).

    Acts on credits have a `key`, minted with the form: what happened under it does not happen again, and False says so; with
    another content it is refused. They raise InvalidInput(`amount_out_of_range` | `reason_required` | `too_long`) and
    Conflict(`credits_key_reused`).
    """

    doorbell: Doorbell
    payments: Payments

    def grant(self, uow: UnitOfWork, actor: Actor, user_id: UUID, amount: int, *, key: UUID, reason: str) -> bool:
        """Credits for nothing. What the member owes is paid first."""
        move = partial(ledger.give, uow, EventKind.grant)
        return self._act(uow, actor, Action.credits_granted, move, user_id, amount, key=key, reason=reason)

    def sell(self, uow: UnitOfWork, actor: Actor, user_id: UUID, amount: int, *, key: UUID, reason: str) -> bool:
        """Credits that the member has paid for: `reason` says how."""
        move = partial(ledger.give, uow, EventKind.purchase)
        return self._act(uow, actor, Action.credits_purchased, move, user_id, amount, key=key, reason=reason)

    def adjust(self, uow: UnitOfWork, actor: Actor, user_id: UUID, amount: int, *, key: UUID, reason: str) -> bool:
        """Correct a balance, up or down. Raises: LimitReached(`adjustment_too_great`) below what is available."""
        move = partial(ledger.adjust, uow)
        return self._act(uow, actor, Action.credits_adjusted, move, user_id, amount, key=key, reason=reason)

    def refund(self, uow: UnitOfWork, actor: Actor, user_id: UUID, amount: int, *, key: UUID, reason: str) -> bool:
        """Take back credits whose money the house gave back; what is spent already is owed.

        Raises: LimitReached(`take_back_too_great`) beyond what was sold and not taken back.
        """
        move = partial(_take_back, uow, EventKind.refund)
        return self._act(uow, actor, Action.credits_refunded, move, user_id, amount, key=key, reason=reason)

    def charge_back(self, uow: UnitOfWork, actor: Actor, user_id: UUID, amount: int, *, key: UUID, reason: str) -> bool:
        """As `refund`, where it was the bank that took the money back."""
        move = partial(_take_back, uow, EventKind.chargeback)
        return self._act(uow, actor, Action.credits_charged_back, move, user_id, amount, key=key, reason=reason)

    def subscribe(self, uow: UnitOfWork, actor: Actor, user_id: UUID, plan_key: str) -> Proration:
        """As `Life.subscribe`; returns what is to be paid."""
        cost = self._life(uow, actor, user_id).subscribe(plan_key)
        tell(uow, self.doorbell, actor, Action.subscribed, user_id, plan=plan_key, due_minor=cost.due_minor)
        return cost

    def change_plan(self, uow: UnitOfWork, actor: Actor, user_id: UUID, plan_key: str) -> Proration:
        """As `Life.change`; returns what is to be paid, and when the plan begins."""
        cost = self._life(uow, actor, user_id).change(plan_key)
        facts: dict[str, object] = {"plan": plan_key, "due_minor": cost.due_minor, "credit_minor": cost.credit_minor}
        tell(uow, self.doorbell, actor, Action.plan_changed, user_id, **facts, at=cost.at.isoformat())
        return cost

    def cancel_plan(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> None:
        """As `Life.cancel`."""
        if self._life(uow, actor, user_id).cancel():
            tell(uow, self.doorbell, actor, Action.plan_canceled, user_id)

    def resume_plan(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> None:
        """As `Life.resume`."""
        if self._life(uow, actor, user_id).resume():
            tell(uow, self.doorbell, actor, Action.plan_resumed, user_id)

    def renew(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> Proration:
        """As `Life.renew`; returns what is to be paid, and when the new period begins."""
        cost = self._life(uow, actor, user_id).renew()
        tell(uow, self.doorbell, actor, Action.plan_renewed, user_id, due_minor=cost.due_minor)
        return cost

    def _life(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> Life:
        self._check(uow, actor, user_id)
        return life_of(uow, self.payments, user_id, actor)

    def _act(
        self,
        uow: UnitOfWork,
        actor: Actor,
        action: Action,
        move: Callable[..., bool],
        user_id: UUID,
        amount: int,
        *,
        key: UUID,
        reason: str,
    ) -> bool:
        """One name for all acts: the key of a grant is no other act's."""
        self._check(uow, actor, user_id)
        reason = ledger.fit_reason(reason)
        if not move(user_id, amount, key=f"treasury:{key}", actor_id=actor.user_id, reason=reason):
            return False
        given = -amount if action in _TAKEN_BACK else amount
        tell(uow, self.doorbell, actor, action, user_id, amount=given, reason=reason)
        return True

    def _check(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> None:
        """An admin, and a member who exists."""
        if not actor.is_admin:
            raise NotPermitted
        if user_id not in self.payments.standings(uow, [user_id]):
            raise NotFound("member_not_found")


def _take_back(uow: UnitOfWork, kind: EventKind, user_id: UUID, amount: int, **said: Any) -> bool:  # noqa: ANN401 (the ledger's)
    """Asked afterwards, so that what was done already is not asked again: what is refused is rolled back."""
    if not ledger.take_back(uow, kind, user_id, amount, **said):
        return False
    left = reading.sold(uow, user_id)
    if left < 0:
        raise LimitReached("take_back_too_great", sold=left + amount)
    return True
