"""The page of jobs: what the house shows, and what an admin does about it."""

from datetime import datetime
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.generations.overview import Overview
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import InvalidInput, NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.guard import admin
from lumiku_web.ui.kit.record_table import Record
from lumiku_web.ui.pages.admin import jobs_rows
from lumiku_web.ui.pages.admin.jobs_rows import Figures
from lumiku_web.ui.pages.admin.jobs_watch import seen_now, watch
from lumiku_web.ui.session import SessionState


class AdminJobsState(SessionState):
    """Filled when the page opens and after each act; `jobs_watch` brings what changes in between."""

    figures: Figures = Figures()
    workers: list[Record] = []
    routes: list[Record] = []
    stuck: list[Record] = []
    failed: list[Record] = []
    is_paused: bool = False
    is_ready: bool = False
    #: The question that is open: `cancel` or `limit`, about whom or what it is, and what stands in its field.
    question: str = ""
    asked_name: str = ""
    asked_limit: str = ""
    field_errors: dict[str, str] = {"limit": ""}

    _asked: str = ""
    _seen_at: datetime | None = None

    @rx.event
    @admin
    async def load(self) -> None:
        """The house as it is now; from here on this tab is told what changes."""
        self.question = ""
        await self._refresh()
        self.is_ready = True
        watch.follow(self.router.session.client_token, self._actor.user_id, AdminJobsState)

    @rx.event
    @admin
    async def pause(self, key: str) -> None:
        """Begin nothing more by this route, or by any (`EVERYTHING`)."""
        await call(services().operations.pause, self._actor, str(key))
        await self._done("jobs.paused_all" if key == EVERYTHING else "jobs.paused_one", route=jobs_rows.named(str(key)))

    @rx.event
    @admin
    async def go_on(self, key: str) -> None:
        """The end of that; routes that are paused by themselves stay so when everything goes on."""
        await call(services().operations.resume, self._actor, str(key))
        await self._done("jobs.resumed_all" if key == EVERYTHING else "jobs.resumed_one", route=jobs_rows.named(str(key)))

    @rx.event
    @admin
    async def ask_limit(self, key: str) -> None:
        """Ask how many of this route at once."""
        known = next((record for record in self.routes if record.id == key), None)
        if known is None:
            raise NotFound("route_not_found")
        limit = next(iter(known.values[4:]), "")
        self.question, self._asked, self.asked_name = "limit", known.id, jobs_rows.named(known.id)
        self.asked_limit, self.field_errors = str(limit), {"limit": ""}

    @rx.event
    @admin
    async def set_limit(self, form: dict[str, object]) -> None:
        """So many; an empty field ends the bound."""
        typed = str(form.get("limit", "")).strip()
        if typed and not (typed.isascii() and typed.isdigit()):
            raise InvalidInput("limit_not_a_number", field="limit")
        await call(services().operations.limit, self._actor, self._asked, int(typed[:9]) if typed else None)
        route, self.question = self.asked_name, ""
        await (self._done("jobs.limited", route=route, count=int(typed)) if typed else self._done("jobs.unlimited", route=route))

    @rx.event
    @admin
    async def ask_cancel(self, row_id: str) -> None:
        """Name what would be ended."""
        known = next((record for record in self.stuck if record.id == row_id), None)
        if known is None:
            raise NotFound("order_not_found")
        self.question, self._asked, self.asked_name = "cancel", known.id, known.cells[0]

    @rx.event
    @admin
    async def keep(self) -> None:
        """Nothing is done."""
        self.question = ""

    @rx.event
    @admin
    async def cancel(self) -> None:
        """End the picture that was asked about."""
        self.question = ""
        await call(services().operations.cancel_item, self._actor, _parsed(self._asked))
        await self._done("jobs.cancelled", member=self.asked_name)

    @rx.event
    @admin
    async def hurry(self, row_id: str) -> None:
        """Let its turn come now."""
        await call(services().operations.hurry, self._actor, _parsed(row_id))
        await self._done("jobs.hurried")

    @rx.event
    @admin
    async def try_again(self, order_id: str) -> None:
        """Order what failed once more for its member, on the house."""
        await call(services().operations.try_again, self._actor, _parsed(order_id))
        await self._done("jobs.tried_again")

    async def _done(self, key: str, **facts: object) -> None:
        self._notify(self._say(key, **facts), "success")
        await self._refresh()

    async def _refresh(self) -> None:
        self._show(await seen_now())

    def _show(self, seen: Overview) -> None:
        """Set what is another one than before: only that is sent. What was read earlier than what is shown is nothing new."""
        now, language = seen.numbers.at, self.language
        if self._seen_at is not None and now <= self._seen_at:
            return
        self._seen_at = now
        shown = {
            "figures": jobs_rows.figures(seen.numbers, watch.lately, language),
            "workers": jobs_rows.worker_rows(seen.workers, now, language),
            "routes": jobs_rows.route_rows(seen.numbers, language),
            "stuck": jobs_rows.stuck_rows(seen.stuck, now, language),
            "failed": jobs_rows.failed_rows(seen.failed, now, language),
            "is_paused": seen.numbers.is_paused,
        }
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _parsed(text: object) -> UUID:
    found = parse_id(text)
    if found is None:
        raise NotFound("order_not_found")
    return found
