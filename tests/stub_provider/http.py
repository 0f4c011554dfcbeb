"""As much of HTTP/1.1 as the stub needs, with every way of breaking it within reach."""

import asyncio
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any


class ClientGoneError(Exception):
    """Whoever asked has closed the connection."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass
class Connection:
    """One client. After `close` the connection ends with the present answer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    closing: bool = field(default=False, init=False)

    async def request(self) -> Request | None:
        """Read the next request, or None when there will be none."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        self.closing = headers.get("connection", "").lower() == "close"
        return Request(method, path, headers, body)

    async def wait(self, seconds: float) -> None:
        """Let time pass, but not longer than the client is there."""
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return
        raise ClientGoneError

    async def wait_for(self, event: asyncio.Event) -> None:
        """Wait until it happens, but not longer than the client is there."""
        gone, happened = asyncio.ensure_future(self.reader.read(1)), asyncio.ensure_future(event.wait())
        await asyncio.wait({gone, happened}, return_when=asyncio.FIRST_COMPLETED)
        is_gone = gone.done()
        for waiting in (gone, happened):
            waiting.cancel()
        await asyncio.gather(gone, happened, return_exceptions=True)
        if is_gone:
            raise ClientGoneError

    async def answer(self, status: int, content: bytes, media_type: str, headers: dict[str, str] | None = None) -> None:
        await self.begin(status, {"content-type": media_type, "content-length": str(len(content)), **(headers or {})})
        await self.send(content)

    async def answer_json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        await self.answer(status, json.dumps(value).encode(), "application/json", headers)

    async def begin(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
        if self.closing:
            lines.append("connection: close")
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        try:
            await self.writer.drain()
        except ConnectionError:
            raise ClientGoneError from None

    def close(self) -> None:
        self.closing = True

    def reset(self) -> None:
        """End the connection with a TCP reset, as a crashed peer or a firewall does."""
        self.closing = True
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
