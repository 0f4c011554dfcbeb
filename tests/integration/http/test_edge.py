"""The first layer that refuses by default: pages, files, uploads and sockets (T7)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from lumiku_web.bootstrap import Services, install
from lumiku_web.http.edge import Edge
from tests.factories.house import House
from tests.factories.waiting import eventually

Headers = Callable[[str], dict[str, str]]


@pytest.mark.parametrize("path", ["/home", "/projects", "/projects/7", "/admin", "/kit", "/apps/avatar-creator"])
async def test_t7_pages_send_visitors_to_sign_in_and_back(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"{path}?a=b c&d=é")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/sign-in?next={path}%3Fa%3Db")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/files/7/thumb", "/_upload"])
async def test_t7_files_and_uploads_answer_visitors_with_a_bare_401(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.request("POST" if path == "/_upload" else "GET", path)
    assert (answer.status_code, answer.text) == (401, "Sign in first")


@pytest.mark.parametrize("path", ["/_event", "/_event/", "/_all_routes", "/_health", "/_upload/x.png", "/auth-codespace"])
async def test_t7_what_is_declared_for_nobody_is_not_found(
    browser: httpx.AsyncClient, house: House, signed_in: Headers, path: str
) -> None:
    _, secret = house.sign_in()
    for headers in ({}, signed_in(secret)):
        answer = await browser.get(path, headers=headers)
        assert (answer.status_code, answer.text) == (404, "Not found")


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/me", "/home/secret", "/auth/other", "/openapi.json"])
async def test_t7_an_undeclared_address_is_refused_to_everybody(
    browser: httpx.AsyncClient, house: House, signed_in: Headers, path: str
) -> None:
    _, secret = house.sign_in()
    for headers in ({}, signed_in(secret)):
        answer = await browser.get(path, headers=headers)
        assert (answer.status_code, answer.text) == (404, "page of /404")
        assert (await browser.post(path, headers=headers)).text == "Not found"


async def test_t7_public_pages_need_nobody(browser: httpx.AsyncClient) -> None:
    for path in ("/", "/sign-in", "/sign-up", "/favicon.svg", "/assets/a.js"):
        assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("secret", ["x", "", "é", "x" * 9000])
async def test_a_guessed_cookie_is_nobodys(browser: httpx.AsyncClient, signed_in: Headers, secret: str) -> None:
    headers = {name: value.encode("latin-1") for name, value in signed_in(secret).items()}
    assert (await browser.get("/home", headers=headers)).status_code == 303


class Sockets:
    """A server of sockets that holds every connection until it is let go; and clients of it, by address."""

    def __init__(self) -> None:
        self.open = 0
        self.end = asyncio.Event()
        self.edge = Edge(self._serve)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.open += 1
        await self.end.wait()
        self.open -= 1

    async def connect(self, *, path: str = "/_event", address: str = "10.0.0.1", **headers: str) -> list[Message]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await self.edge({"type": "websocket", "path": path, "headers": raw, "client": (address, 1)}, receive, send)
        return sent

    async def are_open(self, number: int) -> None:
        async def reached() -> bool:
            return self.open == number

        await eventually(reached)


REFUSED = [{"type": "websocket.close", "code": 4401}]


@pytest.fixture
def capped(services: Services) -> Services:
    made = replace(services, settings=services.settings.model_copy(update={"anonymous_sockets_per_address": 2}))
    install(made)
    return made


async def test_anonymous_sockets_are_capped_per_address_and_freed_when_they_close(capped: Services) -> None:
    sockets = Sockets()
    held = [asyncio.create_task(sockets.connect()) for _ in range(2)]
    await sockets.are_open(2)
    assert await sockets.connect() == REFUSED
    other = asyncio.create_task(sockets.connect(address="10.0.0.2"))
    await sockets.are_open(3)
    sockets.end.set()
    assert await asyncio.gather(*held, other) == [[], [], []]
    assert await sockets.connect() == []
    assert sockets.edge._anonymous == {}


async def test_members_are_not_capped(capped: Services, house: House, signed_in: Headers) -> None:
    _, secret = house.sign_in()
    sockets = Sockets()
    held = [asyncio.create_task(sockets.connect(**signed_in(secret))) for _ in range(5)]
    await sockets.are_open(5)
    sockets.end.set()
    await asyncio.gather(*held)


@pytest.mark.parametrize("path", ["/", "/home", "/_upload", "/metrics", "/files/1/thumb"])
async def test_t7_there_is_one_address_for_sockets(capped: Services, path: str) -> None:
    assert await Sockets().connect(path=path) == REFUSED


async def test_behind_a_proxy_of_ours_visitors_are_told_apart_by_what_it_says(capped: Services) -> None:
    install(replace(capped, settings=capped.settings.model_copy(update={"trusted_proxy_hops": 1})))
    sockets = Sockets()
    held = [asyncio.create_task(sockets.connect(x_forwarded_for=f"1.1.1.1, 9.9.9.{n}")) for n in range(4)]
    await sockets.are_open(4)
    held.append(asyncio.create_task(sockets.connect(x_forwarded_for="6.6.6.6, 9.9.9.1")))
    await sockets.are_open(5)
    assert await sockets.connect(x_forwarded_for="7.7.7.7, 9.9.9.1") == REFUSED, "what the visitor claims itself does not count"
    sockets.end.set()
    await asyncio.gather(*held)


async def test_without_a_proxy_a_forwarding_header_is_a_claim(capped: Services) -> None:
    sockets = Sockets()
    held = [asyncio.create_task(sockets.connect(x_forwarded_for=f"9.9.9.{n}")) for n in range(2)]
    await sockets.are_open(2)
    assert await sockets.connect(x_forwarded_for="9.9.9.7") == REFUSED
    sockets.end.set()
    await asyncio.gather(*held)
