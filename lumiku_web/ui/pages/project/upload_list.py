"""What a page shows of the files on their way, and what a person does to it. `upload_state` brings them in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery.schemas import ImageRead
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.errors import LumikuError, NotFound
from lumiku_web.ui.guard import member
from lumiku_web.ui.pages.project.upload_rows import Rows, Step, UploadRow, megabytes
from lumiku_web.ui.showing import file_url


class UploadList(rx.State, mixin=True):
    """Mix it into a child of `SessionState`."""

    rows: list[UploadRow] = []
    #: By row, of those that are being sent; the second as "3.2 of 8 MB".
    percents: dict[str, int] = {}
    details: dict[str, str] = {}
    #: Data URIs by row, of those that are being saved.
    thumbs: dict[str, str] = {}
    #: As in `Rows`.
    all_count: int = 0
    kept_count: int = 0
    open_count: int = 0

    _rows: Rows = Rows()

    @rx.event
    @member
    async def remove(self, row_id: str) -> None:
        """Stop this file; or the person has read what became of it. The page stops sending what has no row any more."""
        self._show(self._rows.remove([row_id]))

    @rx.event
    @member
    async def remove_all(self) -> None:
        """As `remove`: whatever is on its way, or if nothing is, all that is left."""
        have_ended = not self._rows.open_count
        self._show(self._rows.remove([row.id for row in self._rows.rows if row.has_ended == have_ended]))

    @rx.event
    @member
    async def bring(self, row_id: str) -> None:
        """The picture that was there already comes to where it was dropped. Raises: NotFound."""
        row = self._row(row_id, Step.known)
        await call(_bring, self._actor, UUID(row.image_id), UUID(row.project_id))
        self._show(self._rows.remove([row.id]))

    def _row(self, row_id: object, step: Step) -> UploadRow:
        row = self._rows.find(row_id, step)
        if row is None:
            raise NotFound("upload_not_found")
        return row

    def _refuse(self, row_ids: Sequence[str], why: LumikuError) -> None:
        """Nothing happens to rows that have their end, or are gone."""
        self._show(self._rows.refuse(row_ids, self._say(f"error.{why.key}", **why.facts)))

    def _show_bytes(self, row: UploadRow, came: int) -> None:
        size = max(row.size_bytes, came, 1)
        facts = {"sent": megabytes(came, self.language), "size": megabytes(size, self.language)}
        self.percents = {**self.percents, row.id: 100 * came // size}
        self.details = {**self.details, row.id: self._say("upload.sent", **facts)}

    def _show_arrived(self, row: UploadRow, thumb_uri: str) -> None:
        self.thumbs = {**self.thumbs, row.id: thumb_uri}
        self._show(self._rows.change(row.id, step=Step.saving.value))

    def _show_there(self, row: UploadRow, image: ImageRead, project_name: str) -> None:
        """The person has this picture, in the project of that name or in its trash."""
        facts: dict[str, Any] = {
            "step": Step.known.value,
            "reason": self._say("upload.known_in_trash" if image.trashed_at else "upload.known", project=project_name),
            "image_id": str(image.id),
            "thumb_url": file_url(image, Variant.thumb),
            "is_elsewhere": str(image.project_id) != row.project_id,
            "is_trashed": image.trashed_at is not None,
        }
        self._show(self._rows.change(row.id, **facts))

    def _show(self, rows: Rows) -> None:
        if rows == self._rows:
            return
        self._rows, self.rows = rows, list(rows.rows)
        self.all_count, self.kept_count, self.open_count = rows.all_count, rows.kept_count, rows.open_count
        there = {row.id for row in rows.rows if row.step in {Step.sending, Step.saving}}
        for name in ("percents", "details", "thumbs"):
            known: dict[str, Any] = getattr(self, name)
            if known.keys() - there:
                setattr(self, name, {row_id: known[row_id] for row_id in known if row_id in there})


def _bring(uow: UnitOfWork, actor: Actor, image_id: UUID, project_id: UUID) -> None:
    gallery = services().gallery
    gallery.restore(uow, actor, [image_id])
    gallery.move(uow, actor, [image_id], project_id)
