"""States without a browser: the real app, the real gatekeeper, real rows; only the socket is ours."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import State, StateUpdate
from reflex_base.event import Event
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor
from reflex_base.registry import RegistrationContext

from lumiku_web.bootstrap import Services
from lumiku_web.http.session_cookie import cookie_name
from lumiku_web.lumiku_web import app
from lumiku_web.ui.presence import Presence, presence
from tests.factories.house import House


class Socket:
    """Stands for the socket of all tabs: keeps what would be sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, StateUpdate]] = []

    async def emit_update(self, update: StateUpdate, token: str) -> None:
        self.sent.append((token, update))


@dataclass(repr=False)
class Browser:
    """One tab of somebody. It is not spelled out: a state that is begins to compute its vars, and nobody waits for them."""

    services: Services
    processor: BaseStateEventProcessor
    manager: StateManagerMemory
    socket: Socket
    token: str = "tab-1"
    secret: str = ""
    path: str = "/home"

    def tab(self, **changed: Any) -> "Browser":
        """Another tab, or the same one with another cookie or address."""
        return Browser(**{**vars(self), **changed})

    async def send(self, state: type[State], handler: str, /, **payload: Any) -> list[StateUpdate]:
        """Send one event as a page would, and wait for everything that it causes. Returns what came back."""
        before = len(self.socket.sent)
        cookie = f"{cookie_name(self.services.settings)}={self.secret}" if self.secret else ""
        data = {
            "pathname": self.path.partition("?")[0],
            "asPath": self.path,
            "path": self.path,
            "token": self.token,
            "sid": f"sid-{self.token}",
            "ip": "1.1.1.1",
            "query": dict(pair.split("=") for pair in self.path.partition("?")[2].split("&") if pair),
            "headers": {"cookie": cookie, "host": "studio.example"},
        }
        event = Event(name=f"{state.get_full_name()}.{handler}", payload=payload, router_data=data)
        assert event.name in RegistrationContext.get().event_handlers
        await (await self.processor.enqueue(self.token, event)).wait_all()
        return [update for token, update in self.socket.sent[before:] if token == self.token]

    async def state(self, kind: type[State]) -> Any:
        """The state of this tab as it is now."""
        async with self.manager.modify_state(rx.BaseStateToken(ident=self.token, cls=kind)) as root:
            return await root.get_state(kind)


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[Browser]:
    socket, manager = Socket(), StateManagerMemory()
    wrong: list[Exception] = []

    def report(error: Exception) -> None:
        wrong.append(error)

    processor = BaseStateEventProcessor(middleware=app, backend_exception_handler=report)
    with app.set_contexts():
        async with processor.configure(state_manager=manager, event_namespace=socket):  # pyright: ignore[reportArgumentType]  (as much as is needed)
            yield Browser(services, processor, manager, socket)
    await manager.close()
    vars(presence).update(vars(Presence()))
    assert wrong == []


async def open_as_admin(browser: Browser, house: House, state: type[State], path: str) -> Browser:
    """A tab of the admin, the first one who comes, with this page loaded."""
    _, secret = house.sign_in(name="Root")
    tab = browser.tab(secret=secret, path=path)
    await tab.send(state, "load")
    return tab


@pytest.fixture
def redirects() -> Callable[[list[StateUpdate]], list[str]]:
    """Where these updates send the browser."""

    def of(updates: list[StateUpdate]) -> list[str]:
        return [str(event.payload.get("path")) for update in updates for event in update.events if "redirect" in event.name]

    return of
