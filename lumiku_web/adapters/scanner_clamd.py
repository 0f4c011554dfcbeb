"""Files through ClamAV's daemon, by its `INSTREAM` command: https://docs.clamav.net/manual/Usage/Scanning.html#clamd.

Nothing that clamd did not call clean counts as clean: no answer, an error and a file above its `StreamMaxLength` are all
`scanner_unreachable`.
"""

import asyncio
from typing import BinaryIO, Final

from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

UNIX: Final = "unix:"
_CHUNK_BYTES: Final = 1 << 18


class ClamdScanner:
    """The Scanner port. `address` is `host:port` or `unix:/path`; one connection for each file."""

    def __init__(self, address: str, *, patience_seconds: float = 30.0) -> None:
        self._address = address
        self._patience_seconds = patience_seconds

    async def finding(self, file: BinaryIO) -> str:
        try:
            async with asyncio.timeout(self._patience_seconds):
                answer = await self._ask(file)
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError) as down:
            log.warning("scanner.unreachable", error=repr(down))
            raise Unavailable("scanner_unreachable") from down
        said = answer.removeprefix("stream: ")
        if said == "OK":
            return ""
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")[:100]
        log.warning("scanner.not_understood", answer=answer[:200])
        raise Unavailable("scanner_unreachable")

    async def _ask(self, file: BinaryIO) -> str:
        """The daemon's answer. Raises: OSError, EOFError, asyncio.LimitOverrunError."""
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            await asyncio.to_thread(file.seek, 0)
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                writer.write(len(chunk).to_bytes(4, "big") + chunk)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            return (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace").strip()
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.startswith(UNIX):
            return await asyncio.open_unix_connection(self._address.removeprefix(UNIX))
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))
