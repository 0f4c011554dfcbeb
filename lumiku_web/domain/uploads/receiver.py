"""One photograph from its first byte to its row. No transaction is open while anything is waited for.

Whatever ends it early (a refusal, a cancellation, a consumer that goes away, a full disk), nothing of it stays: the file has no
name, and what was stored had its note before. Of a process that is killed the sweeper finds the note.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO, TypeVar
from uuid import UUID

from lumiku_web.db.unit_of_work import Call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import ImageRead, NewImage, Origin, PreparedImage, Thumb
from lumiku_web.domain.uploads import policy
from lumiku_web.domain.uploads.incoming import IncomingFile
from lumiku_web.domain.uploads.schemas import AlreadyThere, Arrived, DeclaredFile, Kept, Step
from lumiku_web.domain.uploads.service import Uploads
from lumiku_web.errors import Conflict, Unavailable
from lumiku_web.ids import new_id
from lumiku_web.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Receiver:
    """Takes files in; any number at once, of which `cpu` lets only so many be decoded."""

    call: Call
    uploads: Uploads
    #: As many as there are cores: decoding and encoding is CPU work, and takes memory.
    cpu: asyncio.Semaphore

    async def receive(
        self, actor: Actor, project_id: UUID, declared: DeclaredFile, chunks: AsyncIterator[bytes]
    ) -> AsyncGenerator[Step, None]:
        """`Arrived`, then `Kept`; or `AlreadyThere` at the end. Closed before its end, the generator gives the upload up.

        Raises: InvalidInput (what is wrong with the file), NotFound, LimitReached(`storage_limit`), Unavailable.
        """
        named = policy.check_declared(declared)
        await self.call(self.uploads.begin, actor, project_id)
        with IncomingFile(self.uploads.upload_limit_bytes) as incoming:
            await incoming.take(chunks, named)
            new = NewImage(new_id(), actor.user_id, project_id, Origin.uploaded, policy.title(declared.name))
            new = replace(new, source_sha256=incoming.sha256)
            await self.uploads.scan(incoming.file)
            async with self._decoding(incoming.file) as decoding:
                # Meanwhile: that a file is known is rare, and then it was decoded in vain.
                known: ImageRead | None = await self.call(self.uploads.recognise, actor, new)
                if known is not None:
                    yield AlreadyThere(known)
                    return
                is_kept = False
                try:
                    yield _arrived(await decoding.thumb())
                    end = await _to_its_end(self._keep(actor, new, await decoding.whole()))
                    is_kept = isinstance(end, Kept)
                    yield end
                finally:
                    if not is_kept:
                        await _to_its_end(self._give_up(new))

    @asynccontextmanager
    async def _decoding(self, file: BinaryIO) -> AsyncGenerator["_Decoding", None]:
        """The codec, as soon as there is a core for it. Its thread can't be stopped: the end waits for it."""
        loop = asyncio.get_running_loop()
        thumb: asyncio.Future[Thumb] = loop.create_future()
        prepare = partial(self.uploads.prepare, file, partial(loop.call_soon_threadsafe, thumb.set_result))
        whole = asyncio.ensure_future(self._on_a_core(prepare))
        try:
            yield _Decoding(thumb, whole)
        finally:
            whole.cancel()
            await _ended(whole)

    async def _on_a_core(self, work: Callable[[], T]) -> T:
        """There is room for another only when the thread has ended."""
        async with self.cpu:
            return await _to_its_end(asyncio.to_thread(work))

    async def _keep(self, actor: Actor, new: NewImage, prepared: PreparedImage) -> Kept | AlreadyThere:
        await asyncio.to_thread(self.uploads.store, new, prepared)
        try:
            return Kept(await self.call(self.uploads.keep, actor, new, prepared))
        except Conflict:
            first: ImageRead | None = await self.call(gallery.from_source, actor, new.source_sha256)
            if first is None:
                raise
            return AlreadyThere(first)

    async def _give_up(self, new: NewImage) -> None:
        try:
            await self.call(self.uploads.give_up, new)
        except Unavailable as down:
            log.warning("uploads.left_to_the_sweeper", image_id=str(new.id), reason=down.key)


@dataclass(frozen=True)
class _Decoding:
    """What the codec makes, as it comes."""

    _thumb: asyncio.Future[Thumb]
    _whole: asyncio.Future[PreparedImage]

    async def thumb(self) -> Thumb:
        """Raises: as the codec."""
        await asyncio.wait([self._thumb, self._whole], return_when=asyncio.FIRST_COMPLETED)
        if not self._thumb.done():
            self._whole.result()  # raises: a codec that says nothing of a thumbnail has refused
        return self._thumb.result()

    async def whole(self) -> PreparedImage:
        """Raises: as the codec."""
        return await asyncio.shield(self._whole)


def _arrived(thumb: Thumb) -> Arrived:
    uri = f"data:image/webp;base64,{base64.b64encode(thumb.content).decode()}"
    return Arrived(uri, thumb.width_px, thumb.height_px)


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """A cancellation waits for it, so that nothing is stored or written behind our back."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    finally:
        await _ended(task)


async def _ended(work: asyncio.Future[Any]) -> None:
    """Whatever comes of it, and however often this is cancelled meanwhile."""
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as again:
            cancelled = again
    if not work.cancelled():
        work.exception()  # seen: nobody need be told that nobody asked
    if cancelled:
        raise cancelled
