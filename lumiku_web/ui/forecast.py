"""Tells members when their pictures come, while something of theirs waits and a tab of theirs is open; no tab asks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final
from uuid import UUID

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.generations.outlook import Outlook, Outlooks
from lumiku_web.domain.generations.schemas import WorkerRead
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger
from lumiku_web.ui.outlook import OutlookState
from lumiku_web.ui.presence import presence

log = get_logger(__name__)

#: Two looks are at least so far apart: a member is told something twice a second at most.
PAUSE_SECONDS: Final = 0.5
#: Without a hint it looks this often: times end by themselves, and what an admin pauses rings no bell.
TICK_SECONDS: Final = 1.0
#: A look is followed by a pause of so many times what it took, and of so long for each tab that is told something: ten times
#: what that costs. Waiting for a busy tab costs nothing. So looks and tabs together take some tenth of the time, however many.
_PAUSES: Final = 9
_TAB_SECONDS: Final = 0.004
_AT_ONCE: Final = 64

OpenTab = Callable[[str], AbstractAsyncContextManager[Any]]


class Forecast:
    """The task of one web process. `presence.stirred` makes it look."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        #: Items that the workers can hold at once; None: nobody knows yet.
        self.capacity: int | None = None
        self._clock, self._sleep = clock, sleep
        self._outlooks: Outlooks | None = None
        self._writing = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def count(self, workers: Collection[WorkerRead]) -> None:
        """These are there now."""
        self.capacity = sum(worker.capacity for worker in workers)

    async def run(self, open_tab: OpenTab) -> None:
        """Live as long as the hub."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await presence.stirred.wait()
            presence.stirred.clear()
            began, told = self._clock(), 0
            try:
                told = len(await self.once(open_tab))
            except Unavailable:
                pass  # the next look is soon
            except Exception:
                log.exception("forecast.bug")
            await self._sleep(max(PAUSE_SECONDS, _PAUSES * (self._clock() - began), _TAB_SECONDS * told))

    async def once(self, open_tab: OpenTab) -> list[asyncio.Task[None]]:
        """Look for all who wait, and begin to tell the tabs for which something is new. Raises: Unavailable."""
        users = presence.hoping & presence.tabs.keys()
        if not users or self.capacity is None:
            return []
        outlooks = await self._look(users, self.capacity)
        return [self._start(open_tab, user, tab) for user in users for tab in _behind(user, outlooks[user])]

    async def _look(self, users: Collection[UUID], capacity: int) -> dict[UUID, dict[UUID, Outlook]]:
        """By member and item. Who has nothing to wait for is not looked for again, unless an order came meanwhile."""
        self._outlooks = self._outlooks or Outlooks(services().settings.member_running_limit)
        presence.hoping.difference_update(users)
        found: dict[UUID, Outlook] = {}
        try:
            found = await call(self._outlooks.look, users, capacity)
        except BaseException:
            presence.hoping.update(users)
            raise
        outlooks: dict[UUID, dict[UUID, Outlook]] = {user: {} for user in users}
        for item, one in found.items():
            outlooks[one.user_id][item] = one
        presence.hoping.update(user for user, some in outlooks.items() if some and user in presence.tabs)
        return outlooks

    def _start(self, open_tab: OpenTab, user: UUID, tab: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._write(open_tab, user, tab))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _write(self, open_tab: OpenTab, user: UUID, tab: str) -> None:
        """What is told is read when the tab is there: one that was busy gets the newest."""
        try:
            async with self._writing, open_tab(tab) as root:
                if root is None:
                    presence.told.pop(tab, None)
                    return
                state = await root.get_state(OutlookState)
                if state._user_id == str(user):  # noqa: SLF001 (underscored: no client can call it)
                    state._tell(presence.told.get(tab, {}))  # noqa: SLF001
        except Exception:
            log.exception("forecast.bug")
            presence.hopes(user, tab)


def _behind(user: UUID, outlooks: dict[UUID, Outlook]) -> list[str]:
    """The member's tabs that were told something else; noted as told."""
    tabs = [tab for tab in presence.tabs.get(user, ()) if presence.told.get(tab) != outlooks]
    presence.told.update(dict.fromkeys(tabs, outlooks))
    return tabs
