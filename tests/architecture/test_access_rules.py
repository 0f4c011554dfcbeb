"""T7: every address and every event handler has a declared rule. One without is refused, and fails here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext
from starlette.routing import BaseRoute, Mount, Route

from lumiku_web.http.rules import EXACT, PREFIXES, Rule, rule_of
from lumiku_web.lumiku_web import app
from lumiku_web.ui.gatekeeper import FRAMEWORK_HANDLERS, SOCKET_EVENTS, lock_socket_events
from lumiku_web.ui.guard import Access, access_of

PROJECT = Path(__file__).parents[2]
ASSETS = PROJECT / "assets"
BUILT = PROJECT / ".web" / "build" / "client"
HANDLERS = RegistrationContext.get().event_handlers
OURS = {name: one.handler for name, one in HANDLERS.items() if one.handler.state.__module__.startswith("lumiku_web.")}


def _short(handler: Any) -> str:
    return f"{handler.state.__name__}.{handler.fn.__name__}"


def http_routes() -> Iterator[BaseRoute]:
    """Of the framework and of our own transformer, as the app puts them together."""
    assert app._api is not None
    yield from app._api.routes
    for layer in app.api_transformer:  # pyright: ignore[reportGeneralTypeIssues]  (ours is a list)
        yield from getattr(layer, "routes", ())


def test_t7_every_http_route_has_a_rule() -> None:
    routes = list(http_routes())
    assert len(routes) >= 8
    for route in routes:
        assert isinstance(route, Route | Mount), route
        assert rule_of(route.path) is not None, f"{route.path} has no rule in http/rules.py"


def test_t7_every_page_has_a_rule() -> None:
    pages = [f"/{route}" if route != "index" else "/" for route in app._unevaluated_pages]
    assert len(pages) >= 9
    assert [page for page in pages if rule_of(page) is None] == []


def test_t7_what_the_framework_adds_later_has_a_rule() -> None:
    assert rule_of("/_upload") is Rule.member_api
    assert {rule_of(path) for path in ("/_upload/x", "/_all_routes", "/_health", "/auth-codespace")} == {Rule.nobody}
    assert rule_of("/_event") is rule_of("/_event/") is Rule.socket


@pytest.mark.parametrize("root", [ASSETS, BUILT], ids=["assets", "built pages"])
def test_t7_every_file_that_is_served_has_a_rule(root: Path) -> None:
    for path in root.rglob("*"):
        address = f"/{path.relative_to(root).as_posix()}"
        if path.is_file() and path.suffix not in {".html", ".gz", ".br", ".zst", ".md", ".txt", ".json"}:
            assert rule_of(address) is not None, address


def test_t7_these_addresses_are_public_and_no_others() -> None:
    assert {path for path, rule in EXACT.items() if rule is Rule.public} == {
        "/",
        "/sign-in",
        "/sign-up",
        "/404",
        "/auth/sign-in",
        "/auth/sign-up",
        "/auth/sign-out",
        "/healthz",
        "/ping",
        "/favicon.svg",
        "/favicon.ico",
        "/lumiku.css",
    }
    assert {path for path, rule in PREFIXES.items() if rule is Rule.public} == {"/assets/", "/fonts/", "/images/"}


def test_t7_every_handler_of_ours_declares_who_may_send_it() -> None:
    assert len(OURS) > 30
    #: The framework puts `setvar` into every state; declared by nobody, it is refused to everybody.
    undeclared = {_short(handler) for handler in OURS.values() if access_of(handler.fn) is None}
    assert {name for name in undeclared if not name.endswith(".setvar")} == set()


def test_t7_these_handlers_are_public_and_no_others() -> None:
    assert {_short(handler) for handler in OURS.values() if access_of(handler.fn) is Access.public} == {
        "SessionState.dismiss_notice",
        "SessionState.set_language",
        "SessionState.resume",
        "AccountPageState.load",
    }


def test_t7_these_handlers_are_for_admins() -> None:
    admins = {_short(handler) for handler in OURS.values() if access_of(handler.fn) is Access.admin}
    assert {"AdminState.load", "AdminJobsState.pause"} <= admins
    assert all(name.startswith("Admin") for name in admins)


def test_t7_of_the_framework_only_these_handlers_answer() -> None:
    assert {
        "hydrate_and_load",
        "hydrate",
        "on_load_internal",
        "update_vars_internal",
        "set_is_hydrated",
        "handle_frontend_exception",
    } == FRAMEWORK_HANDLERS
    theirs = {one.handler.fn.__name__ for one in HANDLERS.values() if one.handler.state.__module__.startswith("reflex")}
    assert theirs == FRAMEWORK_HANDLERS | {"setvar"}, "the framework has a new handler: decide about it"


def test_t7_every_handler_is_ours_or_the_frameworks() -> None:
    modules = {one.handler.state.__module__.split(".")[0] for one in HANDLERS.values()}
    assert modules == {"lumiku_web", "reflex"}


def test_t7_a_declaration_keeps_the_kind_of_its_handler() -> None:
    """A wrapper that swallowed `async for` or `await` would break silently."""
    import inspect

    for handler in OURS.values():
        inner = getattr(handler.fn, "__wrapped__", handler.fn)
        assert inspect.iscoroutinefunction(inner) == inspect.iscoroutinefunction(handler.fn), _short(handler)
        assert inspect.isasyncgenfunction(inner) == inspect.isasyncgenfunction(handler.fn), _short(handler)


class Server:
    """As much of a socket server as the lock touches."""

    def __init__(self) -> None:
        self.handled: list[Any] = []

    async def _handle_event(self, eio_sid: str, namespace: str, event_id: Any, data: Any) -> None:
        self.handled.append(data)


class App:
    def __init__(self) -> None:
        self.sio = Server()


@pytest.mark.parametrize("data", [["event", {"name": "x"}], ["ping"], ["client_error", "x"]])
async def test_t7_the_socket_takes_the_names_of_the_framework(data: list[object]) -> None:
    own: Any = App()
    lock_socket_events(own)
    await own.sio._handle_event("sid", "/_event", 1, data)
    assert own.sio.handled == [data]


@pytest.mark.parametrize(
    "data", [["connect", {"HTTP_COOKIE": "x"}], ["disconnect"], ["*"], ["EVENT"], [None], [["event"]], [{}], [], None]
)
async def test_t7_the_socket_drops_every_other_name(data: Any) -> None:
    own: Any = App()
    lock_socket_events(own)
    await own.sio._handle_event("sid", "/_event", 1, data)
    assert own.sio.handled == []


def test_t7_the_socket_of_the_product_is_locked() -> None:
    assert app.sio is not None
    assert app.sio._handle_event.__qualname__.startswith("lock_socket_events")
    assert {"event", "ping", "client_error"} == SOCKET_EVENTS
