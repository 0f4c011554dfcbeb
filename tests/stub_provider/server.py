"""The stub's routes: `POST …/models/{model}` as Hugging Face has it, and `/control` for whoever tests.

`POST /control` with `{"scenario": …, "times": n, …options}` queues a scenario for the next n calls (default 1); the queue
used up, calls succeed after the default delay. `DELETE /control` forgets everything. `GET /control/calls` tells the calls.
"""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.stub_provider.http import ClientGoneError, Connection, Request
from tests.stub_provider.scenarios import SCENARIOS, marked, perform

MODELS = ("black-forest-labs/FLUX.1-dev", "black-forest-labs/FLUX.1-schnell")
_REMEMBERED = 1000


@dataclass
class Stub:
    """What was asked, and what comes next."""

    delay_seconds: float = 0.0
    total: int = 0
    open: int = 0
    most_open: int = 0
    planned: deque[dict[str, Any]] = field(default_factory=deque[dict[str, Any]])
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque[dict[str, Any]](maxlen=_REMEMBERED))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has had enough."""
        connection = Connection(reader, writer)
        # asyncio's streams complain aloud of a connection that is still open at the end of the process.
        with contextlib.suppress(ClientGoneError, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not connection.closing and (request := await connection.request()) is not None:
                await self._route(connection, request)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _route(self, connection: Connection, request: Request) -> None:
        if request.path.startswith("/control"):
            await self._control(connection, request)
        elif request.method == "POST" and "/models/" in request.path:
            await self._call(connection, request)
        else:
            await connection.answer_json(404, {"error": "Not found"})

    async def _control(self, connection: Connection, request: Request) -> None:
        match request.method, request.path:
            case "POST", "/control":
                wanted = request.json()
                if wanted["scenario"] not in SCENARIOS and not str(wanted["scenario"]).isdigit():
                    await connection.answer_json(422, {"error": "no such scenario"})
                    return
                self.planned.extend([wanted] * int(wanted.get("times", 1)))
                await connection.answer_json(200, {"planned": len(self.planned)})
            case "DELETE", "/control":
                self.planned.clear()
                self.calls.clear()
                self.total = self.most_open = 0
                await connection.answer_json(200, {})
            case "GET", "/control/calls":
                told = {"total": self.total, "open": self.open, "most_open": self.most_open, "calls": list(self.calls)}
                await connection.answer_json(200, told)
            case _:
                await connection.answer_json(404, {"error": "Not found"})

    async def _call(self, connection: Connection, request: Request) -> None:
        self.total += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            wanted = self._wanted(request)
            call = {"path": request.path, "headers": request.headers, "body": request.json(), "scenario": wanted["scenario"]}
            self.calls.append(call)
            await perform(connection, request, wanted, {"x-request-id": f"stub-{self.total}"})
        finally:
            self.open -= 1

    def _wanted(self, request: Request) -> dict[str, Any]:
        """Answer what is wrong with the request itself first, as the real provider does."""
        if not request.headers.get("authorization", "").startswith("Bearer hf_"):
            return {"scenario": "401"}
        if request.path.partition("/models/")[2] not in MODELS:
            return {"scenario": "404"}
        body = request.json()
        if not isinstance(body.get("inputs"), str) or not {"width", "height"} <= set(body.get("parameters", {})):
            return {"scenario": "422"}
        planned = self.planned.popleft() if self.planned else {"scenario": "success", "delay_seconds": self.delay_seconds}
        return marked(body["inputs"]) or planned
