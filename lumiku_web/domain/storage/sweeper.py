"""Deletes the files that no picture owns."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from lumiku_web.db.unit_of_work import Call, UnitOfWork
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.domain.storage.repository import StorageRepository
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Seconds between two looks.
EVERY_SECONDS: Final = 10.0
#: Pictures whose files one look deletes.
LIMIT: Final = 100
#: When another sweeper may take over from one that died at its work.
TAKE_OVER: Final = timedelta(minutes=10)


def take_due(uow: UnitOfWork) -> list[tuple[UUID, UUID]]:
    """Pairs of member and picture whose files must go; from now on nobody stores them again."""
    return StorageRepository(uow.session).take_due(LIMIT, again_after=TAKE_OVER)


def gone(uow: UnitOfWork, image_ids: list[UUID]) -> None:
    """Their files are deleted."""
    StorageRepository(uow.session).forget(image_ids)


@dataclass(frozen=True)
class FileSweeper:
    """Runs in every worker process; several at once do no harm."""

    call: Call
    storage: Storage

    async def once(self) -> int:
        """One look; files are deleted between two transactions. Returns how many pictures' files went. Raises: Unavailable."""
        due: list[tuple[UUID, UUID]] = await self.call(take_due)
        for user_id, image_id in due:
            await asyncio.to_thread(self._delete, user_id, image_id)
        if due:
            await self.call(gone, [image_id for _, image_id in due])
            log.info("storage.swept", pictures=len(due))
        return len(due)

    async def run(self) -> None:
        """Look again and again; a part of the house that is down is waited for."""
        while True:
            try:
                await self.once()
            except Unavailable as down:
                log.warning("storage.sweeper_waiting", reason=down.key)
            except Exception:
                log.exception("storage.sweeper_bug")
            await asyncio.sleep(EVERY_SECONDS)

    def _delete(self, user_id: UUID, image_id: UUID) -> None:
        for variant in Variant:
            self.storage.delete(image_key(user_id, image_id, variant))
