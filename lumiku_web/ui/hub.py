"""From a worker's commit to every open tab of the right person. One task a web process; no tab asks for anything.

A hint on Redis says whose sequence moved on. The hub reads what changed, for all such members in one read, and applies it to
their tabs. Every `LOOK_SECONDS` it reads for all connected members at once, so that a hint that was lost only delays a change.
It asks whose session is over, too.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.event import Event

from lumiku_web.adapters.doorbell_redis import CHANNEL, Hint, read_hint
from lumiku_web.adapters.redis_client import REDIS_DOWN, listening_redis
from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.clock import utc_now
from lumiku_web.domain.billing.schemas import Standing
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger
from lumiku_web.ui.cards import OrderCard
from lumiku_web.ui.forecast import Forecast, OpenTab
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState

log = get_logger(__name__)

#: How long a lost hint can delay a change.
LOOK_SECONDS: Final = 5.0
#: Tabs that are written to at the same time.
_AT_ONCE: Final = 64
#: Tabs whose news are made before the first of them is sent.
_IN_A_ROW: Final = 4
#: How long a thread of this process computes before another one that waits gets its turn. With Python's own 5 ms, a read of
#: eight statements beside a burst of pushes takes eight turns of 5 ms.
_TURN_SECONDS: Final = 0.0005


class Hub:
    """The tasks that feed the tabs which `presence` knows."""

    def __init__(self) -> None:
        self._app: rx.App | None = None
        self._behind: set[UUID] = set()
        self._news: list[tuple[str, MemberFeed, dict[str, list[OrderCard]], int]] = []
        self._wake = asyncio.Event()
        #: When everybody is looked at again, by the loop's clock.
        self._look_at_all = 0.0
        self._writing = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._forecast = Forecast()
        #: Tasks of pages that are fed with something else, each with a way to open a tab by its token. A page adds its own here.
        self.beside: list[Callable[[OpenTab], Coroutine[Any, Any, None]]] = []

    async def run(self, app: rx.App) -> None:
        """Live as long as the web process."""
        self._app = app
        sys.setswitchinterval(_TURN_SECONDS)
        _forget_closed_tabs(app)
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._listen())
                    group.create_task(self._feed())
                    group.create_task(self._watch_house())
                    group.create_task(self._watch_day())
                    group.create_task(self._forecast.run(self.tab))
                    for other in self.beside:
                        group.create_task(other(self.tab))
            except* Exception:
                log.exception("hub.bug")  # nothing is pushed without these tasks: they start again
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        """Hints from Redis. After a lost connection everything is looked at again."""
        while True:
            redis = listening_redis(services().settings.redis_url)
            try:
                async with redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    self._look_at_all = 0.0
                    self._wake.set()
                    async for message in channel.listen():
                        self._hear(message["data"])
            except REDIS_DOWN as away:
                log.warning("hub.subscription_lost", error=str(away))
            except Exception:
                log.exception("hub.bug")
            finally:
                await redis.aclose()
            await asyncio.sleep(1)

    def _hear(self, data: bytes) -> None:
        try:
            hint: Hint = read_hint(data)
        except ValueError:
            log.warning("hub.not_a_hint")
            return
        if hint.session_id:
            self._end_session(hint.session_id)
            return
        presence.stirred.set()
        if hint.user_id in presence.tabs:
            self._look_at([hint.user_id])

    def _look_at(self, users: Iterable[UUID]) -> None:
        self._behind.update(users)
        self._wake.set()

    async def _feed(self) -> None:
        """Read and hand out, one read at a time: what piles up meanwhile goes into the next."""
        self._look_at_all = time.monotonic() + LOOK_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(self._look_at_all - time.monotonic(), 0)):
                    await self._wake.wait()
            self._wake.clear()
            is_for_all = time.monotonic() >= self._look_at_all  # also while hints never pause
            if is_for_all:
                self._look_at_all = time.monotonic() + LOOK_SECONDS
                self._behind.update(presence.tabs)
            try:
                if is_for_all:
                    await self._end_sessions_that_nobody_told_of()
                marks = {user: presence.marks[user] for user in self._behind if user in presence.marks}
                self._behind.clear()
                feeds: list[MemberFeed] = await call(generations.feed, marks) if marks else []
            except Unavailable:
                continue
            except Exception:
                log.exception("hub.bug")
                continue
            for feed in feeds:
                self._hand_out(feed, since=marks[feed.user_id])
            await self._write_all()

    def _hand_out(self, feed: MemberFeed, *, since: int) -> None:
        presence.fed(feed.user_id, feed.sequence)
        if any(order.is_running for order in feed.orders):
            presence.hoping.add(feed.user_id)
        made: dict[str, list[OrderCard]] = {}
        self._news += [(tab, feed, made, since) for tab in presence.tabs.get(feed.user_id, ())]

    async def _write_all(self) -> None:
        """Start what is to be written a few tabs at a time, or the first one is sent its news when the last one's are made.

        Nothing is read before all have begun: a tab must get its news in their order.
        """
        news, self._news = self._news, []
        for number, one in enumerate(news, 1):
            self._start(self._write(*one))
            if number % _IN_A_ROW == 0:
                await asyncio.sleep(0)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, tab: str, feed: MemberFeed, made: dict[str, list[OrderCard]], since: int) -> None:
        try:
            await self._apply(tab, feed, made)
        except Exception:
            log.exception("hub.bug")
            presence.not_fed(feed.user_id, since)  # the next look brings it again

    async def _apply(self, tab: str, feed: MemberFeed, made: dict[str, list[OrderCard]]) -> None:
        async with self._writing, self.tab(tab) as root:
            if root is None:
                return
            live = await root.get_state(LiveState)
            followed = live._user_id == str(feed.user_id) and live._follow(feed, made)  # noqa: SLF001 (underscored: no client can call it)
            if followed:
                await follow_on_page(root, feed)

    def tab(self, tab: str) -> "_Tab":
        """Its state, locked, as a context; None in it if the tab is gone."""
        return _Tab(self._app, tab)

    async def _end_sessions_that_nobody_told_of(self) -> None:
        """Their hint was lost, or they have expired: an open tab of theirs sees nothing more either. Raises: Unavailable."""
        known = {session for _, session in presence.owners.values()}
        for session in await call(services().accounts.ended, known) if known else ():
            self._end_session(session)

    def _end_session(self, session_id: UUID) -> None:
        for tab, (_, session) in tuple(presence.owners.items()):
            if session == session_id:
                presence.unregister(tab)
                self._start(self._lock_out(tab))

    async def _lock_out(self, tab: str) -> None:
        async with self.tab(tab) as root:
            if root is not None:
                (await root.get_state(SessionState)).session_ended = True

    async def _watch_house(self) -> None:
        """Is a worker there, and Redis? What people should know goes to every tab when it changes, not before."""
        while True:
            try:
                workers = await asyncio.to_thread(services().queue.workers)
                self._forecast.count(workers)
                note = "" if workers else "no_worker"
            except Unavailable:
                note = "redis_down"
            except Exception:
                log.exception("hub.bug")
                note = presence.note
            if note != presence.note:
                log.warning("house.changed", note=note or "all well")
                presence.note = note
                for tab in tuple(presence.owners):
                    self._start(self._write_note(tab))
            await asyncio.sleep(LOOK_SECONDS)

    async def _watch_day(self) -> None:
        """A new UTC day brings new quota, and no change of anybody's that has a number."""
        day = _day_of_all()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if _day_of_all() == day:
                continue
            try:
                await self._renew()
                day = _day_of_all()
            except Unavailable:
                continue
            except Exception:
                log.exception("hub.bug")

    async def _renew(self) -> None:
        """Say what they have to all who have a tab open. Raises: Unavailable."""
        found = await call(services().payments.standings, tuple(presence.tabs))
        for user, standing in found.items():
            for tab in tuple(presence.tabs.get(user, ())):
                self._start(self._write_standing(tab, standing))

    async def _write_standing(self, tab: str, standing: Standing) -> None:
        async with self._writing, self.tab(tab) as root:
            if root is not None:
                live = await root.get_state(LiveState)
                if live._user_id == str(standing.user_id):  # noqa: SLF001
                    live._renew(standing)  # noqa: SLF001

    async def _write_note(self, tab: str) -> None:
        async with self._writing, self.tab(tab) as root:
            if root is not None:
                (await root.get_state(LiveState))._show_note(presence.note)  # noqa: SLF001


def _day_of_all() -> date:
    """The UTC day that has begun by everybody's clock: the database's may be a little behind ours."""
    return (utc_now() - timedelta(minutes=1)).date()


class _Tab:
    """The state of one connected tab, locked; None if it is gone or has expired: then the tab is asked to load again."""

    def __init__(self, app: rx.App | None, tab: str) -> None:
        self._app, self._tab = app, tab

    async def __aenter__(self) -> Any:
        app = self._app
        namespace = app.event_namespace if app else None
        if app is None or namespace is None or not await namespace._token_manager.is_token_connected(self._tab):  # noqa: SLF001
            self._open = None
            return None
        self._open = app.modify_state(rx.BaseStateToken(ident=self._tab, cls=LiveState))
        root = await self._open.__aenter__()
        if root.router_data:
            return root
        await namespace.emit_update(StateUpdate(events=Event.from_event_type(LiveState.load)), token=self._tab)
        return None

    async def __aexit__(self, *error: object) -> None:
        if self._open is not None:
            await self._open.__aexit__(*error)


#: Page states that show pictures: by route, each with an `_on_feed(feed)` for news that bring some. A page adds itself here.
followers: dict[str, type[SessionState]] = {}
#: As `followers`, for all news.
watchers: dict[str, type[SessionState]] = {}


async def follow_on_page(root: Any, feed: MemberFeed) -> None:
    """Let the state of the page that the tab shows take its part of the news."""
    route = root.router.route_id.strip("/")
    follower = watchers.get(route) or (followers.get(route) if feed.pictures else None)
    if follower is not None:
        state = await root.get_state(follower)
        state._on_feed(feed)  # noqa: SLF001


def _forget_closed_tabs(app: rx.App) -> None:
    """Reflex has no hook for a closed connection, but looks the method up at each call."""
    namespace = app.event_namespace
    if namespace is None:
        return
    original = namespace.on_disconnect

    def on_disconnect(sid: str, *details: Any) -> Any:
        tab = namespace.sid_to_token.get(sid)
        record = namespace._token_manager.token_to_socket.get(tab) if tab else None  # noqa: SLF001
        if tab and record is not None and record.sid == sid:
            presence.unregister(tab)
        return original(sid, *details)

    namespace.on_disconnect = on_disconnect


hub = Hub()
