"""Photographs from the socket of an upload into the project, one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import CORES, services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.uploads.receiver import Receiver
from lumiku_web.domain.uploads.schemas import DeclaredFile
from lumiku_web.errors import LumikuError
from lumiku_web.logs import get_logger

log = get_logger(__name__)

_cpu = asyncio.Semaphore(CORES)


async def receive(
    chunks: rx.UploadChunkIterator, actor: Actor, project_id: UUID
) -> AsyncIterator[tuple[str, LumikuError | None]]:
    """Yield each file's name and, where it was refused, why. A refused file does not stop the next one."""
    receiver = Receiver(call, services().uploads, _cpu)
    ahead = _Ahead(chunks)
    while (first := await ahead.look()) is not None:
        declared = DeclaredFile(first.filename, first.content_type)
        refused: LumikuError | None = None
        async with aclosing(ahead.file(first)) as content:
            try:
                async for _ in receiver.receive(actor, project_id, declared, content):
                    pass
            except LumikuError as why:
                refused = why
                log.info("uploads.refused", reason=why.key)
            async for _ in content:  # the rest of a refused file arrives anyway
                pass
        yield first.filename, refused


class _Ahead:
    """Cuts one stream of chunks into files."""

    def __init__(self, chunks: rx.UploadChunkIterator) -> None:
        self._chunks = chunks
        self._next: rx.UploadChunk | None = None

    async def look(self) -> rx.UploadChunk | None:
        """The chunk that comes next, which stays the next one; None: there is none."""
        if self._next is None:
            self._next = await anext(self._chunks, None)
        return self._next

    async def file(self, first: rx.UploadChunk) -> AsyncIterator[bytes]:
        """What belongs to the file that begins with `first`."""
        self._next = None
        yield first.data
        while (chunk := await self.look()) is not None and chunk.filename == first.filename and chunk.offset:
            self._next = None
            yield chunk.data
