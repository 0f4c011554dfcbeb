"""One file from the chunks of its request to the steps of the receiver."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import CORES, services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.uploads.receiver import Receiver
from lumiku_web.domain.uploads.schemas import DeclaredFile, Step
from lumiku_web.errors import Unavailable
from lumiku_web.ui.pages.project.upload_rows import UploadRow

#: A file of which nothing more comes for so long is given up.
SILENCE_SECONDS: Final = 30.0
#: Two sights of a bar are at least so far apart. What is whole before has none: each costs 3 ms here, and more in the page.
_PERCENT: Final = 4
SIGHT_SECONDS: Final = 0.2

#: Gets the number of bytes that have come.
OnBytes = Callable[[int], Awaitable[None]]

_cpu = asyncio.Semaphore(CORES)


async def receive(actor: Actor, row: UploadRow, chunks: rx.UploadChunkIterator, on_bytes: OnBytes) -> AsyncGenerator[Step, None]:
    """As `Receiver.receive`. Raises as it does, and Unavailable if the request falls silent or brings no file."""
    receiver = Receiver(call, services().uploads, _cpu)
    declared = DeclaredFile(row.name, row.media_type)
    steps = receiver.receive(actor, UUID(row.project_id), declared, _content(chunks, row.size_bytes, on_bytes))
    async with aclosing(steps):
        async for step in steps:
            yield step


async def _content(chunks: rx.UploadChunkIterator, size_bytes: int, on_bytes: OnBytes) -> AsyncIterator[bytes]:
    came, shown, shown_at = -1, 0, time.monotonic()
    while True:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            break
        except TimeoutError as silent:
            raise Unavailable("upload_silent") from silent
        yield chunk.data
        came = max(came, 0) + len(chunk.data)
        now = time.monotonic()
        if came - shown >= size_bytes * _PERCENT // 100 and now - shown_at >= SIGHT_SECONDS:
            shown, shown_at = came, now
            await on_bytes(came)
    if came < 0:
        raise Unavailable("upload_page_left")
