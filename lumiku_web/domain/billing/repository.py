"""Statements over plans, subscriptions, allowances and preferences."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, and_, cast, func, literal, update
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from lumiku_web.domain.accounts.models import User
from lumiku_web.domain.billing.models import Allowance, BillingPreference, Plan, Subscription
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
        """(user id, wallet, subscription, plan, day, month, spending, preference, now) of each member; what there is not is None.

        `now` chooses the windows; None: the beginning of this transaction, by the database's clock.
        """
        moment = func.now() if now is None else literal(now, DateTime(timezone=True))
        in_utc = func.timezone("UTC", moment)
        day, month = cast(in_utc, Date), cast(func.date_trunc("month", in_utc), Date)
        days, months, spendings = aliased(Allowance), aliased(Allowance), aliased(Allowance)

        def window(of: type[Allowance], kind: AllowanceKind, starts_on: ColumnElement[date]) -> Any:  # noqa: ANN401 (a clause)
            return and_(col(of.user_id) == col(User.id), col(of.kind) == kind.value, col(of.starts_on) == starts_on)

        statement = (
            select_columns(col(User.id), WalletRow, Subscription, Plan, days, months, spendings, BillingPreference, moment)
            .outerjoin(WalletRow, col(WalletRow.user_id) == col(User.id))
            .outerjoin(
                Subscription,
                and_(col(Subscription.user_id) == col(User.id), col(Subscription.status) != SubscriptionStatus.ended.value),
            )
            .outerjoin(Plan, col(Plan.key) == col(Subscription.plan_key))
            .outerjoin(days, window(days, AllowanceKind.day, day))
            .outerjoin(months, window(months, AllowanceKind.month, month))
            .outerjoin(spendings, window(spendings, AllowanceKind.spending, month))
            .outerjoin(BillingPreference, col(BillingPreference.user_id) == col(User.id))
            .where(col(User.id).in_(user_ids))
        )
        return self.session.execute(statement, execution_options={"populate_existing": True}).all()


class PlanRepository:
    """What can be subscribed to."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add_missing(self, plans: list[Plan]) -> None:
        """Insert those that are not there yet."""
        for plan in plans:
            self.session.execute(insert(Plan).values(**plan.model_dump()).on_conflict_do_nothing())


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
        """What was held is used, or free again."""
        changed = {"held": col(Allowance.held) - amount, **({"used": col(Allowance.used) + amount} if is_used else {})}
        window = col(Allowance.user_id) == user_id, col(Allowance.kind) == kind.value, col(Allowance.starts_on) == starts_on
        self.session.execute(update(Allowance).where(*window).values(**changed))
