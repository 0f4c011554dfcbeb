"""Sums of spans of days, for admins: the caller checks who asks."""

from typing import Final
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.usage.policy import span_of
from lumiku_web.domain.usage.repository import UsageRepository
from lumiku_web.domain.usage.schemas import Measure, MemberSums, Period, UsageRead

#: Members of which the sums are told one by one.
MEMBER_LIMIT: Final = 50


def usage(
    uow: UnitOfWork,
    period: Period = Period.days_30,
    back: int = 0,
    *,
    app: str = "",
    model: str = "",
    user_id: UUID | None = None,
    rank: Measure = Measure.pictures,
) -> UsageRead:
    """The days of a span, see `policy.span_of`, of one app, model and member or of all. Two statements of one moment.

    Members are told in the order of `rank`, the first `MEMBER_LIMIT` of them.
    """
    uow.snapshot()
    sums = UsageRepository(uow.session)
    span = span_of(period, sums.today(), back)
    cells = sums.cells(span, user_id)
    members, count = sums.members(span, app=app, model=model, user_id=user_id, rank=rank, limit=MEMBER_LIMIT)
    emails = accounts.emails(uow, members.keys())
    return UsageRead(
        span=span,
        cells=tuple(cell for cell in cells if cell.app == (app or cell.app) and cell.model == (model or cell.model)),
        members=tuple(MemberSums(one, emails.get(one, str(one)), each) for one, each in members.items()),
        member_count=count,
        apps=tuple(sorted({cell.app for cell in cells})),
        models=tuple(sorted({cell.model for cell in cells})),
    )
