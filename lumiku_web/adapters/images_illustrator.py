"""Pictures without any key: an illustrator that draws from the looks themselves, in child processes of its own."""

import asyncio
import json
import struct
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final

from lumiku_web.domain.providers.ports import Accepted, Capabilities, ImageRequest, ImageResult, Json, unnoted
from lumiku_web.errors import Permanent, Transient

MODEL: Final = "dicebear"
_CAPABILITIES: Final = Capabilities(256, 1536, 8, honours_looks=True, drawn=True)
_MODULE: Final = "lumiku_web.adapters.illustrator_process"
_PROJECT: Final = Path(__file__).parents[2]
_PICTURE: Final = b"P"


class Illustrator:
    """The ImageProvider `illustrator`: the looks are drawn, all of them, and the seed decides what they leave open.

    At most `processes` children draw at once, each of about 40 MB; they start with the first pictures and stay. A child that
    dies, or is still drawing when its deadline passes, is ended and replaced with the next picture.
    """

    name = "illustrator"

    def __init__(self, *, processes: int = 1) -> None:
        self._turns = asyncio.Semaphore(processes)
        self._idle: list[Process] = []
        self._all: set[Process] = set()

    def capabilities(self, provider_model: str) -> Capabilities:
        if provider_model != MODEL:
            raise Permanent("model_unknown", model=provider_model)
        return _CAPABILITIES

    def processes(self) -> list[int]:
        """Tell the ids of the children that are there, for those who watch processes."""
        return [child.pid for child in self._all]

    async def generate(self, request: ImageRequest, accepted: Accepted = unnoted) -> ImageResult:  # noqa: ARG002 (the port's)
        """Draw; there is never a ticket. Waiting for a free child counts towards the deadline."""
        self.capabilities(request.provider_model)
        sent: dict[str, Json] = {
            "seed": request.seed,
            "prompt": request.prompt,
            "width_px": request.width_px,
            "height_px": request.height_px,
        }
        wish = json.dumps({**sent, "looks": dict(request.looks)}).encode()
        try:
            async with asyncio.timeout(request.deadline_seconds), self._turns:
                content = await self._drawn(wish)
        except TimeoutError:
            raise Transient("provider_timeout", detail=f"not drawn in {request.deadline_seconds:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError) as died:
            raise Transient("provider_failed", detail=f"the child process died: {type(died).__name__}") from died
        except OSError as failed:
            raise Transient("provider_unreachable", detail=f"no child process: {failed.strerror}") from failed
        return ImageResult(content, "", {**sent, **request.looks})

    async def aclose(self) -> None:
        """End the children, also those that draw. A later picture starts them again."""
        children, idle, self._idle = list(self._all), self._idle, []
        for child in children:
            self._kill(child)
        for child in children:
            # What is left in the pipe of a child that draws is read by who waits for its picture.
            await (child.communicate() if child in idle else child.wait())

    async def _drawn(self, wish: bytes) -> bytes:
        """Let a child draw; whatever goes wrong on the way, a child in an unknown state is not used again."""
        child = await self._free()
        try:
            kind, content = await _ask(child, wish)
        except BaseException:
            await self._end(child)
            raise
        self._idle.append(child)
        if kind != _PICTURE:
            raise Permanent("provider_refused", detail=content.decode())
        return content

    async def _free(self) -> Process:
        """Find a child that waits, or start one; those that died while they waited are buried."""
        while self._idle:
            child = self._idle.pop()
            if child.returncode is None:
                return child
            await self._end(child)
        return await self._start()

    async def _start(self) -> Process:
        # Without our environment: a child that draws has no use for passwords and tokens.
        environment = {"PYTHONPATH": str(_PROJECT)}
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, stdin=PIPE, stdout=PIPE, cwd=_PROJECT, env=environment
        )
        self._all.add(child)
        return child

    async def _end(self, child: Process) -> None:
        """Kill and reap, and read what is left, so that the pipes are closed too."""
        self._kill(child)
        await child.communicate()

    def _kill(self, child: Process) -> None:
        """Once only: a second signal would reap the child behind asyncio's back, which complains of it."""
        if child in self._all:
            self._all.discard(child)
            with suppress(ProcessLookupError):
                child.kill()


async def _ask(child: Process, wish: bytes) -> tuple[bytes, bytes]:
    """Send one wish and read its answer: kind and content."""
    assert child.stdin is not None  # noqa: S101 - started with pipes
    assert child.stdout is not None  # noqa: S101
    child.stdin.write(struct.pack(">I", len(wish)) + wish)
    await child.stdin.drain()
    kind, length = struct.unpack(">cI", await child.stdout.readexactly(5))
    return kind, await child.stdout.readexactly(length)
