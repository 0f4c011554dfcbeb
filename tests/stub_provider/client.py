"""Starts the stub as a process and steers it. Blocking, for fixtures and for test bodies: each call takes about 1 ms."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import httpx

from tests.factories.waiting import wait_for

_PROJECT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Call:
    """One request as the stub received it. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    scenario: str


class StubProvider:
    """A provider of one's own: `with StubProvider() as stub: …`. It ends with whoever started it, even when killed."""

    def __init__(self, *, delay_seconds: float = 0.0, port: int = 0, warm: str = "") -> None:
        self._options = [f"--port={port}", f"--delay-seconds={delay_seconds}", f"--warm={warm}", "--until-eof"]
        self._process: subprocess.Popen[str] | None = None
        self._http = httpx.Client(timeout=60)
        self.url = ""

    def start(self) -> Self:
        """Return when it answers; `url` is its address."""
        command = [sys.executable, "-m", "tests.stub_provider", *self._options]
        self._process = subprocess.Popen(command, cwd=_PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the stub provider did not start")
        return self

    def stop(self) -> None:
        """End the process. Doing it again is no error."""
        if self._process is not None:
            self._process.communicate()
            self._process = None
        self._http.close()

    def set(self, scenario: str | int, *, times: int = 1, **options: Any) -> None:
        """Queue `scenario` for the next `times` calls; see `scenarios` for names and options."""
        wanted = {"scenario": str(scenario), "times": times, **options}
        self._http.post(f"{self.url}/control", json=wanted).raise_for_status()

    def serve(self, service: Literal["bfl", "huggingface"], wanted: list[dict[str, Any]], *, seed: int) -> None:
        """Let each call of this service for which nothing is queued have one of `wanted`, drawn by the seed."""
        menu = {"service": service, "seed": seed, "wanted": wanted}
        self._http.post(f"{self.url}/control/menu", json=menu).raise_for_status()

    def release(self) -> None:
        """Let the calls go on that were told to wait by `is_held`, and the requests get ready that are `is_unready`."""
        self._http.post(f"{self.url}/control/release", json={}).raise_for_status()

    def reset(self) -> None:
        """Forget the calls and what was queued."""
        self._http.delete(f"{self.url}/control").raise_for_status()

    def calls(self) -> list[Call]:
        """Tell the calls since the last reset, oldest first, at most the last 1000."""
        return [Call(**call) for call in self._told()["calls"]]

    def total(self) -> int:
        """How many calls there were since the last reset."""
        return int(self._told()["total"])

    def open_calls(self) -> int:
        """How many calls wait for their answer at this moment."""
        return int(self._told()["open"])

    def wait_for_open(self, number: int, *, seconds: float = 60) -> None:
        """Return when exactly `number` calls are open; for `asyncio.to_thread`. Raises: AssertionError."""
        wait_for(lambda: self.open_calls() == number, within_seconds=seconds, what=f"{number} open calls")

    def order(self, model: str, wish: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        """Submit a request to Black Forest Labs by hand."""
        return self._http.post(f"{self.url}/v1/{model}", json=wish, headers=headers).raise_for_status().json()

    def tasks(self) -> list[dict[str, Any]]:
        """Tell what Black Forest Labs has taken, oldest first: `id`, `seed` of the wish, `scenario` of its end, `polls`."""
        return self._http.get(f"{self.url}/control/tasks").raise_for_status().json()

    def told(self, what: Literal["accepted", "polls", "downloads"]) -> int:
        """Tell how many requests Black Forest Labs has taken, how often results were asked for, and pictures fetched."""
        return int(self._told()[what])

    def visits(self) -> list[Call]:
        """Tell what was asked for and fetched since the last reset, oldest first."""
        return [Call(**visit) for visit in self._told()["visits"]]

    def most_open_calls(self) -> int:
        """Tell the most calls that were ever open at once since the last reset."""
        return int(self._told()["most_open"])

    def _told(self) -> dict[str, Any]:
        return self._http.get(f"{self.url}/control/calls").raise_for_status().json()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
