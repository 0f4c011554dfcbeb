"""A file on its way in: counted and hashed into a place that has no name, so that nothing is left of it after any end."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import BinaryIO, Final, Self

from lumiku_web.domain.uploads.policy import HEAD_BYTES, check_content
from lumiku_web.errors import InvalidInput, Unavailable

#: Bytes that go to the disk with one trip to a thread.
_BATCH_BYTES: Final = 1 << 20


class IncomingFile:
    """A context manager around one temporary file. Not safe for two tasks at once."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._received = 0
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        self.file: BinaryIO = tempfile.TemporaryFile(prefix="lumiku-photo-")
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    @property
    def sha256(self) -> str:
        """Hex digest of what was taken."""
        return self._digest.hexdigest()

    async def take(self, chunks: AsyncIterator[bytes], named: str) -> None:
        """The whole file, which must begin as a file of the format `named`; what is too much is not waited for.

        Raises: InvalidInput(`photo_empty`, `photo_too_large`, `photo_heic`, `photo_content_otherwise`),
        Unavailable(`storage_full`).
        """
        batch, is_checked = bytearray(), False
        async for chunk in chunks:
            self._received += len(chunk)
            if self._received > self._limit:
                raise InvalidInput("photo_too_large", field="photo", megabytes=self._limit // 1_000_000)
            batch += chunk
            if not is_checked and len(batch) >= HEAD_BYTES:
                check_content(named, bytes(batch[:HEAD_BYTES]))
                is_checked = True
            if len(batch) >= _BATCH_BYTES:
                await asyncio.to_thread(self._write, batch)
                batch = bytearray()
        if not is_checked:
            check_content(named, bytes(batch))
        await asyncio.to_thread(self._write, batch)

    def _write(self, batch: bytearray) -> None:
        self._digest.update(batch)
        try:
            self.file.write(batch)
            self.file.flush()
        except OSError as full:
            raise Unavailable("storage_full") from full
