"""Statements over plans, subscriptions, allowances and preferences."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, and_, bindparam, cast, func, text
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.accounts.models import User
from lumiku_web.domain.billing.models import Allowance, BillingPreference, Plan, Subscription, SubscriptionChange
from lumiku_web.domain.billing.schemas import AllowanceKind, SubscriptionStatus
from lumiku_web.domain.ledger.models import WalletRow


class StandingRepository:
    """Everything of a member's money in one row."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def now(self) -> datetime:
        """The beginning of this transaction, by the database's clock."""
        return self.session.execute(select_columns(func.now())).scalar_one()

    def rows(self, user_ids: Collection[UUID], now: datetime | None) -> Sequence[Any]:
        """(user id, wallet, subscription, plan, next plan, day, month, spending, preference, now) of each member.

        What there is not is None. `now` chooses the windows; None: the beginning of this transaction, by the database's clock.
        """
        chosen = {"user_ids": list(user_ids)} if now is None else {"user_ids": list(user_ids), "now": now}
        statement = _standings(is_now=now is None)
        return self.session.execute(statement, chosen, execution_options={"populate_existing": True}).all()


@cache
def _standings(*, is_now: bool) -> Any:  # noqa: ANN401 (a selection of ten things)
    """Put together once: that takes longer than the database needs to answer it."""
    moment = func.now() if is_now else bindparam("now", type_=DateTime(timezone=True))
    in_utc = func.timezone("UTC", moment)
    day, month = cast(in_utc, Date), cast(func.date_trunc("month", in_utc), Date)
    days, months, spendings, following = aliased(Allowance), aliased(Allowance), aliased(Allowance), aliased(Plan)

    def window(of: type[Allowance], kind: AllowanceKind, starts_on: ColumnElement[date]) -> Any:  # noqa: ANN401 (a clause)
        return and_(col(of.user_id) == col(User.id), col(of.kind) == kind.value, col(of.starts_on) == starts_on)

    return (
        select_columns(col(User.id), WalletRow, Subscription, Plan, following, days, months, spendings, BillingPreference, moment)
        .outerjoin(WalletRow, col(WalletRow.user_id) == col(User.id))
        .outerjoin(
            Subscription,
            and_(col(Subscription.user_id) == col(User.id), col(Subscription.status) != SubscriptionStatus.ended.value),
        )
        .outerjoin(Plan, col(Plan.key) == col(Subscription.plan_key))
        .outerjoin(following, col(following.key) == col(Subscription.next_plan_key))
        .outerjoin(days, window(days, AllowanceKind.day, day))
        .outerjoin(months, window(months, AllowanceKind.month, month))
        .outerjoin(spendings, window(spendings, AllowanceKind.spending, month))
        .outerjoin(BillingPreference, col(BillingPreference.user_id) == col(User.id))
        .where(col(User.id).in_(bindparam("user_ids", expanding=True)))
    )


class PlanRepository:
    """What can be subscribed to."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add_missing(self, plans: list[Plan]) -> None:
        """Insert those that are not there yet."""
        for plan in plans:
            self.session.execute(insert(Plan).values(**plan.model_dump()).on_conflict_do_nothing())

    def by_key(self) -> dict[str, Plan]:
        """All of them, those that are not offered any more too, in the order in which people see them."""
        return {plan.key: plan for plan in self.session.exec(select(Plan).order_by(col(Plan.position), col(Plan.key)))}


class SubscriptionRepository(Repository[Subscription]):
    """One row a member that has not ended; those that have are the history."""

    model = Subscription

    def current(self, user_id: UUID) -> Subscription | None:
        """The row that has not ended, as it is now: the caller holds the member's wallet."""
        statement = select(Subscription).where(Subscription.user_id == user_id, Subscription.status != SubscriptionStatus.ended)
        return self.session.exec(statement, execution_options={"populate_existing": True}).first()

    def of(self, user_id: UUID) -> list[Subscription]:
        """The newest first."""
        return list(
            self.session.exec(select(Subscription).where(Subscription.user_id == user_id).order_by(col(Subscription.id).desc()))
        )

    def due(self, now: datetime, *, limit: int) -> list[UUID]:
        """Members whose subscription time has done something to, in the order of their ids."""
        lasting = col(Subscription.status).in_([SubscriptionStatus.active, SubscriptionStatus.canceled, SubscriptionStatus.grace])
        over = col(Subscription.period_end) <= now, func.coalesce(col(Subscription.grace_until), now) <= now
        statement = select(Subscription.user_id).where(lasting, *over).order_by(col(Subscription.period_end)).limit(limit)
        return sorted(self.session.exec(statement))

    def lock_wallet(self, user_id: UUID) -> bool:
        """The member's wallet, unless somebody holds it: False then."""
        statement = select(WalletRow.user_id).where(WalletRow.user_id == user_id).with_for_update(skip_locked=True)
        return self.session.exec(statement).first() is not None

    def changes(self, user_id: UUID, *, limit: int) -> list[SubscriptionChange]:
        """The newest first."""
        of_member = select(SubscriptionChange).where(SubscriptionChange.user_id == user_id)
        return list(self.session.exec(of_member.order_by(col(SubscriptionChange.id).desc()).limit(limit)))


class PreferenceRepository:
    """One row a member who has decided something."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def set(self, user_id: UUID, *, spending_cap: int | None, uses_credits: bool) -> None:
        """From now on."""
        decided = {"spending_cap": spending_cap, "uses_credits": uses_credits}
        statement = insert(BillingPreference).values(user_id=user_id, **decided)
        self.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=decided))


_HOLD = text("""
INSERT INTO allowances AS known (user_id, kind, starts_on, ceiling, used, held)
VALUES (:user_id, :kind, :starts_on, :ceiling, 0, :amount)
ON CONFLICT (user_id, kind, starts_on)
DO UPDATE SET held = known.held + excluded.held, ceiling = greatest(known.ceiling, excluded.ceiling)
""")
_SETTLE = text("""
UPDATE allowances SET held = held - :amount, used = used + :used
WHERE user_id = :user_id AND kind = :kind AND starts_on = :starts_on RETURNING held
""")


class AllowanceRepository:
    """One row a window of a member."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def hold(self, user_id: UUID, kind: AllowanceKind, starts_on: date, amount: int, *, limit: int | None) -> None:
        """Count so much against the window, which begins with the first use of it. Raises: IntegrityError beyond its limit.

        A limit that fell within the window stays as high as what was used before.
        """
        window = {"user_id": user_id, "kind": kind.value, "starts_on": starts_on}
        self.session.execute(_HOLD, {**window, "amount": amount, "ceiling": limit})

    def settle(self, user_id: UUID, kind: AllowanceKind, starts_on: date, amount: int, *, is_used: bool) -> None:
        """What was held is used, or free again. Raises: NoResultFound where nothing was."""
        window = {"user_id": user_id, "kind": kind.value, "starts_on": starts_on}
        self.session.execute(_SETTLE, {**window, "amount": amount, "used": amount if is_used else 0}).scalar_one()
