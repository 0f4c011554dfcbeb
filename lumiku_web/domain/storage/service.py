"""Who uses how much, and no file without a row.

Files can't join a transaction. So a note (`LooseFiles`) is committed before files are stored, and the transaction that writes
their row deletes it; the transaction that deletes a row writes a note. Whatever crashes in between, the sweeper finds the note.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.storage.repository import StorageRepository
from lumiku_web.errors import LimitReached, Unavailable

#: Far longer than storing and its transaction take, with every patience.
KEPT_FOR: Final = timedelta(hours=1)


def used_bytes(uow: UnitOfWork, actor: Actor) -> int:
    """What the member's pictures take, the trash included."""
    return StorageRepository(uow.session).used_bytes(actor.user_id)


def check_room(uow: UnitOfWork, actor: Actor, *, limit_bytes: int) -> None:
    """Raises: LimitReached(`storage_limit`) if the member's storage is full already. Nobody is kept from filling it meanwhile."""
    if used_bytes(uow, actor) >= limit_bytes:
        raise LimitReached("storage_limit", megabytes=limit_bytes // 1_000_000)


def reserve(uow: UnitOfWork, user_id: UUID, image_id: UUID) -> None:
    """Say before storing that files of this picture may come to be. In a transaction of its own, or an earlier one.

    Raises: Unavailable(`storage_busy`) while older files of this very picture are being deleted.
    """
    if not StorageRepository(uow.session).reserve(user_id, image_id, KEPT_FOR):
        raise Unavailable("storage_busy")


def settle(uow: UnitOfWork, user_id: UUID, image_id: UUID, stored_bytes: int, *, limit_bytes: int | None = None) -> None:
    """The picture gets its row in this transaction: its files are loose no more, and count. Locks the member's account.

    Raises: LimitReached(`storage_limit`) if that would pass `limit_bytes`; Unavailable(`storage_busy`) if they were reserved
    too long ago.
    """
    repository = StorageRepository(uow.session)
    if not repository.settle(image_id):
        raise Unavailable("storage_busy")
    if not repository.add_bytes(user_id, stored_bytes, limit_bytes=limit_bytes):
        raise LimitReached("storage_limit", megabytes=(limit_bytes or 0) // 1_000_000)


def discard(uow: UnitOfWork, user_id: UUID, image_id: UUID, *, stored_bytes: int = 0) -> None:
    """The picture has lost its row in this transaction, or never got one: its files go soon, and count no more."""
    repository = StorageRepository(uow.session)
    repository.reserve(user_id, image_id, timedelta())
    if stored_bytes:
        repository.add_bytes(user_id, -stored_bytes)
