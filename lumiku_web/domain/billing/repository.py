"""Statements over plans, subscriptions, allowances and preferences."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, and_, bindparam, cast, func, update
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.accounts.models import User
from lumiku_web.domain.billing.models import Allowance, BillingPreference, Plan, Subscription, SubscriptionChange
from lumiku_web.domain.billing.schemas import AllowanceKind, SubscriptionStatus
from lumiku_web.domain.ledger.models import LedgerEvent, LedgerPosting, WalletRow
from lumiku_web.domain.ledger.schemas import Account


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


class TreasuryRepository:
    """What the books say of the acts of admins."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def act(self, key: str) -> tuple[str, UUID, int, str] | None:
        """(kind, member, credits that it gave the member, reason) of what happened under this key.

        Two that ask for one key wait for each other: the second then finds what the first did, for whomever it was.
        """
        self.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
        house = col(LedgerPosting.user_id).is_(None)
        statement = (
            select_columns(col(LedgerEvent.kind), col(LedgerEvent.user_id), col(LedgerPosting.amount), col(LedgerEvent.reason))
            .join(LedgerPosting, and_(col(LedgerPosting.event_id) == col(LedgerEvent.id), house))
            .where(col(LedgerEvent.key) == key)
        )
        row = self.session.execute(statement).first()
        return (row[0], row[1], -row[2], row[3]) if row else None

    def sold(self, user_id: UUID) -> int:
        """Credits that were sold to this member and not taken back."""
        statement = (
            select(func.coalesce(-func.sum(col(LedgerPosting.amount)), 0))
            .join(LedgerEvent, col(LedgerEvent.id) == col(LedgerPosting.event_id))
            .where(LedgerEvent.user_id == user_id, LedgerPosting.account == Account.sold)
        )
        return int(self.session.exec(statement).one())


class AllowanceRepository:
    """One row a window of a member."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def hold(self, user_id: UUID, kind: AllowanceKind, starts_on: date, amount: int, *, limit: int | None) -> None:
        """Count so much against the window, which begins with the first use of it. Raises: IntegrityError beyond its limit.

        A limit that fell within the window stays as high as what was used before.
        """
        highest = func.greatest(col(Allowance.ceiling), limit)
        statement = insert(Allowance).values(
            user_id=user_id, kind=kind.value, starts_on=starts_on, ceiling=limit, used=0, held=amount
        )
        raised = {"held": col(Allowance.held) + amount, "ceiling": highest}
        self.session.execute(statement.on_conflict_do_update(index_elements=["user_id", "kind", "starts_on"], set_=raised))

    def settle(self, user_id: UUID, kind: AllowanceKind, starts_on: date, amount: int, *, is_used: bool) -> None:
        """What was held is used, or free again. Raises: NoResultFound where nothing was."""
        changed = {"held": col(Allowance.held) - amount, **({"used": col(Allowance.used) + amount} if is_used else {})}
        window = col(Allowance.user_id) == user_id, col(Allowance.kind) == kind.value, col(Allowance.starts_on) == starts_on
        self.session.execute(update(Allowance).where(*window).values(**changed).returning(col(Allowance.held))).scalar_one()
