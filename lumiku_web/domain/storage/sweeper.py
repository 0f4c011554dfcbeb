"""Deletes the files that no picture owns."""

import asyncio
import time
from collections.abc import Callable
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
#: Seconds between two looks for what is half written: it means walking through everything.
TIDY_EVERY_SECONDS: Final = 86_400.0
#: What is half written for so long is not written any more.
UNFINISHED: Final = timedelta(hours=1)
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
    #: Deletes rows whose time is over, at most so many, and thereby makes their files loose; returns how many.
    end_rows: Callable[[UnitOfWork, int], int]

    async def once(self) -> int:
        """One look; files are deleted between two transactions. Returns how many pictures' files went. Raises: Unavailable."""
        await self.call(self.end_rows, LIMIT)
        due: list[tuple[UUID, UUID]] = await self.call(take_due)
        deleted = await asyncio.to_thread(self._delete, due)
        if deleted:
            await self.call(gone, deleted)
            log.info("storage.swept", pictures=len(deleted))
        return len(deleted)

    async def tidy(self) -> None:
        """Remove what processes that were killed have left half written. Raises: Unavailable."""
        removed = await asyncio.to_thread(self.storage.tidy, UNFINISHED)
        if removed:
            log.info("storage.tidied", files=removed)

    async def run(self) -> None:
        """Look again and again; a part of the house that is down is waited for."""
        tidy_at = 0.0
        while True:
            try:
                await self.once()
                if time.monotonic() >= tidy_at:
                    await self.tidy()
                    tidy_at = time.monotonic() + TIDY_EVERY_SECONDS
            except Unavailable as down:
                log.warning("storage.sweeper_waiting", reason=down.key)
            except Exception:
                log.exception("storage.sweeper_bug")
            await asyncio.sleep(EVERY_SECONDS)

    def _delete(self, due: list[tuple[UUID, UUID]]) -> list[UUID]:
        """Those that went. Stops long before another sweeper takes over: what has been stored anew since then is not ours."""
        until = time.monotonic() + TAKE_OVER.total_seconds() / 2
        deleted: list[UUID] = []
        for user_id, image_id in due:
            for variant in Variant:
                if time.monotonic() > until:
                    return deleted
                self.storage.delete(image_key(user_id, image_id, variant))
            deleted.append(image_id)
        return deleted
