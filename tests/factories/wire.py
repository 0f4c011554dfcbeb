"""A tab without a browser: a bare socket that may say whatever a browser could, and keeps every word of the answers.

Engine.IO 4 and Socket.IO 5, as the pages speak them: the boot event inside the connect packet, the events that the server hands
back, and pongs.
"""

import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from lumiku_web.ids import new_id
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.session import SessionState

_NAMESPACE: Final = "/_event"
_BOOT: Final = "reflex___state____state.hydrate_and_load"
_SESSION: Final = SessionState.get_full_name()
_LIVE: Final = LiveState.get_full_name()
_PATIENCE_SECONDS: Final = 60.0


class Tab:
    """`with Tab(address, secret, path) as tab: …`: connected, its page loaded. `received` is everything that was sent to it.

    `address` is the product's origin, `secret` that of a session, or nothing.
    """

    def __init__(self, address: str, secret: str, path: str = "/home", *, token: str = "") -> None:
        self._address, self._secret = address, secret
        self.path = path
        self.token = token or str(new_id())
        self.received: list[str] = []
        self._open = ExitStack()
        self._socket: ClientConnection

    def __enter__(self) -> Self:
        address = f"ws://127.0.0.1:{urlsplit(self._address).port}{_NAMESPACE}/?token={self.token}&EIO=4&transport=websocket"
        cookie = {"Cookie": f"lumiku_session={self._secret}"} if self._secret else {}
        origin: Any = self._address
        self._socket = self._open.enter_context(connect(address, additional_headers=cookie, origin=origin, max_size=None))
        boot = {"name": _BOOT, "payload": {}, "router_data": self._router_data()}
        self._socket.send(f"40{_NAMESPACE},{json.dumps({'event': boot})}")
        self.until(_LIVE if self._secret else _SESSION, "orders" if self._secret else "is_signed_in")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        """One event, by the full name of its handler. What comes of it is received later."""
        event = {"name": name, "payload": payload, "router_data": self._router_data()}
        self._socket.send(f"42{_NAMESPACE},{json.dumps(['event', event])}")

    def settle(self) -> None:
        """Return when everything that was sent before has been answered: events of one tab are handled one after the other."""
        self.send(f"{_SESSION}.set_language", {"language": "id"})
        self.until(_SESSION, "language", "id")
        self.send(f"{_SESSION}.set_language", {"language": "en"})
        self.until(_SESSION, "language", "en")

    def until(self, state: str, var: str, value: object = ...) -> Any:
        """Receive until this var comes, with this value if one is named; returns it. Raises: AssertionError, ConnectionClosed."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            part = self._next(end).get("delta", {}).get(state, {})
            if f"{var}_rx_state_" in part and (value is ... or part[f"{var}_rx_state_"] == value):
                return part[f"{var}_rx_state_"]

    def is_closed(self) -> bool:
        """Whether the server hangs up."""
        try:
            while True:
                self._next(time.monotonic() + _PATIENCE_SECONDS)
        except ConnectionClosed:
            return True

    def _next(self, end: float) -> dict[str, Any]:
        """The next update; an empty one for everything else that is said."""
        try:
            text = str(self._socket.recv(max(end - time.monotonic(), 0.01)))
        except TimeoutError:
            raise AssertionError(f"nothing more came; the last was {self.received[-1:]}") from None
        if text == "2":
            self._socket.send("3")
        self.received.append(text)
        if not text.startswith(f"42{_NAMESPACE},"):
            return {}
        name, update = json.loads(text.partition(",")[2])
        if name != "event":
            return {}
        for event in update.get("events", []):
            if not event["name"].startswith("_"):  # these are for the browser itself
                self.send(event["name"], event["payload"])
        return update

    def _router_data(self) -> dict[str, Any]:
        query = dict(pair.partition("=")[::2] for pair in self.path.partition("?")[2].split("&") if pair)
        return {"pathname": self.path.partition("?")[0], "asPath": self.path, "query": query}
