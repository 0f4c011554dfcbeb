"""The stub's routes: those of the two services, and `/control` for whoever tests.

`POST /control` with `{"scenario": …, "times": n, …options}` queues a scenario for the next n calls (default 1); the queue
used up, calls succeed after the default delay. With the option `is_held` a call is answered by nothing before somebody calls
`POST /control/release`. `POST /control/menu` with `{"service": "bfl" | "huggingface", "seed": n, "wanted": [{"scenario": …}, …]}`
lets each call of that service for which nothing is queued have one of these, drawn by the seed. `GET /control/tasks` tells what
Black Forest Labs has taken. `DELETE /control` forgets everything. `GET /control/calls` tells the calls: what
was ordered of either service. How often results were asked for and fetched is told apart from them.
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.stub_provider import bfl
from tests.stub_provider.http import ClientGoneError, Connection, Request
from tests.stub_provider.scenarios import SCENARIOS, Answer, marked, perform

MODELS = ("black-forest-labs/FLUX.1-dev", "black-forest-labs/FLUX.1-schnell")
_REMEMBERED = 1000


@dataclass
class Menu:
    """What is served where nothing was planned."""

    wanted: list[dict[str, Any]]
    chance: random.Random

    def choose(self) -> dict[str, Any]:
        return self.chance.choice(self.wanted)


@dataclass
class Stub:
    """What was asked, and what comes next."""

    delay_seconds: float = 0.0
    total: int = 0
    open: int = 0
    most_open: int = 0
    planned: deque[dict[str, Any]] = field(default_factory=deque[dict[str, Any]])
    menus: dict[str, Menu] = field(default_factory=dict[str, Menu])
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque[dict[str, Any]](maxlen=_REMEMBERED))
    visits: deque[dict[str, Any]] = field(default_factory=lambda: deque[dict[str, Any]](maxlen=_REMEMBERED))
    tasks: bfl.Tasks = field(default_factory=bfl.Tasks)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has had enough."""
        connection = Connection(reader, writer)
        # asyncio's streams complain aloud of a connection that is still open at the end of the process.
        with contextlib.suppress(ClientGoneError, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not connection.closing and (request := await connection.request()) is not None:
                await self._route(connection, request)
        writer.close()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    async def _route(self, connection: Connection, request: Request) -> None:
        if request.path.startswith("/control"):
            await self._control(connection, request)
        elif request.method == "POST" and "/models/" in request.path:
            await self._call(connection, request, perform)
        elif request.method == "POST" and "/v1/" in request.path:
            await self._call(connection, request, self.tasks.submit)
        elif request.method == "GET":
            await self._visit(connection, request)
        else:
            await connection.answer_json(404, {"error": "Not found"})

    async def _control(self, connection: Connection, request: Request) -> None:
        match request.method, request.path:
            case "POST", "/control":
                wanted = request.json()
                if wanted["scenario"] not in {*SCENARIOS, *bfl.SCENARIOS} and not str(wanted["scenario"]).isdigit():
                    await connection.answer_json(422, {"error": "no such scenario"})
                    return
                self.planned.extend([wanted] * int(wanted.get("times", 1)))
                await connection.answer_json(200, {"planned": len(self.planned)})
            case "POST", "/control/release":
                self._release()
                await connection.answer_json(200, {})
            case "POST", "/control/menu":
                menu = request.json()
                self.menus[menu["service"]] = Menu(menu["wanted"], random.Random(menu["seed"]))
                await connection.answer_json(200, {})
            case "GET", "/control/tasks":
                await connection.answer_json(200, self.tasks.every())
            case "DELETE", "/control":
                self._release()
                self.planned.clear()
                self.menus.clear()
                self.calls.clear()
                self.visits.clear()
                self.tasks.forget()
                self.total = self.most_open = 0
                await connection.answer_json(200, {})
            case "GET", "/control/calls":
                told = {"total": self.total, "open": self.open, "most_open": self.most_open, **self.tasks.told()}
                await connection.answer_json(200, {**told, "calls": list(self.calls), "visits": list(self.visits)})
            case _:
                await connection.answer_json(404, {"error": "Not found"})

    async def _call(self, connection: Connection, request: Request, answer: Answer) -> None:
        self.total += 1
        with self._opened():
            wanted = self._wanted_of_bfl(request) if answer == self.tasks.submit else self._wanted(request)
            call = {"path": request.path, "headers": request.headers, "body": request.json(), "scenario": wanted["scenario"]}
            self.calls.append(call)
            if wanted.get("is_held"):
                await connection.wait_for(self.released)
            await answer(connection, request, wanted, {"x-request-id": f"stub-{self.total}"})

    async def _visit(self, connection: Connection, request: Request) -> None:
        with self._opened():
            self.visits.append({"path": request.path, "headers": request.headers, "body": {}, "scenario": ""})
            await self.tasks.visit(connection, request)

    def _release(self) -> None:
        """Whoever waits goes on; the next one waits again."""
        self.released.set()
        self.released = asyncio.Event()
        self.tasks.get_ready()

    @contextlib.contextmanager
    def _opened(self) -> Iterator[None]:
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            yield
        finally:
            self.open -= 1

    def _next(self, service: str) -> dict[str, Any]:
        if self.planned:
            return self.planned.popleft()
        menu = self.menus.get(service)
        return menu.choose() if menu else {"scenario": "success", "delay_seconds": self.delay_seconds}

    def _wanted_of_bfl(self, request: Request) -> dict[str, Any]:
        body = request.json()
        wrong = bfl.wrong(request, body)
        if wrong:
            return {"scenario": wrong}
        planned = self._next("bfl")
        return marked(body["prompt"]) or planned

    def _wanted(self, request: Request) -> dict[str, Any]:
        """Answer what is wrong with the request itself first, as the real provider does."""
        if not request.headers.get("authorization", "").startswith("Bearer hf_"):
            return {"scenario": "401"}
        if request.path.partition("/models/")[2] not in MODELS:
            return {"scenario": "404"}
        body = request.json()
        if not isinstance(body.get("inputs"), str) or not {"width", "height"} <= set(body.get("parameters", {})):
            return {"scenario": "422"}
        planned = self._next("huggingface")
        return marked(body["inputs"]) or planned
