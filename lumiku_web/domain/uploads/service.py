"""A photograph comes in: decoded, stored, then written into the project. Three steps, because only the last is a transaction."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.ports import ImageCodec
from lumiku_web.domain.gallery.schemas import ImageRead, NewImage, Origin, PreparedImage
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.storage import service as files
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.errors import LimitReached


@dataclass(frozen=True)
class Uploads:
    """The use cases of uploads, with the ports that they reach through."""

    codec: ImageCodec
    storage: Storage
    doorbell: Doorbell
    #: What one member may keep.
    storage_limit_bytes: int

    def begin(self, uow: UnitOfWork, actor: Actor, project_id: UUID, image_id: UUID) -> None:
        """May this person put a photograph there? If so, its files may come. Raises: NotFound, LimitReached(`storage_limit`)."""
        projects.writable(uow, actor, project_id)
        if files.used_bytes(uow, actor) >= self.storage_limit_bytes:
            raise LimitReached("storage_limit", megabytes=self.storage_limit_bytes // 1_000_000)
        files.reserve(uow, actor.user_id, image_id)

    def prepare(self, user_id: UUID, image_id: UUID, path: Path) -> PreparedImage:
        """Decode the file at `path` and store its variants. Blocking CPU and file work, outside any transaction.

        Raises: InvalidInput (what is wrong with the file), Unavailable.
        """
        prepared = self.codec.prepare_upload(path)
        gallery.store(self.storage, user_id, image_id, prepared)
        return prepared

    def keep(
        self, uow: UnitOfWork, actor: Actor, project_id: UUID, image_id: UUID, title: str, prepared: PreparedImage
    ) -> ImageRead:
        """Write the stored photograph into the project. Raises: NotFound, LimitReached, Unavailable: then `give_up`."""
        projects.writable(uow, actor, project_id)
        audit.record(uow, actor.user_id, Action.photo_uploaded, image_id)
        sequence = record_change(uow, self.doorbell, actor.user_id)
        new = NewImage(image_id, actor.user_id, project_id, Origin.uploaded, title)
        return gallery.add(uow, new, prepared, sequence=sequence, limit_bytes=self.storage_limit_bytes)

    def give_up(self, uow: UnitOfWork, actor: Actor, image_id: UUID) -> None:
        """Undo `begin` and `prepare`: whatever was stored goes."""
        files.discard(uow, actor.user_id, image_id)
