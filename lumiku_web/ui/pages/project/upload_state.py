"""Files on their way from this tab into projects of the person."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.uploads.schemas import AlreadyThere, Arrived
from lumiku_web.errors import InvalidInput, LumikuError, Unavailable
from lumiku_web.ids import new_id
from lumiku_web.logs import get_logger
from lumiku_web.ui.guard import member
from lumiku_web.ui.pages.project import upload_request
from lumiku_web.ui.pages.project.state import ProjectState
from lumiku_web.ui.pages.project.upload_list import UploadList
from lumiku_web.ui.pages.project.upload_rows import ROWS, FileFacts, Step, UploadRow
from lumiku_web.ui.session import SessionState

log = get_logger(__name__)

#: A file, its place in the browser, and why it is not taken.
_Brought = tuple[FileFacts, int, InvalidInput | None]


class UploadState(UploadList, SessionState):
    """One row a file, in whatever project it was dropped: to walk through the product does not stop it.

    The page sends what is under way (`uploading`), and stops sending what is not any more.
    """

    #: How many files the browser told us of since its page was loaded; compared with what it counts itself.
    held: int = 0
    limit_mb: int = 25

    _watched: frozenset[str] = frozenset()

    @rx.event
    @member
    async def load(self) -> list[Any]:
        """What the drop zone says. Rows whose `watch` was turned away, or ended with a page, are watched again."""
        self.limit_mb = services().settings.upload_limit_bytes // 1_000_000
        return [UploadState.watch(row.id) for row in self._rows.rows if row.step == Step.starting]

    @rx.event
    @member
    async def announce(self, facts: list[dict[str, Any]], first: int, is_pasted: bool) -> None:
        """The browser holds these files, the first of them at place `first`: a row each, and some start."""
        files = FileFacts.read_all(facts)
        self._compare(first)
        self.held += len(files)
        if is_pasted:
            files = [file.named(self._say("upload.pasted")) for file in files]
        limit = services().settings.upload_limit_bytes
        await self._add([(file, place, file.refusal(limit)) for place, file in enumerate(files, self.held - len(files))])

    @rx.event
    @member
    async def refuse(self, facts: list[dict[str, Any]]) -> None:
        """The browser did not take these, by their type or size, and does not hold them."""
        limit = services().settings.upload_limit_bytes
        await self._add([(file, 0, file.refusal(limit) or InvalidInput("photo_type")) for file in FileFacts.read_all(facts)])

    @rx.event
    @member
    async def attend(self, held: int) -> None:
        """The browser holds another number of files than we know of."""
        self._compare(held)

    @rx.event(background=True)
    @member
    async def receive(self, chunks: rx.UploadChunkIterator, row_id: str) -> None:
        """Take one file in. Raises: NotFound if it is not this row's turn."""
        async with self:
            actor, row = self._actor, self._row(row_id, Step.starting)
            self._show(self._rows.change(row.id, step=Step.sending.value))
            self._show_bytes(row, 0)
        why: LumikuError = Unavailable("upload_cut")
        try:
            await self._take(actor, row, chunks)
        except LumikuError as refused:
            why = refused
            log.info("uploads.refused", reason=refused.key)
        except Exception:
            why = Unavailable("upload_failed")
            raise
        finally:
            async with self:
                self._refuse([row.id], why)

    @rx.event(background=True)
    @member
    async def watch(self, row_id: str) -> None:
        """Begins with the sending of a row: one whose request never reaches `receive` gets its end here."""
        async with self:
            row = self._row(row_id, Step.starting)
            if row.id in self._watched:
                return
            self._watched |= {row.id}
        try:
            await asyncio.sleep(upload_request.SILENCE_SECONDS)
        finally:
            async with self:
                self._watched -= {row.id}
        async with self:
            if self._rows.find(row.id, Step.starting):
                self._refuse([row.id], Unavailable("upload_silent"))

    async def _add(self, files: Sequence[_Brought]) -> None:
        if not files:
            return
        project = await self.get_state(ProjectState)
        project_id, name = str(project._opened()), project.name  # noqa: SLF001 (underscored: no client can call it)
        new = [self._new_row(project_id, name, *brought) for brought in files]
        rows = self._rows.add(new)
        left_out = len({row.id for row in new} - {row.id for row in rows.rows})
        if left_out:
            self._notify(self._say("upload.too_many", limit=ROWS, count=left_out), "warning")
        self._show(rows)

    def _new_row(self, project_id: str, project_name: str, file: FileFacts, place: int, why: InvalidInput | None) -> UploadRow:
        row = UploadRow(str(new_id()), project_id, project_name, file.name, file.media_type, file.size_bytes, place)
        return row.refused(self._say(f"error.{why.key}", **why.facts)) if why else row

    async def _take(self, actor: Actor, row: UploadRow, chunks: rx.UploadChunkIterator) -> None:
        """To its end. Raises: what the receiver raises; NotFound as soon as the person has stopped it."""

        async def show_bytes(came: int) -> None:
            async with self:
                self._show_bytes(self._row(row.id, Step.sending), came)

        async with aclosing(upload_request.receive(actor, row, chunks, show_bytes)) as steps:
            async for step in steps:
                there = step.image if isinstance(step, AlreadyThere) else None
                project_name = (await call(projects.get, actor, there.project_id)).name if there else ""
                async with self:
                    if isinstance(step, Arrived):
                        self._show_arrived(self._row(row.id, Step.sending), step.thumb_uri)
                    elif there:
                        self._show_there(row, there, project_name)
                    else:
                        self._show(self._rows.keep(row.id))

    def _compare(self, said: object) -> None:
        """A browser that holds fewer files than we know of has loaded its page anew; if it holds more, we have lost some."""
        held = said if isinstance(said, int) and said >= 0 else 0
        if held < self.held:
            gone = [row.id for row in self._rows.rows if row.step != Step.saving]
            self._refuse(gone, Unavailable("upload_page_left"))
        elif held > self.held:
            self._notify(self._say("error.upload_forgotten"), "warning")
        self.held = held
