"""Shows admins the house as it changes: one task a web process, however many of their tabs are open, and none while none is."""

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.generations import overview
from lumiku_web.domain.generations.overview import Numbers, Overview
from lumiku_web.domain.generations.schemas import WorkerRead
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger
from lumiku_web.ui.hub import OpenTab, hub
from lumiku_web.ui.presence import presence

log = get_logger(__name__)

#: Of the page.
ROUTE: Final = "admin/jobs"
#: Two looks are at least so far apart.
LOOK_SECONDS: Final = 2.0
#: Looks of which the lines below the figures tell: two minutes.
REMEMBERED: Final = 60


class HouseWatch:
    """Knows the tabs that show the page; a tab that shows another one, or that is not an admin's any more, is let go."""

    def __init__(self, route: str) -> None:
        self._route = route
        #: What was seen lately, while somebody watched.
        self.lately: deque[Numbers] = deque(maxlen=REMEMBERED)
        self._tabs: dict[str, tuple[UUID, type[Any]]] = {}
        self._awake = asyncio.Event()

    def follow(self, tab: str, admin: UUID, state: type[Any]) -> None:
        """Show this tab of this admin from now on what changes, by the `_show(seen)` of its `state`."""
        self._tabs[tab] = admin, state
        self._awake.set()

    async def run(self, open_tab: OpenTab) -> None:
        """Look, as long as somebody watches. For the hub."""
        while True:
            await self._awake.wait()
            try:
                await self.look(open_tab)
            except Unavailable as down:
                log.info("house_watch.waiting", reason=down.key)
            except Exception:
                log.exception("house_watch.bug")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self, open_tab: OpenTab) -> None:
        """Read once, and write to every tab what is new in it. Raises: Unavailable."""
        owners = presence.owners
        self._tabs = {tab: whose for tab, whose in self._tabs.items() if tab in owners and owners[tab][0] == whose[0]}
        if not self._tabs:
            self._awake.clear()
            self.lately.clear()
            return
        seen, admins = await _read({admin for admin, _ in self._tabs.values()})
        self.lately.append(seen.numbers)
        for tab, whose in tuple(self._tabs.items()):
            is_shown = whose[0] in admins and await self._write(open_tab, tab, *whose, seen)
            if not is_shown and self._tabs.get(tab) == whose:
                del self._tabs[tab]

    async def _write(self, open_tab: OpenTab, tab: str, admin: UUID, kind: type[Any], seen: Overview) -> bool:
        """False where the page is not to be seen any more."""
        async with open_tab(tab) as root:
            if root is None or root.router.route_id.strip("/") != self._route:
                return False
            state = await root.get_state(kind)
            if state._user_id != str(admin):  # noqa: SLF001 (underscored: no client can call it)
                return False
            state._show(seen)  # noqa: SLF001
            return True


async def seen_now() -> Overview:
    """The house at this moment. Raises: Unavailable."""
    return (await _read(()))[0]


async def _read(admins: Collection[UUID]) -> tuple[Overview, set[UUID]]:
    made = services()
    try:
        workers = await asyncio.to_thread(made.queue.workers)
    except Unavailable:  # the shell says so, and orders are in PostgreSQL
        workers = []
    return await call(_both, workers, admins)


def _both(uow: UnitOfWork, workers: list[WorkerRead], admins: Collection[UUID]) -> tuple[Overview, set[UUID]]:
    return overview.overview(uow, workers, services().providers), accounts.admins(uow, admins)


watch = HouseWatch(ROUTE)
hub.beside.append(watch.run)
