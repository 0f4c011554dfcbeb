"""The page of credits: plans, the person's own plan, bounds of their own, and the statement page by page.

What the person has right now is not here: every tab has it, see `LiveState.purse`.
"""

from typing import Final

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.billing.schemas import PlanRead
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.schemas import ModelRead
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.errors import InvalidInput
from lumiku_web.http.statement import SHOWN, read_page
from lumiku_web.ui.cards import PlanCard, StatementRow
from lumiku_web.ui.guard import member
from lumiku_web.ui.hub import watchers
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.pages.credits.rows import months_back, plan_cards, statement_rows
from lumiku_web.ui.session import SessionState

ROUTE: Final = "credits"
#: Entries of a page.
PAGE: Final = 50
_MONTHS: Final = 13


class CreditsState(SessionState):
    """What can be had, and what the person decides about it."""

    plans: list[PlanCard] = []
    #: By key, also of plans that are not offered any more to others.
    plan_titles: dict[str, str] = {}
    is_ready: bool = False
    #: The question that is open: `cancel` or `resume`.
    question: str = ""
    field_errors: dict[str, str] = {"cap": ""}

    @rx.event
    @member
    async def load(self) -> None:
        """What is offered now."""
        self.question, self.field_errors = "", {"cap": ""}
        plans, models = await call(_offer)
        self.plans = plan_cards(plans, models)
        self.plan_titles = {plan.key: plan.title for plan in plans}
        self.is_ready = True

    @rx.event
    @member
    async def ask(self, question: str) -> None:
        """Say what would happen first."""
        self.question = question if question in {"cancel", "resume_plan"} else ""

    @rx.event
    @member
    async def keep(self) -> None:
        """Nothing is done."""
        self.question = ""

    @rx.event
    @member
    async def cancel(self) -> None:
        """End the plan with what is paid. Raises: NotFound(`plan_missing`)."""
        self.question = ""
        await call(services().billing.cancel, self._actor)
        self._notify(self._say("plan.was_canceled"), "success")

    @rx.event
    @member
    async def resume_plan(self) -> None:
        """Let it go on after all. Raises: NotFound(`plan_missing`), Conflict(`plan_unpaid`)."""
        self.question = ""
        await call(services().billing.resume, self._actor)
        self._notify(self._say("plan.was_resumed"), "success")

    @rx.event
    @member
    async def set_spending(self, form: dict[str, object]) -> None:
        """So many credits a month at most, an empty field is no bound; and whether they pay beyond the quota."""
        typed = str(form.get("cap", "")).strip()
        if typed and not (typed.isascii() and typed.isdigit()):
            raise InvalidInput("limit_not_a_number", field="cap")
        cap = int(typed[:20]) if typed else None
        uses_credits = form.get("uses_credits") in {True, "on", "true"}
        await call(services().billing.set_spending, self._actor, cap=cap, uses_credits=uses_credits)
        self.field_errors = {"cap": ""}
        self._notify(self._say("spending.saved"), "success")


class StatementState(SessionState):
    """One page of the statement."""

    rows: list[StatementRow] = []
    show: str = "all"
    #: "2026-11", UTC; empty for all time.
    month: str = ""
    months: list[str] = []
    has_older: bool = False
    has_newer: bool = False
    is_ready: bool = False
    #: Something happened since these rows were read.
    is_stale: bool = False

    #: What each page down to this one comes after; None: it is the newest.
    _path: tuple[int | None, ...] = (None,)
    _after: int | None = None
    #: What the person had when these rows were read: available, held, owed.
    _seen: tuple[int, int, int] = (0, 0, 0)

    @rx.event
    @member
    async def load(self) -> None:
        """The newest entries, as they were filtered before."""
        self.months = months_back(utc_now().date(), _MONTHS)
        await self._read(None)
        self.is_ready = True

    @rx.event
    @member
    async def filter_kinds(self, show: str) -> None:
        """One of the lists. Raises: NotFound."""
        before, self.show = self.show, show if show in SHOWN else self.show
        if self.show != before:
            await self._read(None)

    @rx.event
    @member
    async def filter_month(self, month: str) -> None:
        """A month, or all time."""
        before, self.month = self.month, month if month in self.months else ""
        if self.month != before:
            await self._read(None)

    @rx.event
    @member
    async def newest(self) -> None:
        """What has happened meanwhile, too."""
        await self._read(None)

    @rx.event
    @member
    async def older(self) -> None:
        """The page that comes after this one, in its place."""
        if self._after is not None:
            await self._read(*self._path, self._after)

    @rx.event
    @member
    async def newer(self) -> None:
        """The page that was before this one, in its place."""
        await self._read(*(self._path[:-1] or (None,)))

    async def _read(self, *path: int | None) -> None:
        page = await call(read_page, self._actor, show=self.show, month=self.month, after=path[-1], limit=PAGE)
        self.rows = statement_rows(page)
        self._path, self._after = path, page.after
        self.has_older, self.has_newer = page.after is not None, len(path) > 1
        self.is_stale = False
        has = (await self.get_state(LiveState)).purse
        self._seen = (has.available, has.held, has.owed)

    def _on_feed(self, feed: MemberFeed) -> None:
        """Credits have moved: say so and change nothing, for whoever reads a line must not lose it."""
        has = feed.standing
        if self.is_ready and has and (has.available, has.held, has.owed) != self._seen:
            self.is_stale = True


def _offer(uow: UnitOfWork) -> tuple[list[PlanRead], list[ModelRead]]:
    return billing.plans(uow), catalog.usable_models(uow, services().providers)


watchers[ROUTE] = StatementState
