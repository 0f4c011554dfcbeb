"""A web process that only looks: the hub with hints and looks of its own, and a note of everything that it would show."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from lumiku_web.bridge import call
from lumiku_web.clock import utc_now
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import FINAL, GenerationRead, ItemStatus, MemberFeed
from lumiku_web.errors import Unavailable
from lumiku_web.ids import new_id
from lumiku_web.ui.hub import Hub
from lumiku_web.ui.presence import Presence, presence

_TRY_AGAIN_SECONDS = 0.2


class Reader(Hub):
    """One tab of each member, and what it was told."""

    def __init__(self, members: Collection[Actor]) -> None:
        super().__init__()
        self._members = members
        self._again = threading.Event()
        self.shown: dict[UUID, ItemStatus] = {}
        #: When the end of an item was first shown.
        self.told_at: dict[UUID, datetime] = {}
        self.sequences: dict[UUID, int] = {}
        #: What must not be: each in a sentence.
        self.problems: list[str] = []
        self.starts = 0

    def start_anew(self) -> None:
        """Forget everything that a web process forgets when it ends. From any thread."""
        self._again.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Afterwards nobody has a tab open."""
        task = asyncio.create_task(self._live())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            vars(presence).update(vars(Presence()))
        if not task.cancelled():
            task.result()

    async def _live(self) -> None:
        while True:
            self._again.clear()
            vars(presence).update(vars(Presence()))
            await self._load()
            tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._feed())]
            try:
                while not self._again.is_set():
                    await asyncio.wait(tasks, timeout=_TRY_AGAIN_SECONDS)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(self) -> None:
        """As each page does at its start."""
        self.starts += 1
        for member in self._members:
            presence.register(member.user_id, member.session_id, str(new_id()))
            sequence, orders = await self._present(member)
            if sequence < self.sequences.get(member.user_id, 0):
                self.problems.append(f"a page of {member.name} began at {sequence}, behind what was shown before")
            self.sequences[member.user_id] = sequence
            presence.loaded(member.user_id, sequence)
            self._show(orders)

    async def _present(self, member: Actor) -> tuple[int, list[GenerationRead]]:
        while True:
            try:
                return await call(generations.recent, member)
            except Unavailable:
                await asyncio.sleep(_TRY_AGAIN_SECONDS)

    def _hand_out(self, feed: MemberFeed, **_: object) -> None:
        presence.fed(feed.user_id, feed.sequence)
        if feed.sequence <= self.sequences[feed.user_id]:
            self.problems.append(f"{feed.user_id} was fed {feed.sequence} after {self.sequences[feed.user_id]}")
        self.sequences[feed.user_id] = feed.sequence
        self._show(feed.orders)

    def _show(self, orders: Collection[GenerationRead]) -> None:
        for item in (item for order in orders for item in order.items):
            before = self.shown.get(item.id)
            if before in FINAL and item.status != before:
                self.problems.append(f"item {item.id} went from {before} to {item.status}")
            if (item.status is ItemStatus.succeeded) != (item.image is not None):
                self.problems.append(f"item {item.id} is {item.status} with the picture {item.image and item.image.id}")
            self.shown[item.id] = item.status
            if item.status in FINAL:
                self.told_at.setdefault(item.id, utc_now())
