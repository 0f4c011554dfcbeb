"""One project of the person."""

import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import Cursor, ImageRead, PicturePage
from lumiku_web.domain.projects import service as projects
from lumiku_web.errors import NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.guard import member
from lumiku_web.ui.hub import followers
from lumiku_web.ui.pages.project.receiving import receive
from lumiku_web.ui.picture_viewer import PictureViewer
from lumiku_web.ui.picture_window import Window
from lumiku_web.ui.session import SessionState

ROUTE: Final = "projects/[project]"
#: What the browser names an upload by, for progress and cancel.
UPLOAD_ID: Final = "photos"
#: Files of one drop that the browser refuses and that it sends arrive this close to each other.
SAME_DROP_SECONDS: Final = 2.0


@dataclass(frozen=True)
class RefusedFile:
    """A file that was not taken, and why."""

    name: str
    reason: str


class ProjectState(PictureViewer, SessionState):
    """Its name, its newest pictures, the upload in progress."""

    name: str = ""
    is_ready: bool = False
    is_missing: bool = False
    is_renaming: bool = False
    field_errors: dict[str, str] = {"name": ""}
    upload_percent: int = -1
    upload_limit_mb: int = 25
    refused_files: list[RefusedFile] = []

    _project_id: UUID | None = None
    _refused_at: float = 0.0

    @rx.event
    @member
    async def load(self) -> None:
        """From PostgreSQL; somebody else's project is shown as missing."""
        self.is_ready, self.is_missing, self.refused_files = False, False, []
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

    @rx.event
    @member
    async def show_progress(self, progress: dict[str, Any]) -> None:
        """How far the browser has sent the files."""
        share = progress.get("progress")
        self.upload_percent = max(0, min(100, round(share * 100))) if isinstance(share, int | float) else 0

    @rx.event
    @member
    async def refuse_drop(self, rejected: list[dict[str, Any]]) -> None:
        """The browser itself refused these by their type or size."""
        self._refused_at = time.monotonic()
        reason = self._say("error.photo_type_or_size")
        self.refused_files = [RefusedFile(_name_of(refusal), reason) for refusal in rejected[:20]]

    @rx.event
    @member
    async def cancel_upload(self) -> Any:
        """Stop sending; what has arrived of the file is thrown away."""
        self.upload_percent = -1
        return rx.cancel_upload(UPLOAD_ID)

    @rx.event(background=True)
    @member
    async def receive(self, chunks: rx.UploadChunkIterator) -> None:
        """Take photographs in, one after the other; each is shown by the feed like any other picture."""
        async with self:
            actor, project_id = self._actor, self._opened()
            if time.monotonic() - self._refused_at > SAME_DROP_SECONDS:
                self.refused_files = []
        try:
            async for name, refused in receive(chunks, actor, project_id):
                if refused is not None:
                    async with self:
                        reason = self._say(f"error.{refused.key}", **refused.facts)
                        self.refused_files = [*self.refused_files, RefusedFile(name, reason)]
        finally:
            async with self:
                self.upload_percent = -1

    def _opened(self) -> UUID:
        if self._project_id is None:
            raise NotFound("project_not_found")
        return self._project_id

    async def _load(self, project_id: UUID | None) -> None:
        if project_id is None:
            raise NotFound("project_not_found")
        project = await call(projects.get, self._actor, project_id)
        self._project_id, self.name = project.id, project.name
        self.upload_limit_mb = services().settings.upload_limit_bytes // 1_000_000
        await self._show_first()
        (await self.get_state(AppState)).asked_project = ""  # the next link to an app asks for this project anew

    async def _read_page(self, after: Cursor | None) -> PicturePage:
        return await call(gallery.page, self._actor, project_id=self._opened(), after=after)

    def _takes(self, image: ImageRead) -> bool:
        return image.project_id == self._project_id and image.trashed_at is None


def _name_of(refusal: dict[str, Any]) -> str:
    """The file's name in a refusal of react-dropzone: `{"file": {"path": …}, "errors": …}`."""
    file = refusal.get("file")
    path = file.get("path", "") if isinstance(file, dict) else ""
    return str(path).removeprefix("./")[:200]


followers[ROUTE] = ProjectState
