"""Statements over the sums by day."""

from uuid import UUID

from sqlalchemy import Date, cast, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from lumiku_web.domain.usage.models import UsageDay


class UsageRepository:
    """One row a day, app, model and member."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, app: str, model: str, user_id: UUID, *, credits: int, quota: int, cost_microusd: int) -> None:
        """One picture more, today."""
        today = cast(func.timezone("UTC", func.now()), Date)
        one = {"pictures": 1, "credits": credits, "quota": quota, "cost_microusd": cost_microusd}
        statement = insert(UsageDay).values(day=today, app=app, model=model, user_id=user_id, **one)
        raised = {name: getattr(UsageDay, name) + number for name, number in one.items()}
        self.session.execute(statement.on_conflict_do_update(index_elements=["day", "app", "model", "user_id"], set_=raised))
