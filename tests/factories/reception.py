"""Uploads as the product takes them, and the comparison of what is on the disk with what the rows say."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from PIL import Image as Pixels
from sqlmodel import select, update

from lumiku_web import bridge
from lumiku_web.adapters.storage_memory import MemoryStorage
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.models import LooseFiles, MemberStorage
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.domain.storage.sweeper import FileSweeper
from lumiku_web.domain.uploads.receiver import Receiver
from lumiku_web.domain.uploads.schemas import DeclaredFile, Step
from lumiku_web.errors import Unavailable
from tests.factories.bad_photos import JPEG
from tests.factories.photos import encoded


def small(number: int) -> bytes:
    """A JPEG like no other."""
    return encoded(Pixels.new("RGB", (64, 64), (number * 11 % 256, number, 99)), "JPEG", quality=95)


class SlowStorage(MemoryStorage):
    """Keeps nothing before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = threading.Event()
        self.may_go_on = threading.Event()

    def put(self, key: str, content: bytes, media_type: str) -> None:
        self.is_asked.set()
        assert self.may_go_on.wait(60)
        super().put(key, content, media_type)


class FullStorage(MemoryStorage):
    """Has room for so many objects."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def put(self, key: str, content: bytes, media_type: str) -> None:
        if self.room <= 0:
            raise Unavailable("storage_full")
        self.room -= 1
        super().put(key, content, media_type)


async def in_chunks(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """As they come from the network."""
    for start in range(0, len(content), size):
        await asyncio.sleep(0)
        yield content[start : start + size]


@dataclass(frozen=True)
class Reception:
    """One process that takes uploads; `replaced` makes another one with other parts."""

    services: Services
    receiver: Receiver

    @classmethod
    def of(cls, services: Services) -> "Reception":
        return cls(services, Receiver(bridge.call, services.uploads, asyncio.Semaphore(2)))

    def replaced(self, **parts: object) -> "Reception":
        """With these fields of `Uploads`."""
        return replace(self, receiver=replace(self.receiver, uploads=replace(self.receiver.uploads, **parts)))  # pyright: ignore[reportArgumentType]  (checked by the dataclass)

    def on(self, storage: Storage) -> "Reception":
        """With another storage, for uploads and sweeper."""
        return replace(self.replaced(storage=storage), services=replace(self.services, storage=storage))

    async def take(self, actor: Actor, project_id: UUID, content: bytes, declared: DeclaredFile = JPEG) -> list[Step]:
        """All steps. Raises as `Receiver.receive`."""
        async with aclosing(self.receiver.receive(actor, project_id, declared, in_chunks(content))) as steps:
            return [step async for step in steps]

    async def sweep(self, *, is_late: bool = True) -> int:
        """As a sweeper would; late enough for every note, or at once. Returns how many pictures' files went."""
        if is_late:
            set_due(timedelta(seconds=-1))
        return await FileSweeper(bridge.call, self.services.storage, gallery.delete_ended_trash).once()

    async def assert_in_order(self) -> None:
        """At the latest after a sweep, files and rows say the same, nothing is noted any more, and the bytes are counted."""
        await self.sweep()
        rows, accounts, notes = bridge.run(_everything)
        kept = {image_key(row.user_id, row.id, variant) for row in rows for variant in Variant}
        assert set(self.services.storage.keys()) == kept
        assert notes == []
        used = {account.user_id: account.used_bytes for account in accounts if account.used_bytes}
        assert used == {user: sum(r.stored_bytes for r in rows if r.user_id == user) for user in {r.user_id for r in rows}}


def set_due(within: timedelta) -> None:
    """Every note is due then."""

    def write(uow: UnitOfWork) -> None:
        uow.session.execute(update(LooseFiles).values(due_at=utc_now() + within))

    bridge.run(write)


def _everything(uow: UnitOfWork) -> tuple[list[Image], list[MemberStorage], list[LooseFiles]]:
    return (
        list(uow.session.exec(select(Image))),
        list(uow.session.exec(select(MemberStorage))),
        list(uow.session.exec(select(LooseFiles))),
    )
