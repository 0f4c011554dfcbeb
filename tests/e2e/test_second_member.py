"""T8: every id of one member, tried by another one on every route, every event and every file of the product that runs.

What there is to try comes from the tables of the product itself: a new route, page, event handler or argument that these tests
don't know how to fill makes them fail, and say what to add.
"""

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product as combinations
from typing import Any, Final

import httpx
import pytest
from reflex_base.registry import RegistrationContext
from sqlalchemy import Uuid
from starlette.routing import Mount, Route

from lumiku_web import bridge
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.http.rules import Rule, rule_of
from lumiku_web.lumiku_web import app
from lumiku_web.tables import metadata
from lumiku_web.ui.pages.project.upload_state import UploadState
from tests.e2e.people import COOKIE
from tests.e2e.product import Product, until
from tests.factories.house import PORTRAIT, House
from tests.factories.wire import Tab

HANDLERS: Final = RegistrationContext.get().event_handlers
#: Hangs up, as it should.
RESUME: Final = "resume"
#: The framework puts it into every state, and nobody may send it (T7).
NOBODYS: Final = "setvar"
#: No word of it may ever come to somebody else.
SECRET_NAMES: Final = ("Hortensia", "Blue atelier", "Copper atelier", "gardener in the rain", "beach at noon", "attic at dusk")


@dataclass(frozen=True)
class Belongings:
    """Of a member: what an attacker has got to know of, and what nobody ever named to him."""

    email: str
    secret: str
    user_id: str
    projects: list[str]
    pictures: list[str]
    orders: list[str]
    items: list[str]

    @property
    def known(self) -> list[str]:
        """One id of each kind, as somebody might have seen it over her shoulder."""
        return [self.user_id, *(ids[0] for ids in (self.projects, self.pictures, self.orders, self.items))]

    @property
    def canaries(self) -> list[str]:
        """What only an answer about her things could hold."""
        unknown = [identifier for ids in (self.projects, self.pictures, self.orders, self.items) for identifier in ids[1:]]
        return [*SECRET_NAMES, self.email, self.secret, f"/files/{self.pictures[0]}", *unknown]


@dataclass
class Cast:
    """She who owns things, he who tries, and the house in which it happens."""

    product: Product
    house: House
    hers: Belongings
    his_secret: str

    def another_secret(self) -> str:
        """A new session of his, for what might end it."""
        user_id = bridge.run(self.house.services.accounts.actor, self.his_secret).user_id
        return bridge.run(self.house.services.accounts.open_session, user_id, user_agent="test")

    def ended_secret(self) -> str:
        """Of a session of his that has ended."""
        secret = self.another_secret()
        bridge.run(self.house.services.accounts.sign_out, secret)
        return secret

    def digest(self) -> dict[str, str]:
        """Every row that is about something of hers, and every file of hers."""
        ids = [self.hers.user_id, *self.hers.projects, *self.hers.pictures, *self.hers.orders, *self.hers.items]
        rows = {table.name: self._rows_about(table, ids) for table in metadata.sorted_tables}
        paths = [path for path in sorted(self.product.data_dir.rglob("*")) if self.hers.user_id in str(path) and path.is_file()]
        files = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
        assert len(files) >= 2 * len(Variant)
        return {**rows, **files}

    def _rows_about(self, table: Any, ids: list[str]) -> str:
        """Request keys are minted by whoever asks: they point at nothing."""
        columns = [c.name for c in table.columns if isinstance(c.type, Uuid) and c.name != "request_key"]
        about = " OR ".join(f'"{name}" = ANY(%(ids)s::uuid[])' for name in columns) or "false"
        statement = f'SELECT t::text FROM "{table.name}" t WHERE {about} ORDER BY 1'  # noqa: S608  (our own tables)
        found = self.product.rows(statement, ids=ids)
        return "\n".join(row[0] for row in found)


@pytest.fixture(scope="module")
def parts(running: Product) -> Iterator[Cast]:
    """Hortensia, who has one of everything twice, and Bob, who has one project."""
    running.mend()
    with running.use_cases() as services:
        house = House(services)
        hers = _belongings(running, house)
        bob, secret = house.sign_in(name="Bob")
        running.rows("UPDATE users SET role = 'member' WHERE id = %(id)s", id=bob.user_id)
        house.project(bob, "Bob's own")
        yield Cast(running, house, hers, secret)


def _belongings(product: Product, house: House) -> Belongings:
    actor, secret = house.sign_in(name="Hortensia")
    projects = [house.project(actor, name) for name in ("Blue atelier", "Copper atelier")]
    pictures = [
        house.photo(actor, project.id, title) for project, title in zip(projects, ("beach at noon", "attic at dusk"), strict=True)
    ]
    words = "gardener in the rain"
    orders = [house.submit(actor, house.order(p.id, count=1, params={"words": words}, title=words)) for p in projects]
    items = [order.items[0].id for order in orders]
    ended = "SELECT 1 FROM generation_items WHERE status = 'succeeded' AND id = ANY(%(ids)s)"
    until(lambda: len(product.rows(ended, ids=items)) == len(items), "her orders have ended")
    product.rows("UPDATE generation_items SET status = 'failed', failure = 'provider_refused' WHERE id = %(id)s", id=items[0])
    return Belongings(
        email=actor.email,
        secret=secret,
        user_id=str(actor.user_id),
        projects=[str(project.id) for project in projects],
        pictures=[*map(str, pictures), str(items[1])],
        orders=[str(order.id) for order in orders],
        items=[str(item) for item in items],
    )


# --- routes ---

#: What stands between braces or brackets in an address → what to put there.
PLACES: Final[dict[str, Callable[[Belongings], list[str]]]] = {
    "image_id": lambda hers: hers.pictures,
    "person": lambda hers: [hers.user_id],
    "variant": lambda _: [*Variant],
    "project": lambda hers: hers.projects,
}
#: What an address may be asked with besides.
QUERIES: Final = ("", "?project={0}", "?download=1", "?next=/projects/{0}")


def addresses(hers: Belongings) -> Iterator[tuple[str, str]]:
    """Method and address: every route of the framework and of ours, every page, with her ids in all their places."""
    assert app._api is not None
    routes = [*app._api.routes, *(route for layer in app.api_transformer for route in getattr(layer, "routes", ()))]  # pyright: ignore[reportGeneralTypeIssues]  (ours is a list)
    for route in routes:
        assert isinstance(route, Route | Mount), f"{route}: say in `addresses` how to ask it"
        methods = sorted(route.methods or ()) if isinstance(route, Route) else ["GET", "POST"]
        yield from combinations(methods, _filled(route.path, hers))
    for page in app._unevaluated_pages:
        yield from combinations(["GET"], _filled(f"/{page}" if page != "index" else "/", hers))
    yield from combinations(["GET", "POST"], ["/_upload", f"/_upload/{hers.pictures[0]}"])


def _filled(template: str, hers: Belongings) -> list[str]:
    names = re.findall(r"[{\[]+(?:\.\.\.)?(\w+)[^}\]]*[}\]]+", template)
    unknown = [name for name in names if name not in PLACES]
    assert not unknown, f"{template}: say in PLACES what to put for {unknown}"
    filled = []
    for values in combinations(*(PLACES[name](hers) for name in names)):
        path = template
        for name, value in zip(names, values, strict=True):
            path = re.sub(rf"[{{\[]+(?:\.\.\.)?{name}[^}}\]]*[}}\]]+", value, path)
        filled.append(path)
    return filled


@pytest.fixture
def client(product: Product) -> Iterator[httpx.Client]:
    """Asks as a page of ours would; cookies come with each request only."""
    headers = {"host": f"localhost:{product.port}", "origin": product.address, "accept": "text/html"}
    with httpx.Client(base_url=f"http://127.0.0.1:{product.port}", headers=headers, timeout=60) as made:
        yield made


def cookie(secret: str) -> dict[str, str]:
    """The header of this session, or of none."""
    return {"cookie": f"{COOKIE}={secret}"} if secret else {"cookie": ""}


def test_t8_no_route_gives_anything_of_hers_to_anybody_else(parts: Cast, client: httpx.Client) -> None:
    """By his own session, by one that has ended, by none."""
    before, hers, ended = parts.digest(), parts.hers, parts.ended_secret()
    asked = 0
    for (method, path), query in combinations(addresses(hers), QUERIES):
        address = path + query.format(hers.pictures[0])
        his = parts.another_secret() if method == "POST" else parts.his_secret
        for secret in (his, ended, ""):
            answer = client.request(method, address, headers=cookie(secret))
            told = found_in([f"{answer.headers} {answer.text}"], hers)
            assert [canary for canary in told if canary not in address] == [], (method, address)
            if path.startswith("/files/"):
                assert answer.status_code == (404 if secret == his else 401), (method, address)
            elif rule_of(path) is Rule.member and secret != his:
                assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), address
            asked += 1
    assert asked > 300
    assert parts.digest() == before


def test_t8_every_variant_of_her_pictures_is_hers_alone(parts: Cast, client: httpx.Client) -> None:
    """Whatever is asked besides: the address works for her."""
    for picture, variant in combinations(parts.hers.pictures, Variant):
        address = f"/files/{picture}/{variant}"
        assert client.get(address, headers=cookie(parts.hers.secret)).status_code == 200
        for asked in ({}, {"range": "bytes=0-99"}, {"if-none-match": "*"}, {"if-none-match": f'"{picture}-{variant}"'}):
            answer = client.get(address, headers={**cookie(parts.his_secret), **asked})
            assert (answer.status_code, answer.text) == (404, "Not found")


# --- events ---

#: Arguments in whose place an id stands as it is.
_AS_IT_IS: Final = """
    act after app asked component_stack control count first held image_id info is_favourite is_pasted item_id key language
    measure model month order_id period project_id question role row_id seed session_id shelf show slug stack value var_name words
"""
#: Argument of an event handler → one of her ids as it would stand in it. None: only an upload can fill it.
ARGUMENTS: Final[dict[str, Callable[[str], object] | None]] = {
    **dict.fromkeys(_AS_IT_IS.split(), str),
    "chunks": None,
    "facts": lambda identifier: [{"name": identifier, "type": "image/png", "size": identifier}],
    "form": lambda identifier: dict.fromkeys(
        ("name", "key", "project", "project_id", "words", "seed", "gender", "email"), identifier
    ),
    "hashes": lambda identifier: [identifier],
    "vars": lambda identifier: dict.fromkeys(_kept_by_the_browser(), identifier),
}


def _kept_by_the_browser() -> list[str]:
    """Vars that the page keeps in the browser's storage and sends back: whoever has the browser may write them."""
    from reflex.istate.storage import ClientStorageBase

    states = {one.handler.state for one in HANDLERS.values()}
    return sorted(
        f"{state.get_full_name()}.{name}_rx_state_"
        for state in states
        for name, made in state.get_fields().items()
        if isinstance(made.default, ClientStorageBase)
    )


def _hostile(hers: Belongings, shape: Callable[[str], object]) -> list[object]:
    """Each of her ids as it belongs there, then in other types, then what is no id at all."""
    ids = hers.known
    return [*map(shape, ids), ids, dict.fromkeys(ids, ids), None, "x" * 100_000]


def payloads(name: str, fn: Any, hers: Belongings) -> Iterator[dict[str, object]]:
    """One argument at a time with everything, the others with something that fits. A handler for nobody is tried once."""
    arguments = list(inspect.signature(fn).parameters)[1:]
    unknown = [argument for argument in arguments if argument not in ARGUMENTS]
    assert not unknown, f"{name}: say in ARGUMENTS how an id stands in {unknown}"
    shapes = {argument: shape for argument in arguments if (shape := ARGUMENTS[argument]) is not None}
    usual = {argument: shape(hers.known[1]) for argument, shape in shapes.items()}
    if not shapes or fn.__name__ == NOBODYS:
        yield usual
        return
    for argument, shape in shapes.items():
        for value in _hostile(hers, shape):
            yield {**usual, argument: value}


def test_t8_no_event_tells_or_changes_anything_of_hers(parts: Cast) -> None:
    """Every handler that the product has, over a real socket, on a page that was opened at her address."""
    before = parts.digest()
    with Tab(parts.product.address, parts.his_secret, f"/projects/{parts.hers.projects[0]}") as tab:
        for name, one in sorted(HANDLERS.items()):
            if one.handler.fn.__name__ != RESUME:
                for payload in payloads(name, one.handler.fn, parts.hers):
                    tab.send(name, payload)
                tab.settle()
                assert found_in(tab.received, parts.hers) == [], name
                tab.received.clear()
        tab.send(name_of(RESUME), {})
        assert tab.is_closed()
        assert found_in(tab.received, parts.hers) == []
    assert parts.digest() == before


def test_t8_no_page_that_is_opened_at_her_address_tells_anything_of_hers(parts: Cast) -> None:
    """What a page loads by itself, and what it then can be asked for without an argument."""
    quiet = [name for name, one in HANDLERS.items() if len(inspect.signature(one.handler.fn).parameters) == 1]
    for page in app._unevaluated_pages:
        path = _filled(f"/{page}", parts.hers)[0]
        with Tab(parts.product.address, parts.his_secret, f"{path}?project={parts.hers.projects[0]}") as tab:
            for name in sorted(quiet):
                if not name.endswith(RESUME):
                    tab.send(name, {})
            tab.settle()
            assert found_in(tab.received, parts.hers) == [], path


def name_of(handler: str) -> str:
    """The full name of the one handler that is called so."""
    (name,) = [name for name, one in HANDLERS.items() if one.handler.fn.__name__ == handler]
    return name


def found_in(received: list[str], hers: Belongings) -> list[str]:
    return [canary for canary in hers.canaries for text in received if canary in text]


def test_t8_the_canaries_do_sing(parts: Cast) -> None:
    """Her own tab is told what the other tests look for."""
    with Tab(parts.product.address, parts.hers.secret, f"/projects/{parts.hers.projects[0]}") as tab:
        tab.settle()
        found = set(found_in(tab.received, parts.hers))
    hers = parts.hers
    assert {"Hortensia", hers.email, "Blue atelier", "beach at noon", "gardener in the rain"} <= found
    assert {hers.projects[1], hers.orders[1], hers.items[1]} <= found
    assert parts.hers.secret not in found


def test_t8_her_tab_is_not_taken_over_by_its_token(parts: Cast) -> None:
    """While it is open, and when it has just been closed."""
    path = f"/projects/{parts.hers.projects[0]}"
    with Tab(parts.product.address, parts.hers.secret, path) as tab:
        with Tab(parts.product.address, parts.his_secret, path, token=tab.token) as second:
            second.settle()
            assert found_in(second.received, parts.hers) == []
        tab.settle()
    with Tab(parts.product.address, parts.his_secret, path, token=tab.token) as later:
        later.settle()
        assert found_in(later.received, parts.hers) == []
    with Tab(parts.product.address, "", path, token=tab.token) as visitor:
        assert found_in(visitor.received, parts.hers) == []


# --- uploads ---


def test_t8_nobody_uploads_through_her_tab(parts: Cast, client: httpx.Client) -> None:
    """The token of a tab is a name, not a key: the gate asks whose tab it is. The same request works for her."""
    (receiver,) = [name for name, one in HANDLERS.items() if "chunks" in inspect.signature(one.handler.fn).parameters]
    content, state = PORTRAIT.read_bytes(), UploadState.get_full_name()
    pictures = "SELECT count(*) FROM images"

    def upload(secret: str, token: str, row_id: str) -> httpx.Response:
        headers = {**cookie(secret), "reflex-client-token": token, "reflex-event-handler": receiver}
        bound = {"__reflex_event_args": json.dumps({"row_id": row_id})}
        return client.post("/_upload", headers=headers, data=bound, files=[("files", ("hers.png", content, "image/png"))])

    before, ((number,),) = parts.digest(), parts.product.rows(pictures)
    with Tab(parts.product.address, parts.hers.secret, f"/projects/{parts.hers.projects[0]}") as tab:
        tab.settle()
        facts = [{"name": "hers.png", "type": "image/png", "size": len(content)}]
        tab.send(f"{state}.announce", {"facts": facts, "first": 0, "is_pasted": False})
        row_id = tab.until(state, "rows")[0]["id"]
        for secret in (parts.his_secret, parts.ended_secret(), ""):
            answer = upload(secret, tab.token, row_id)
            assert answer.status_code // 100 == 4
            assert found_in([answer.text], parts.hers) == []
        assert client.get("/_upload", headers=cookie(parts.hers.secret)).status_code == 404
        tab.settle()
        assert parts.digest() == before
        assert upload(parts.hers.secret, tab.token, row_id).status_code == 202
        until(lambda: parts.product.rows(pictures) == [(number + 1,)], "her own photograph is kept")
