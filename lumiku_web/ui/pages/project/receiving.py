"""Photographs from the socket of an upload into the project, one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import PurePath
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import CORES, services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.uploads.incoming import IncomingFile
from lumiku_web.errors import LumikuError
from lumiku_web.ids import new_id
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Decoding is CPU work and takes memory: only so many at once in this process.
_decoding = asyncio.Semaphore(CORES)


async def receive(
    chunks: rx.UploadChunkIterator, actor: Actor, project_id: UUID
) -> AsyncIterator[tuple[str, LumikuError | None]]:
    """Yield each file's name and, where it was refused, why. A refused file does not stop the next one."""
    current: _Photo | None = None
    try:
        async for chunk in chunks:
            if current is None or chunk.filename != current.name or (chunk.offset == 0 and current.started):
                if current is not None:
                    yield current.name, await current.keep(actor, project_id)
                current = _Photo(chunk.filename)
            await current.take(chunk.data)
        if current is not None:
            yield current.name, await current.keep(actor, project_id)
    finally:
        if current is not None:
            current.throw_away()


class _Photo:
    """One file; what goes wrong is kept until its end, because its remaining chunks arrive anyway."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started = False
        self._file = IncomingFile(services().settings.upload_limit_bytes)
        self._refused: LumikuError | None = None

    async def take(self, data: bytes) -> None:
        self.started = True
        if self._refused is None:
            try:
                await asyncio.to_thread(self._file.write, data)
            except LumikuError as refused:
                self._refused = refused

    def throw_away(self) -> None:
        """Whatever happened, the temporary file goes."""
        self._file.close()

    async def keep(self, actor: Actor, project_id: UUID) -> LumikuError | None:
        """Decode, store, write into the project; returns why not."""
        with closing(self._file) as file:
            if self._refused is not None:
                return self._refused
            uploads, image_id = services().uploads, new_id()
            try:
                await call(uploads.begin, actor, project_id, image_id)
                async with _decoding:
                    path = await asyncio.to_thread(file.finish)
                    prepared = await asyncio.to_thread(uploads.prepare, actor.user_id, image_id, path)
            except LumikuError as refused:
                log.info("uploads.refused", reason=refused.key)
                return refused
            try:
                await call(uploads.keep, actor, project_id, image_id, PurePath(self.name).stem[:200], prepared)
            except LumikuError as refused:
                await call(uploads.give_up, actor, image_id)
                return refused
        return None
