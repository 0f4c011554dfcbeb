"""A member's own statement: a page of it for the screen, and all of it as a file, `/credits/statement.csv`.

However long it is, one page of it is in memory. Pages go from the newest entry down, so what happens meanwhile changes none.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import OrderName
from lumiku_web.domain.ledger import reading
from lumiku_web.domain.ledger.schemas import Entry, EventKind
from lumiku_web.errors import NotFound, Unavailable
from lumiku_web.typed_text import no_formula

#: What can be asked for. What a provider asks the house for a picture moves nothing of the member's.
SHOWN: Final[Mapping[str, tuple[EventKind, ...]]] = {
    "all": tuple(kind for kind in EventKind if kind is not EventKind.cost),
    "in": (EventKind.sign_up, EventKind.purchase, EventKind.grant, EventKind.adjustment),
    "out": (EventKind.capture, EventKind.refund, EventKind.chargeback, EventKind.adjustment),
    "held": (EventKind.hold, EventKind.release, EventKind.expiry),
}
#: Entries that are read at once for the file.
_PAGE: Final = 500
_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_HEAD: Final = ("entry", "time", "kind", "for", "order", "available", "held", "owed")
_AFTERWARDS: Final = ("available_afterwards", "held_afterwards", "owed_afterwards")


@dataclass(frozen=True)
class Page:
    """Newest first. `after` asks for the next one; None at the end."""

    entries: tuple[Entry, ...]
    #: By id, those that are still there.
    orders: Mapping[UUID, OrderName]
    after: int | None


def read_page(uow: UnitOfWork, actor: Actor, *, show: str, month: str, after: int | None, limit: int) -> Page:
    """Of the member's own entries those of `SHOWN[show]` of a UTC month, "2026-11"; an empty one is all time.

    Raises: NotFound(`statement_not_found`) for what can't be asked for.
    """
    if show not in SHOWN:
        raise NotFound("statement_not_found")
    since, until = _bounds(month)
    found = reading.statement(uow, actor.user_id, after=after, limit=limit, kinds=SHOWN[show], since=since, until=until)
    ids = {entry.order_id for entry in found.entries if entry.order_id}
    return Page(found.entries, generations.names(uow, actor, ids), found.after)


def _bounds(month: str) -> tuple[datetime | None, datetime | None]:
    if not month:
        return None, None
    parts = _MONTH.fullmatch(month)
    if parts is None:
        raise NotFound("statement_not_found")
    year, number = int(parts[1]), int(parts[2])
    return datetime(year, number, 1, tzinfo=UTC), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


async def statement(request: Request) -> Response:
    """Everything in the filter of the page: `?show=out&month=2026-11`."""
    actor: Actor = request.state.actor
    show, month = request.query_params.get("show", "all"), request.query_params.get("month", "")
    try:
        first = await call(read_page, actor, show=show, month=month, after=None, limit=_PAGE)
    except NotFound:
        return PlainTextResponse("Not found", status_code=404, headers={"cache-control": "no-store"})
    except Unavailable:
        return PlainTextResponse(
            "Not available right now", status_code=503, headers={"retry-after": "5", "cache-control": "no-store"}
        )
    name = "-".join(part for part in ("lumiku-credits", "" if show == "all" else show, month) if part)
    return StreamingResponse(
        _lines(actor, show, month, first),
        media_type="text/csv; charset=utf-8",
        headers={
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "content-disposition": f'attachment; filename="{name}.csv"',
        },
    )


async def _lines(actor: Actor, show: str, month: str, page: Page) -> AsyncIterator[bytes]:
    """Begin with a mark, without which spreadsheets take UTF-8 for something older."""
    yield b"\xef\xbb\xbf" + _written([_HEAD + _AFTERWARDS])
    yield _written([_row(entry, page) for entry in page.entries])
    while page.after is not None:
        page = await call(read_page, actor, show=show, month=month, after=page.after, limit=_PAGE)
        yield _written([_row(entry, page) for entry in page.entries])


def _row(entry: Entry, page: Page) -> tuple[object, ...]:
    order = page.orders.get(entry.order_id) if entry.order_id else None
    what_for = order.title if order else entry.reason
    return (
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.kind.value,
        no_formula(what_for),
        entry.order_id or "",
        *(entry.available, entry.held, entry.owed),
        *(entry.wallet.available, entry.wallet.held, entry.wallet.owed),
    )


def _written(rows: list[tuple[object, ...]]) -> bytes:
    into = io.StringIO()
    csv.writer(into).writerows(rows)
    return into.getvalue().encode()


ROUTES = [Route("/credits/statement.csv", statement, methods=["GET"])]
