"""Whoever is deactivated is nobody to every route, from that moment on (T5)."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services, install
from lumiku_web.domain.accounts.schemas import Actor
from tests.factories.house import House
from tests.integration.http.test_edge import REFUSED, Sockets

Headers = Callable[[str], dict[str, str]]


@pytest.fixture
def root(house: House) -> Actor:
    return house.member(name="Root")


@pytest.fixture
def ada(root: Actor, house: House) -> tuple[Actor, str]:
    return house.sign_in()


@pytest.fixture
def cookie(ada: tuple[Actor, str], signed_in: Headers) -> dict[str, str]:
    return signed_in(ada[1])


async def test_t5_pages_files_and_uploads_are_refused_at_once(
    browser: httpx.AsyncClient,
    services: Services,
    house: House,
    root: Actor,
    ada: tuple[Actor, str],
    cookie: dict[str, str],
    tabs: dict[str, tuple[UUID, UUID]],
) -> None:
    """Though her tab is still open, and the browser still has the cookie."""
    actor = ada[0]
    picture = house.photo(actor, house.project(actor).id)
    tabs["hers"] = actor.user_id, actor.session_id
    upload = {**cookie, "reflex-client-token": "hers", "reflex-event-handler": "takes.files"}
    asked = [("GET", "/home", cookie), ("GET", f"/files/{picture}/thumb", cookie), ("POST", "/_upload", upload)]
    assert [(await browser.request(how, path, headers=headers)).status_code for how, path, headers in asked] == [200, 200, 200]
    bridge.run(services.people.deactivate, root, actor.user_id)
    assert [(await browser.request(how, path, headers=headers)).status_code for how, path, headers in asked] == [303, 401, 401]


async def test_t5_a_socket_of_hers_counts_as_a_visitors(
    services: Services, root: Actor, ada: tuple[Actor, str], cookie: dict[str, str]
) -> None:
    install(replace(services, settings=services.settings.model_copy(update={"anonymous_sockets_per_address": 0})))
    sockets = Sockets()
    sockets.end.set()
    assert await sockets.connect(**cookie) == []
    bridge.run(services.people.deactivate, root, ada[0].user_id)
    assert await sockets.connect(**cookie) == REFUSED


async def test_t5_signing_in_says_why_not_until_the_account_is_active_again(
    browser: httpx.AsyncClient, services: Services, root: Actor
) -> None:
    form = {"name": "Eve", "email": "eve@example.test", "password": "marble otter seventeen"}
    await browser.post("/auth/sign-up", data=form)
    eve = bridge.run(services.people.search, root, "eve@").people[0]
    bridge.run(services.people.deactivate, root, eve.id)
    browser.cookies.clear()
    answer = await browser.post("/auth/sign-in", data=form)
    assert answer.headers["location"].startswith("/sign-in?error=deactivated")
    assert (
        (await browser.post("/auth/sign-in", data={**form, "password": "wrong"}))
        .headers["location"]
        .startswith("/sign-in?error=invalid_credentials")
    ), "whoever does not know the password learns nothing"
    assert "set-cookie" not in answer.headers
    bridge.run(services.people.activate, root, eve.id)
    assert (await browser.post("/auth/sign-in", data=form)).headers["location"] == "/home"
