"""The list of projects and the form for a new one."""

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


class ProjectsState(SessionState):
    """The person's projects, newest first."""

    cards: list[ProjectCard] = []
    is_ready: bool = False
    field_errors: dict[str, str] = {"name": ""}

    _draft_id: UUID | None = None

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL."""
        mine = await call(gallery.project_covers, self._actor)
        self.cards = [project_card(project, covers, self.language) for project, covers in mine]
        self.field_errors, self._draft_id, self.is_ready = {"name": ""}, new_id(), True

    @rx.event
    @member
    async def create(self, form: dict[str, object]) -> rx.event.EventSpec:
        """Make a project and open it. A double click makes one: the draft has an id already."""
        self.field_errors = {"name": ""}
        made = await call(projects.create, self._actor, form.get("name"), project_id=self._draft_id or new_id())
        return rx.redirect(f"/projects/{made.id}")
