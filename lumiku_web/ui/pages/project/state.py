"""One project of the person."""

from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import Cursor, ImageRead, PicturePage
from lumiku_web.domain.projects import service as projects
from lumiku_web.errors import NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.guard import member
from lumiku_web.ui.hub import followers
from lumiku_web.ui.picture_viewer import PictureViewer
from lumiku_web.ui.picture_window import Window
from lumiku_web.ui.session import SessionState

ROUTE: Final = "projects/[project]"


class ProjectState(PictureViewer, SessionState):
    """Its name and its newest pictures."""

    name: str = ""
    is_ready: bool = False
    is_missing: bool = False
    is_renaming: bool = False
    field_errors: dict[str, str] = {"name": ""}

    _project_id: UUID | None = None

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL; somebody else's project is shown as missing."""
        self.is_ready = self.is_missing = self.is_viewer_open = False
        try:
            await self._load(parse_id(self.router.url.path.rstrip("/").rsplit("/", 1)[-1]))
        except NotFound:
            self._project_id, self.is_missing = None, True
            self._show(Window())
        self.is_ready = True

    @rx.event
    @member
    async def ask_rename(self, asked: bool) -> None:
        """Show or hide the form with the name."""
        self.is_renaming, self.field_errors = bool(asked), {"name": ""}

    @rx.event
    @member
    async def rename(self, form: dict[str, object]) -> None:
        """Raises: InvalidInput, NotFound."""
        self.field_errors = {"name": ""}
        renamed = await call(projects.rename, self._actor, self._opened(), form.get("name"))
        self.name, self.is_renaming = renamed.name, False

    def _opened(self) -> UUID:
        if self._project_id is None:
            raise NotFound("project_not_found")
        return self._project_id

    async def _load(self, project_id: UUID | None) -> None:
        if project_id is None:
            raise NotFound("project_not_found")
        project = await call(projects.get, self._actor, project_id)
        is_same = self._project_id == project.id
        self._project_id, self.name = project.id, project.name
        await (self._show_again() if is_same else self._show_first())
        (await self.get_state(AppState)).asked_project = ""  # the next link to an app asks for this project anew

    async def _read_page(self, after: Cursor | None) -> PicturePage:
        return await call(gallery.page, self._actor, project_id=self._opened(), after=after)

    def _takes(self, image: ImageRead) -> bool:
        return image.project_id == self._project_id and image.trashed_at is None


followers[ROUTE] = ProjectState
