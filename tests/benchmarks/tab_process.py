"""Many open tabs in one process: `python -m tests.benchmarks.tab_process`, steered by `tabs`.

Each tab is a bare Engine.IO 4 and Socket.IO 5 connection that says what the pages of Reflex say: the boot event inside the
connect packet, the events that the server hands back, and pongs. What arrives is kept with its time and read only when asked.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

_NAMESPACE = "/_event"
_BOOT = "reflex___state____state.hydrate_and_load"
_OPENED_AT_ONCE = 20


@dataclass
class Tab:
    """One connection; `arrived` are its messages since the last question."""

    number: int
    cookie: str
    socket: ClientConnection
    path: str
    arrived: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    loaded: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Boot, then listen until the connection ends."""
        router = {"pathname": self.path, "asPath": self.path, "query": {}}
        await self.socket.send(f"40{_NAMESPACE},{json.dumps({'event': {'name': _BOOT, 'payload': {}, 'router_data': router}})}")
        async for message in self.socket:
            now = time.time_ns()
            text = message if isinstance(message, str) else message.decode()
            if text == "2":
                await self.socket.send("3")
            elif text.startswith(f"42{_NAMESPACE},"):
                self.arrived.append((now, text))
                if not self.loaded.is_set():
                    await self._go_on(text)

    async def _go_on(self, text: str) -> None:
        update = _update(text)
        for event in update.get("events", []):
            wanted = {**event, "router_data": {"pathname": self.path, "asPath": self.path, "query": {}}}
            await self.socket.send(f"42{_NAMESPACE},{json.dumps(['event', wanted])}")
        if any(name.endswith("live_state") and "orders_rx_state_" in part for name, part in update.get("delta", {}).items()):
            self.loaded.set()


async def _open(number: int, wanted: dict[str, Any], token: str, cookie: str) -> Tab:
    address = f"ws://127.0.0.1:{wanted['port']}{_NAMESPACE}/?token={token}&EIO=4&transport=websocket"
    origin = f"http://localhost:{wanted['port']}"
    socket = await connect(address, additional_headers={"Cookie": cookie}, origin=origin, max_size=None, open_timeout=30)  # type: ignore[arg-type]  (any text is an origin)
    return Tab(number, cookie, socket, wanted["path"])


async def _open_all(wanted: dict[str, Any]) -> tuple[list[Tab], list[asyncio.Task[None]]]:
    tabs: list[Tab] = []
    running: list[asyncio.Task[None]] = []
    pairs = list(enumerate(wanted["tabs"]))
    for start in range(0, len(pairs), _OPENED_AT_ONCE):
        some = [await _open(number, wanted, token, cookie) for number, (token, cookie) in pairs[start : start + _OPENED_AT_ONCE]]
        running += [asyncio.create_task(tab.run()) for tab in some]
        await asyncio.wait_for(asyncio.gather(*(tab.loaded.wait() for tab in some)), 30)
        tabs += some
    return tabs, running


def _told(tabs: list[Tab]) -> list[list[Any]]:
    """For each tile that a tab was told of: tab, item, status, the reason beside it, and when it came first, in ns."""
    first: dict[tuple[int, str, str, str], int] = {}
    for tab in tabs:
        for when, text in tab.arrived:
            for name, part in _update(text).get("delta", {}).items():
                if name.endswith("live_state"):
                    for order in part.get("orders_rx_state_", []):
                        for tile in order["tiles"]:
                            first.setdefault((tab.number, tile["id"], tile["status"], tile["reason"]), when)
        tab.arrived.clear()
    return [[*key, when] for key, when in first.items()]


def _update(text: str) -> dict[str, Any]:
    name, update = json.loads(text.partition(",")[2])
    return update if name == "event" else {}


async def main() -> None:
    """Open what the first line says, and answer each further line, until standard input ends."""
    wanted = json.loads(await asyncio.to_thread(sys.stdin.readline))
    tabs, running = await _open_all(wanted)
    print(json.dumps({"ready": len(tabs)}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        received = sum(len(text) for tab in tabs for _, text in tab.arrived)
        alive = sum(not task.done() for task in running)
        print(json.dumps({"alive": alive, "characters": received, "tiles": _told(tabs)}), flush=True)
    for tab in tabs:
        await tab.socket.close()


if __name__ == "__main__":
    asyncio.run(main())
