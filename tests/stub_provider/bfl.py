"""Black Forest Labs' contract: a request is taken, asked for until it is ready, and its picture lies at another address.

Besides those of `scenarios`, there are `pending` (for ever), `request_moderated`, `content_moderated`, `error`, `task_not_found`
and `expired` (the picture's address). Options: `polls` that say Pending before the end (default 0); `is_unready`, which says it
until `POST /control/release`; `at`, where a fault of `scenarios` strikes: `submit` (default of a status), `poll` or `delivery`
(default of the others); `faults`, how often it does (default 1); `polling_url` and `sample`, addresses in the place of the stub's
own; `cost` in credits (default 2.5).
"""

import json
import math
import time
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.stub_provider.http import Connection, Request
from tests.stub_provider.scenarios import Options, perform

#: Edges in px: smallest, largest, step.
_EDGES: Final = {"flux-dev": (256, 1440, 32), "flux-pro-1.1": (256, 1440, 32), "flux-2-pro": (64, 2048, 16)}
_ENDS: Final = {
    "request_moderated": "Request Moderated",
    "content_moderated": "Content Moderated",
    "error": "Error",
    "task_not_found": "Task not found",
}
SCENARIOS: Final = frozenset({"pending", "expired", *_ENDS})


def wrong(request: Request, body: Any) -> str:
    """Name the status that the real provider answers to what is wrong with the request itself; empty: nothing is."""
    if not request.headers.get("x-key", "").startswith("bfl_"):
        return "403"
    model = request.path.partition("/v1/")[2]
    if model not in _EDGES:
        return "404"
    least, most, step = _EDGES[model]
    edges = body.get("width", 1024), body.get("height", 768)
    fits = all(least <= edge <= most and edge % step == 0 for edge in edges)
    return "" if fits and isinstance(body.get("prompt"), str) else "422"


@dataclass
class _Task:
    """One request that was taken."""

    body: dict[str, Any]
    wanted: Options
    ready_at: float
    polls: int = 0
    faults: int = 0

    def strikes(self, place: str) -> bool:
        """Whether the fault of this task happens here and now."""
        if _place(self.wanted) != place or self.faults >= int(self.wanted.get("faults", 1)):
            return False
        self.faults += 1
        return True

    def status(self) -> str:
        """What is said when somebody asks."""
        name = str(self.wanted["scenario"])
        self.polls += 1
        early = name == "pending" or self.polls <= int(self.wanted.get("polls", 0)) or time.monotonic() < self.ready_at
        return "Pending" if early else _ENDS.get(name, "Ready")


@dataclass
class Tasks:
    """All of them, by id."""

    tasks: dict[str, _Task] = field(default_factory=dict[str, _Task])
    ids: "count[int]" = field(default_factory=lambda: count(1))
    polls: int = 0
    downloads: int = 0

    def told(self) -> dict[str, int]:
        return {"accepted": len(self.tasks), "polls": self.polls, "downloads": self.downloads}

    def every(self) -> list[dict[str, Any]]:
        """In the order in which they were taken."""
        return [
            {"id": task_id, "seed": task.body.get("seed"), "scenario": task.wanted["scenario"], "polls": task.polls}
            for task_id, task in self.tasks.items()
        ]

    def get_ready(self) -> None:
        """Whatever was taken."""
        for task in self.tasks.values():
            task.ready_at = 0.0

    def forget(self) -> None:
        self.tasks.clear()
        self.polls = self.downloads = 0

    async def submit(self, connection: Connection, request: Request, wanted: Options, headers: dict[str, str]) -> None:
        """Take the request, or fail as wanted."""
        if _place(wanted) == "submit":
            await perform(connection, _in_known_words(request, request.json()), wanted, headers)
            return
        task_id = f"task-{next(self.ids)}"
        delay = 0.0 if _place(wanted) else math.inf if wanted.get("is_unready") else float(wanted.get("delay_seconds", 0))
        self.tasks[task_id] = _Task(request.json(), wanted, time.monotonic() + delay)
        address = f"http://{request.headers['host']}/v1/get_result?id={task_id}"
        told = {"id": task_id, "polling_url": str(wanted.get("polling_url", address)), "cost": float(wanted.get("cost", 2.5))}
        await connection.answer_json(200, {**told, "input_mp": 0.0, "output_mp": 1.0}, headers)

    async def visit(self, connection: Connection, request: Request) -> None:
        """Somebody asks for a result, or fetches a picture."""
        address = urlsplit(request.path)
        if address.path.endswith("/v1/get_result"):
            self.polls += 1
            await self._poll(connection, request, "".join(parse_qs(address.query).get("id", [])))
        elif address.path.startswith("/delivery/"):
            self.downloads += 1
            await self._deliver(connection, request, self.tasks.get(address.path.split("/")[2]))
        else:
            await connection.answer_json(404, {"detail": "Not Found"})

    async def _poll(self, connection: Connection, request: Request, task_id: str) -> None:
        task = self.tasks.get(task_id)
        told = {"id": task_id, "result": None, "progress": None, "details": None, "preview": None}
        if not request.headers.get("x-key", "").startswith("bfl_"):
            await connection.answer_json(403, {"detail": "Not authenticated - Invalid Authentication"})
        elif task is None:
            await connection.answer_json(404, {**told, "status": "Task not found"})
        elif task.strikes("poll"):
            await perform(connection, _in_known_words(request, task.body), task.wanted, {})
        else:
            status = task.status()
            if status.endswith("Moderated"):
                told["details"] = {"Moderation Reasons": ["Nudity"], "prompt": task.body["prompt"]}
            if status == "Ready":
                sample = f"http://{request.headers['host']}/delivery/{task_id}/sample.png?se=soon&sig=secret"
                told["result"] = {"sample": task.wanted.get("sample", sample), "seed": task.body.get("seed")}
            await connection.answer_json(200, {**told, "status": status})

    async def _deliver(self, connection: Connection, request: Request, task: _Task | None) -> None:
        """From another house: whoever shows it a key has given it away."""
        if task is None or task.wanted["scenario"] == "expired":
            await connection.answer(403, b"<Error><Code>AuthenticationFailed</Code></Error>", "application/xml")
        elif {"x-key", "authorization", "cookie"} & set(request.headers):
            await connection.answer(400, b"<Error><Code>InvalidAuthenticationInfo</Code></Error>", "application/xml")
        else:
            wanted = task.wanted if task.strikes("delivery") else {"scenario": "success"}
            await perform(connection, _in_known_words(request, task.body), wanted, {})


def _in_known_words(request: Request, body: dict[str, Any]) -> Request:
    """As `scenarios` reads it."""
    size = {name: body.get(name, 0) for name in ("width", "height", "seed")}
    return replace(request, body=json.dumps({"parameters": size, "prompt": body.get("prompt")}).encode())


def _place(wanted: Options) -> str:
    """Where the fault strikes; empty for what is none."""
    name = str(wanted["scenario"])
    if name == "success" or name in SCENARIOS:
        return ""
    return str(wanted.get("at", "submit" if name.isdigit() else "delivery"))
