"""Sums by day, raised with each delivery."""

from collections.abc import Collection
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.schemas import PaidWith, Share
from lumiku_web.domain.usage.repository import UsageRepository


def record(uow: UnitOfWork, app: str, model: str, share: Share, *, cost_microusd: int) -> None:
    """Count one delivered picture on the UTC day of this transaction: the day of its capture in the ledger.

    Joins the caller's transaction and locks the row of member, app, model and day: call it after the wallet's lock.
    """
    credits = share.amount if share.paid_with is PaidWith.credits else 0
    quota = share.amount if share.paid_with is PaidWith.quota else 0
    UsageRepository(uow.session).add(app, model, share.user_id, credits=credits, quota=quota, cost_microusd=cost_microusd)


def pictures(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many pictures were ever made for each of these members: for admins only, the caller checks."""
    known = UsageRepository(uow.session).pictures(user_ids)
    return {user_id: known.get(user_id, 0) for user_id in user_ids}
