"""The use cases of an upload, and the file work between them. `receiver` calls them in their order."""

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.ports import ImageCodec, OnThumb
from lumiku_web.domain.gallery.schemas import ImageRead, NewImage, PreparedImage
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.storage import service as files
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.domain.uploads.ports import Scanner
from lumiku_web.errors import InvalidInput


@dataclass(frozen=True)
class Uploads:
    """The use cases of uploads, with the ports that they reach through."""

    codec: ImageCodec
    storage: Storage
    doorbell: Doorbell
    #: What one member may keep.
    storage_limit_bytes: int
    #: Of one file.
    upload_limit_bytes: int
    #: None: files are not scanned.
    scanner: Scanner | None

    def begin(self, uow: UnitOfWork, actor: Actor, project_id: UUID) -> None:
        """May this person put a photograph there? Raises: NotFound, LimitReached(`storage_limit`)."""
        projects.writable(uow, actor, project_id)
        files.check_room(uow, actor, limit_bytes=self.storage_limit_bytes)

    def recognise(self, uow: UnitOfWork, actor: Actor, new: NewImage) -> ImageRead | None:
        """The picture that came from this very file, also from the trash; None: there is none, and files may be stored."""
        known = gallery.from_source(uow, actor, new.source_sha256)
        if known is None:
            files.reserve(uow, new.user_id, new.id)
        return known

    async def scan(self, file: BinaryIO) -> None:
        """Raises: InvalidInput(`photo_infected`), Unavailable(`scanner_unreachable`)."""
        finding = await self.scanner.finding(file) if self.scanner else ""
        if finding:
            raise InvalidInput("photo_infected", field="photo", finding=finding)

    def prepare(self, file: BinaryIO, on_thumb: OnThumb) -> PreparedImage:
        """As the codec's `prepare_upload`."""
        return self.codec.prepare_upload(file, on_thumb)

    def store(self, new: NewImage, prepared: PreparedImage) -> None:
        """All variants. Blocking, outside any transaction. Raises: Unavailable."""
        gallery.store(self.storage, new.user_id, new.id, prepared)

    def keep(self, uow: UnitOfWork, actor: Actor, new: NewImage, prepared: PreparedImage) -> ImageRead:
        """Write the stored photograph into the project, and count it. Locks the member's number, then the member's storage.

        Raises: NotFound, LimitReached(`storage_limit`), Conflict(`photo_already_there`), NotPermitted(`account_deactivated`: an
        upload may take longer than that), Unavailable: then `give_up`.
        """
        accounts.check_active(uow, actor.user_id)
        projects.writable(uow, actor, new.project_id)
        audit.record(uow, actor.user_id, Action.photo_uploaded, new.id)
        sequence = record_change(uow, self.doorbell, actor.user_id)
        return gallery.add(uow, new, prepared, sequence=sequence, limit_bytes=self.storage_limit_bytes)

    def give_up(self, uow: UnitOfWork, new: NewImage) -> None:
        """Undo `recognise` and `store`: whatever was stored goes. Nothing happens to a picture that was kept after all."""
        if not gallery.by_ids(uow, [new.id]):
            files.discard(uow, new.user_id, new.id)
