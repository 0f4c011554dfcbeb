"""The page of usage: which days, of what, and how they are counted."""

from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.usage import reading
from lumiku_web.domain.usage.schemas import Measure, Period, UsageRead
from lumiku_web.errors import NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.guard import admin
from lumiku_web.ui.pages.admin.usage_rows import Choice, UsageView, Words, view
from lumiku_web.ui.session import SessionState

_STACKS: Final = ("model", "app")


class AdminUsageState(SessionState):
    """Read anew whenever something else is asked for."""

    period: str = Period.days_30.value
    app: str = ""
    model: str = ""
    #: E-mail of the one member who is looked at; empty: everybody.
    member: str = ""
    measure: str = Measure.pictures.value
    stack: str = "model"
    view: UsageView = UsageView()
    is_ready: bool = False

    _back: int = 0
    _member_id: UUID | None = None

    @rx.event
    @admin
    async def load(self) -> None:
        """The days that end today, of everybody; what was chosen to count stays."""
        self._back, self.app, self.model, self.member, self._member_id = 0, "", "", "", None
        await self._show()
        self.is_ready = True

    @rx.event
    @admin
    async def choose_period(self, period: str) -> None:
        """Other days, up to today."""
        if period not in set(Period):
            raise NotFound
        self.period, self._back = str(period), 0
        await self._show()

    @rx.event
    @admin
    async def earlier(self) -> None:
        """The days before."""
        self._back += 1
        await self._show()

    @rx.event
    @admin
    async def later(self) -> None:
        """The days after."""
        self._back = max(0, self._back - 1)
        await self._show()

    @rx.event
    @admin
    async def choose_app(self, app: str) -> None:
        """Of one app; an empty text is all of them."""
        self.app = str(app)
        await self._show()

    @rx.event
    @admin
    async def choose_model(self, model: str) -> None:
        """Of one model; an empty text is all of them."""
        self.model = str(model)
        await self._show()

    @rx.event
    @admin
    async def choose_member(self, row_id: str) -> None:
        """Of one member of the table."""
        known = next((record for record in self.view.by_member if record.id == row_id), None)
        if known is None:
            raise NotFound("member_not_found")
        self.member, self._member_id = known.cells[0], parse_id(row_id)
        await self._show()

    @rx.event
    @admin
    async def everybody(self) -> None:
        """The end of that."""
        self.member, self._member_id = "", None
        await self._show()

    @rx.event
    @admin
    async def choose_measure(self, measure: str) -> None:
        """Draw and rank by another number."""
        if measure not in set(Measure):
            raise NotFound
        self.measure = str(measure)
        await self._show()

    @rx.event
    @admin
    async def choose_stack(self, stack: str) -> None:
        """Divide the bars by something else."""
        if stack not in _STACKS:
            raise NotFound
        self.stack = str(stack)
        await self._show()

    async def _show(self) -> None:
        measure = Measure(self.measure)
        asked = {"app": self.app, "model": self.model, "user_id": self._member_id, "rank": measure}
        found, models = await call(_read, Period(self.period), self._back, asked)
        made = services()
        apps = {slug: self._say(app.title) for slug, app in made.apps.items()}
        words = Words(self.language, apps, models)
        self.view = view(found, Choice(measure, self.stack), words, is_newest=self._back == 0)


def _read(uow: UnitOfWork, period: Period, back: int, asked: dict[str, object]) -> tuple[UsageRead, dict[str, str]]:
    found = reading.usage(uow, period, back, **asked)
    return found, {model.key: model.title for model in catalog.registered_models(uow, services().providers)}
