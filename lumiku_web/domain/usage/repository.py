"""Statements over the sums by day."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, bindparam, cast, func, text
from sqlalchemy import select as select_columns  # SQLModel's knows four columns at most
from sqlmodel import Session, col

from lumiku_web.domain.usage.models import UsageDay, UsageTotal
from lumiku_web.domain.usage.schemas import Cell, Measure, Span, Sums

_TODAY: Final = cast(func.timezone("UTC", func.now()), Date)
#: Rows that share the totals of an app's model on a day.
PARTS: Final = 16

_RAISED: Final = """
    INSERT INTO {table} AS known (day, app, model, {whose}, pictures, credits, quota, cost_microusd)
    VALUES (CAST(now() AT TIME ZONE 'UTC' AS date), :app, :model, :{whose}, 1, :credits, :quota, :cost)
    ON CONFLICT (day, app, model, {whose}) DO UPDATE SET
        pictures = known.pictures + 1, credits = known.credits + excluded.credits,
        quota = known.quota + excluded.quota, cost_microusd = known.cost_microusd + excluded.cost_microusd
"""
_OF_MEMBER, _OF_ALL = _RAISED.format(table="usage_days", whose="user_id"), _RAISED.format(table="usage_totals", whose="part")
_ADD: Final = text(f"WITH of_member AS ({_OF_MEMBER}) {_OF_ALL}")

MembersFound = tuple[dict[UUID, Sums], int]


class UsageRepository:
    """One row a day, app, model and member."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def today(self) -> date:
        """The UTC day of this transaction."""
        return self.session.execute(select_columns(_TODAY)).scalar_one()

    def add(self, app: str, model: str, user_id: UUID, *, credits: int, quota: int, cost_microusd: int) -> None:
        """One picture more, today: for its member, and for all."""
        place = {"app": app, "model": model, "user_id": user_id, "part": user_id.int % PARTS}
        self.session.execute(_ADD, {**place, "credits": credits, "quota": quota, "cost": cost_microusd})

    def pictures(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many each of these members ever got; who got none is left out."""
        who, sums = col(UsageDay.user_id), _sums(UsageDay)
        statement = select_columns(who, sums[Measure.pictures]).where(who.in_(user_ids)).group_by(who)
        return {row[0]: row[1] for row in self.session.execute(statement)}

    def cells(self, span: Span, user_id: UUID | None) -> list[Cell]:
        """The sums of each day, app and model, in this order: of one member, or of all."""
        table = UsageTotal if user_id is None else UsageDay
        own = [] if user_id is None else [col(UsageDay.user_id) == user_id]
        place = col(table.day), col(table.app), col(table.model)
        statement = select_columns(*place, *_sums(table).values()).where(_within(table, span), *own)
        rows = self.session.execute(statement.group_by(*place).order_by(*place))
        return [Cell(row[0], row[1], row[2], Sums(*row[3:])) for row in rows]

    def members(self, span: Span, *, app: str, model: str, user_id: UUID | None, rank: Measure, limit: int) -> MembersFound:
        """The sums of the first members by `rank`, and how many members there are."""
        who, sums = col(UsageDay.user_id), _sums(UsageDay)
        asked = ((col(UsageDay.app), app), (col(UsageDay.model), model), (who, user_id))
        statement = (
            select_columns(who, func.count().over(), *sums.values())
            .where(_within(UsageDay, span), *(column == wanted for column, wanted in asked if wanted))
            .group_by(who)
            .order_by(sums[rank].desc(), who)
            .limit(limit)
        )
        rows = self.session.execute(statement).all()
        return {row[0]: Sums(*row[2:]) for row in rows}, rows[0][1] if rows else 0


def _within(table: type[UsageDay | UsageTotal], span: Span) -> ColumnElement[bool]:
    """The days stand in the statement itself: a plan for any days at all would go by the index, row after row."""
    first, last = (bindparam(None, day, Date, literal_execute=True) for day in (span.first, span.last))
    return col(table.day).between(first, last)


def _sums(table: type[UsageDay | UsageTotal]) -> dict[Measure, ColumnElement[int]]:
    """PostgreSQL makes a decimal of a sum of bigints, unless it is told not to."""
    return {measure: cast(func.sum(getattr(table, measure.value)), BigInteger) for measure in Measure}
