"""The list of projects and the form for a new one."""

import time
from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.projects import service as projects
from lumiku_web.ids import new_id
from lumiku_web.ui.cards import ProjectCard
from lumiku_web.ui.guard import member
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.showing import project_card

#: Two clicks on the same name within this many seconds are one double click.
DOUBLE_CLICK_SECONDS: Final = 2.0


class ProjectsState(SessionState):
    """The person's projects, newest first."""

    cards: list[ProjectCard] = []
    is_ready: bool = False
    field_errors: dict[str, str] = {"name": ""}

    #: What was made last: a second click on the same name makes the same project.
    _last_id: UUID | None = None
    _last_name: object = None
    _last_at: float = 0.0

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL."""
        mine = await call(gallery.project_covers, self._actor)
        self.cards = [project_card(project, covers, self.language) for project, covers in mine]
        self.field_errors, self.is_ready = {"name": ""}, True

    @rx.event
    @member
    async def create(self, form: dict[str, object]) -> rx.event.EventSpec:
        """Make a project and open it. A double click makes one."""
        self.field_errors = {"name": ""}
        name = form.get("name")
        again = self._last_id if name == self._last_name and time.monotonic() - self._last_at < DOUBLE_CLICK_SECONDS else None
        made = await call(projects.create, self._actor, name, project_id=again or new_id())
        self._last_id, self._last_name, self._last_at = made.id, name, time.monotonic()
        return rx.redirect(f"/projects/{made.id}")
