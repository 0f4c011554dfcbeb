"""What becomes of a subscription: by its member, by an admin, by time. Every step is written into its history.

All join the caller's transaction, and begin with the lock of the member's wallet: a plan changed twice in a second, and an order
at the same moment, come one after the other, and the second finds what the first has made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing import policy
from lumiku_web.domain.billing.models import Plan, Subscription, SubscriptionChange
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.repository import PlanRepository, PreferenceRepository, SubscriptionRepository
from lumiku_web.domain.billing.schemas import (
    Elapsed,
    PlanRead,
    Proration,
    Standing,
    Step,
    SubscriptionState,
    SubscriptionStatus,
)
from lumiku_web.domain.billing.service import plan_read, state_of
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.errors import Conflict, NotFound

#: Members that one look of `advance` moves along.
LIMIT: Final = 200


@dataclass(frozen=True)
class Life:
    """A member's subscriptions under the lock of their wallet, after `catch_up`. Each use case is a step in them."""

    uow: UnitOfWork
    user_id: UUID
    #: Who does it; None: time.
    actor_id: UUID | None
    now: datetime
    plans: Mapping[str, Plan]

    @classmethod
    def of(cls, uow: UnitOfWork, user_id: UUID, actor_id: UUID | None, now: datetime) -> Self:
        """The caller holds the member's wallet."""
        return cls(uow, user_id, actor_id, now, PlanRepository(uow.session).by_key())

    def subscribe(self, plan_key: str) -> Proration:
        """Raises: NotFound(`plan_not_found`), Conflict(`plan_active`)."""
        plan, subscriptions = self._plan(plan_key), SubscriptionRepository(self.uow.session)
        if subscriptions.current(self.user_id) is not None:
            raise Conflict("plan_active")
        cost = Proration(0, plan.price_minor, self.now)
        row = Subscription(user_id=self.user_id, plan_key=plan.key, created_at=self.now)
        subscriptions.add(_put(row, policy.begun(plan, self.now)))
        self._note(row, Step.subscribed, plan, cost, by=self.actor_id)
        return cost

    def change(self, plan_key: str) -> Proration:
        """By the rule of `policy.prorate`; a change to the present plan undoes the one that was planned.

        Raises: NotFound(`plan_not_found` | `plan_missing`), Conflict(`plan_same` | `plan_planned`).
        """
        plan = self._plan(plan_key)
        row, state = self._present()
        if state.next_plan and plan.key == state.next_plan.key:
            raise Conflict("plan_planned", until=policy.told(state.period_end))
        if plan.key == state.plan.key:
            if state.next_plan is None:
                raise Conflict("plan_same")
            self._step(row, replace(state, next_plan=None), Step.change_dropped, plan)
            return Proration(0, 0, self.now)
        cost = policy.prorate(state, plan, self.now)
        if cost.at > self.now:
            self._step(row, replace(state, status=SubscriptionStatus.active, next_plan=plan), Step.change_planned, plan)
        else:
            self._step(row, policy.begun(plan, self.now, credit_minor=cost.credit_minor), Step.changed, plan, cost)
        return cost

    def cancel(self) -> bool:
        """It ends with what was paid: at the end of its period, or now where that is over. Twice is once: False then.

        Raises: NotFound(`plan_missing`).
        """
        row, state = self._present()
        if state.status is SubscriptionStatus.canceled:
            return False
        if state.status is SubscriptionStatus.active:
            state = replace(state, status=SubscriptionStatus.canceled, next_plan=None)
            self._step(row, state, Step.canceled, state.plan)
        else:
            over = replace(state, status=SubscriptionStatus.ended, next_plan=None, grace_until=None, ended_at=self.now)
            self._step(row, over, Step.ended, state.plan, Proration(state.balance_minor, 0, self.now))
        return True

    def resume(self) -> bool:
        """It does not end after all. False where it goes on anyway.

        Raises: NotFound(`plan_missing`), Conflict(`plan_unpaid`).
        """
        row, state = self._present()
        if state.status is SubscriptionStatus.active:
            return False
        if state.status is not SubscriptionStatus.canceled:
            raise Conflict("plan_unpaid")
        self._step(row, replace(state, status=SubscriptionStatus.active), Step.resumed, state.plan)
        return True

    def renew(self) -> Proration:
        """One period more was paid: after the days of grace it follows the old one, after a suspension it begins now.

        Raises: NotFound(`plan_missing`), Conflict(`plan_paid`).
        """
        row, state = self._present()
        credit = state.balance_minor
        if state.status is SubscriptionStatus.grace:
            begun = policy.begun(state.plan, state.period_end, anchor_day=state.anchor_day, credit_minor=credit)
        elif state.status is SubscriptionStatus.suspended:
            begun = policy.begun(state.plan, self.now, credit_minor=credit)
        else:
            raise Conflict("plan_paid", until=policy.told(state.period_end))
        cost = Proration(credit, max(0, state.plan.price_minor - credit), begun.period_start)
        self._step(row, begun, Step.renewed, state.plan, cost)
        return cost

    def catch_up(self) -> list[Elapsed]:
        """Write down what time has done until now. Returns it."""
        row = SubscriptionRepository(self.uow.session).current(self.user_id)
        done = policy.elapsed(state_of(row, self.plans), self.now) if row else []
        for step in done:
            if row:
                _put(row, step.after)
                credit = {Step.renewed: step.after.paid_minor, Step.ended: step.after.balance_minor}.get(step.what, 0)
                self._note(row, step.what, step.after.plan, Proration(credit, 0, step.at), by=None)
        self.uow.session.flush()
        return done

    def _plan(self, key: str) -> PlanRead:
        plan = self.plans.get(key)
        if plan is None or not plan.is_offered:
            raise NotFound("plan_not_found")
        return plan_read(plan)

    def _present(self) -> tuple[Subscription, SubscriptionState]:
        row = SubscriptionRepository(self.uow.session).current(self.user_id)
        if row is None:
            raise NotFound("plan_missing")
        return row, state_of(row, self.plans)

    def _step(
        self, row: Subscription, state: SubscriptionState, what: Step, plan: PlanRead, cost: Proration | None = None
    ) -> None:
        _put(row, state)
        self._note(row, what, plan, cost or Proration(0, 0, self.now), by=self.actor_id)
        self.uow.session.flush()

    def _note(self, row: Subscription, what: Step, plan: PlanRead, cost: Proration, *, by: UUID | None) -> None:
        change = SubscriptionChange(
            created_at=cost.at if by is None else self.now,
            subscription_id=row.id,
            user_id=row.user_id,
            actor_id=by,
            what=what.value,
            plan_key=plan.key,
            due_minor=cost.due_minor,
            credit_minor=cost.credit_minor,
            facts={"status": row.status, "period_end": row.period_end.isoformat()},
        )
        self.uow.session.add(change)


@dataclass(frozen=True)
class Billing:
    """What members do with their own plan and money."""

    doorbell: Doorbell
    payments: Payments

    def standing(self, uow: UnitOfWork, actor: Actor) -> Standing:
        """What the member has. Read only, in one statement."""
        return self.payments.standings(uow, [actor.user_id])[actor.user_id]

    def set_spending(self, uow: UnitOfWork, actor: Actor, *, cap: int | None, uses_credits: bool) -> None:
        """Bound the credits of a UTC month (0: none may be spent; None: no bound), and say whether they pay beyond the quota.

        Counts from the next order on. Raises: InvalidInput(`spending_cap_out_of_range`).
        """
        policy.check_cap(cap)
        ledger.lock(uow, actor.user_id)
        PreferenceRepository(uow.session).set(actor.user_id, spending_cap=cap, uses_credits=uses_credits)
        tell(uow, self.doorbell, actor, Action.spending_changed, actor.user_id, cap=cap, uses_credits=uses_credits)

    def cancel(self, uow: UnitOfWork, actor: Actor) -> None:
        """As `Life.cancel`, of one's own plan."""
        if life_of(uow, self.payments, actor.user_id, actor).cancel():
            tell(uow, self.doorbell, actor, Action.plan_canceled, actor.user_id)

    def resume(self, uow: UnitOfWork, actor: Actor) -> None:
        """As `Life.resume`, of one's own plan."""
        if life_of(uow, self.payments, actor.user_id, actor).resume():
            tell(uow, self.doorbell, actor, Action.plan_resumed, actor.user_id)

    def advance(self, uow: UnitOfWork, *, limit: int = LIMIT) -> int:
        """Write down what time has done to subscriptions, of so many members at most. Returns of how many.

        Whoever's wallet is held by somebody else has their turn at the next look. Member by member in the order of their ids, so
        that no two who look can wait for each other.
        """
        now, moved = self.payments.clock(uow), 0
        subscriptions = SubscriptionRepository(uow.session)
        for user_id in subscriptions.due(now, limit=limit):
            if subscriptions.lock_wallet(user_id) and Life.of(uow, user_id, None, now).catch_up():
                record_change(uow, self.doorbell, user_id)
                moved += 1
        return moved


def life_of(uow: UnitOfWork, payments: Payments, user_id: UUID, actor: Actor) -> Life:
    """The member's subscriptions, locked and brought to the present, for what this actor does to them."""
    ledger.lock(uow, user_id)
    life = Life.of(uow, user_id, actor.user_id, payments.clock(uow))
    life.catch_up()
    return life


def tell(uow: UnitOfWork, doorbell: Doorbell, actor: Actor, action: Action, user_id: UUID, **facts: object) -> None:
    """Write the act into the trail, and let the member's open tabs know of it. The last lock."""
    audit.record(uow, actor.user_id, action, user_id, **facts)
    record_change(uow, doorbell, user_id)


def _put(row: Subscription, state: SubscriptionState) -> Subscription:
    row.plan_key, row.status = state.plan.key, state.status.value
    row.period_start, row.period_end, row.anchor_day = state.period_start, state.period_end, state.anchor_day
    row.next_plan_key = state.next_plan.key if state.next_plan else ""
    row.paid_minor, row.balance_minor = state.paid_minor, state.balance_minor
    row.grace_until, row.ended_at = state.grace_until, state.ended_at
    return row
