"""The list of people: searched, a page at a time."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.usage import service as usage
from lumiku_web.ui.guard import admin
from lumiku_web.ui.kit.record_table import Record
from lumiku_web.ui.pages.admin.people_rows import person_rows
from lumiku_web.ui.session import SessionState


class AdminPeopleState(SessionState):
    """One page of those who fit, newest accounts first."""

    people: list[Record] = []
    words: str = ""
    #: From 1.
    page: int = 1
    has_more: bool = False
    is_ready: bool = False
    field_errors: dict[str, str] = {"words": ""}

    #: After whom each page begins, this one's last; and the next one's.
    _after: tuple[UUID | None, ...] = (None,)
    _next: UUID | None = None

    @rx.event
    @admin
    async def load(self) -> AsyncIterator[None]:
        """The page that was open, as it is now; `?search=` begins with these words."""
        asked = self.router.url.query_parameters.get("search", "")
        if asked and asked != self.words:
            self.words, self._after, self.is_ready = asked, (None,), False
            yield  # the field must begin anew
        await self._show(self._after)

    @rx.event
    @admin
    async def search(self, form: dict[str, object]) -> None:
        """Those with these words in their name or address. Raises: InvalidInput(`too_long`)."""
        self.field_errors = {"words": ""}
        self.words = str(form.get("words", ""))
        await self._show((None,))

    @rx.event
    @admin
    async def following(self) -> None:
        """Older accounts."""
        if self._next:
            await self._show((*self._after, self._next))

    @rx.event
    @admin
    async def preceding(self) -> None:
        """Newer accounts."""
        await self._show(self._after[:-1] or (None,))

    async def _show(self, after: tuple[UUID | None, ...]) -> None:
        self.people, self._next = await call(_page, self._actor, self.words, after[-1], utc_now(), self.language)
        self._after, self.page, self.has_more, self.is_ready = after, len(after), self._next is not None, True


def _page(
    uow: UnitOfWork, actor: Actor, words: str, after: UUID | None, now: datetime, language: str
) -> tuple[list[Record], UUID | None]:
    """Three statements, however many people."""
    made = services()
    found = made.people.search(uow, actor, words, after)
    ids = [one.id for one in found.people]
    standings = made.payments.standings(uow, ids)
    return person_rows(found.people, standings, usage.pictures(uow, ids), now, language), found.after
