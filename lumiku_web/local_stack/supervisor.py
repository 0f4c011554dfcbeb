"""Keeps children alive until told to stop: one that dies is started again, later and later if it keeps dying."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable

from lumiku_web.local_stack.child import Child, Errand, described
from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.progress import Progress

_LONGEST_WAIT_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_ANSWER_SECONDS = 60.0
_TRIM_SECONDS = 60.0


class Supervisor:
    """Owns the children of one stack. `children` is in the order of their start; they are stopped in the reverse."""

    def __init__(self, progress: Progress) -> None:
        self.children: list[Child] = []
        self._progress = progress
        self._stopping = asyncio.Event()
        self._a_child_died = asyncio.Event()

    async def run(self, start: Callable[[], Awaitable[None]]) -> None:
        """Start, keep what was started until a signal comes, and stop it all, also if the start fails.

        Raises: StartFailedError if the start failed.
        """
        self._listen()
        starting = asyncio.create_task(_as_coroutine(start))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                starting.result()
                await self._keep_all(stopping)
        finally:
            self._stopping.set()
            starting.cancel()
            with contextlib.suppress(StartFailedError, asyncio.CancelledError):
                await starting
            await self._stop_all()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._told_to_stop)
        loop.add_signal_handler(signal.SIGTERM, self._told_to_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup make run` outlives its terminal
            loop.add_signal_handler(signal.SIGHUP, self._told_to_stop)
        loop.add_signal_handler(signal.SIGCHLD, self._a_child_died.set)

    def _told_to_stop(self) -> None:
        """Stop in order; told a second time, at once."""
        if not self._stopping.is_set():
            self._stopping.set()
            return
        self._progress.say("Stopped hard; the next start repairs what needs it.")
        for child in reversed(self.children):
            child.kill()
        os._exit(130)

    async def _keep_all(self, stopping: asyncio.Task[bool]) -> None:
        keepers = [asyncio.create_task(self._keep(child)) for child in self.children if not isinstance(child, Errand)]
        keepers.append(asyncio.create_task(self._trim_logs()))
        try:
            done, _ = await asyncio.wait({stopping, *keepers}, return_when=asyncio.FIRST_COMPLETED)
            for keeper in done - {stopping}:
                keeper.result()
        finally:
            for keeper in keepers:
                keeper.cancel()

    async def _keep(self, child: Child) -> None:
        """Start `child` again each time it ends, waiting twice as long each time until it has been up for a minute."""
        wait_seconds = 1.0
        while True:
            up_since = time.monotonic()
            await self._end_of(child)
            reason = f"{child.name} ended ({described(child.exit_status)}). Its log: {child.log.path}"
            if time.monotonic() - up_since >= _STEADY_SECONDS:
                wait_seconds = 1.0
            while reason:
                self._progress.say(f"{reason}\n  It is started again in {wait_seconds:.0f} s.")
                await asyncio.sleep(wait_seconds)
                wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)
                reason = await self._start_again(child)

    async def _start_again(self, child: Child) -> str:
        """Why it failed, or nothing."""
        try:
            await asyncio.to_thread(child.start, _ANSWER_SECONDS)
        except StartFailedError as failure:
            return str(failure)
        self._progress.say(f"{child.name} answers again.")
        return ""

    async def _end_of(self, child: Child) -> None:
        while child.running:
            self._a_child_died.clear()
            await self._a_child_died.wait()

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.sleep(_TRIM_SECONDS)
            for child in self.children:
                child.log.trim()

    async def _stop_all(self) -> None:
        for child in reversed(self.children):
            was_running = child.running
            began = time.monotonic()
            await asyncio.to_thread(child.retire)
            if was_running:
                self._progress.item(f"{child.name} stopped", f"{time.monotonic() - began:.1f} s")


async def _as_coroutine(start: Callable[[], Awaitable[None]]) -> None:
    await start()
