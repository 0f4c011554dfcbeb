"""Sign-up, sign-in and sign-out as a browser posts them."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from lumiku_web.bootstrap import Services, install
from lumiku_web.domain.accounts.models import SignInSession, User
from lumiku_web.http import auth_forms
from lumiku_web.local_stack.services import EmbeddedServices
from tests.factories.rows import all_rows, count_of

PASSWORD = "quiet-otter-paints-7"
ADA = {"name": "Ada Lovelace", "email": "ada@example.test", "password": PASSWORD}

Post = dict[str, str]


def told(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """Where the browser is sent, and with which words."""
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    return target.path, {key: values[0] for key, values in parse_qs(target.query).items()}


@pytest.fixture
async def ada(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Ada has an account and is signed in."""
    assert told(await browser.post("/auth/sign-up", data=ADA)) == ("/home", {})
    return browser


async def test_sign_up_signs_in_and_leads_home(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("/home")).text == "page of /home"
    (user,) = all_rows(User)
    assert (user.email, user.name, user.role) == ("ada@example.test", "Ada Lovelace", "admin")
    assert user.password_hash.startswith("$argon2id$")


async def test_t4_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/auth/sign-up", data=ADA)
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["cache-control"] == "no-store"


async def test_t4_by_https_the_cookie_is_secure_and_bound_to_the_host(services: Services, app: ASGIApp) -> None:
    origin = "https://studio.example"
    install(replace(services, settings=services.settings.model_copy(update={"public_origin": origin})))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=origin, headers={"origin": origin}) as browser:
        answer = await browser.post("/auth/sign-up", data=ADA)
        assert answer.headers["set-cookie"].startswith("__Host-lumiku_session=")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert (await browser.get("/home")).status_code == 200


async def test_t4_every_sign_in_has_a_new_secret(ada: httpx.AsyncClient) -> None:
    before = dict(ada.cookies)
    assert told(await ada.post("/auth/sign-in", data=ADA)) == ("/home", {})
    assert dict(ada.cookies) != before
    assert count_of(SignInSession) == 2


async def test_t1_unknown_address_and_wrong_password_get_the_same_answer(ada: httpx.AsyncClient) -> None:
    ada.cookies.clear()
    wrong = await ada.post("/auth/sign-in", data={"email": "ada@example.test", "password": "wrong-wrong"})
    unknown = await ada.post("/auth/sign-in", data={"email": "eve@example.test", "password": "wrong-wrong"})
    assert told(wrong) == ("/sign-in", {"error": "invalid_credentials", "email": "ada@example.test"})
    assert told(unknown) == ("/sign-in", {"error": "invalid_credentials", "email": "eve@example.test"})
    assert wrong.content == unknown.content
    volatile = {"location", "x-request-id"}
    assert [h for h in wrong.headers.items() if h[0] not in volatile] == [
        h for h in unknown.headers.items() if h[0] not in volatile
    ]
    assert "set-cookie" not in wrong.headers


@pytest.mark.parametrize("email", ["eve@example.test", "no address", "", "x" * 5000])
async def test_t1_an_address_without_an_account_costs_a_comparison_too(
    ada: httpx.AsyncClient, services: Services, email: str
) -> None:
    compared: list[tuple[str, str]] = []

    class Watched:
        def hash(self, password: str) -> str:
            return services.passwords.hash(password)

        def verify(self, password: str, password_hash: str) -> bool:
            compared.append((password, password_hash))
            return services.passwords.verify(password, password_hash)

    install(replace(services, passwords=Watched()))
    await ada.post("/auth/sign-in", data={"email": email, "password": "wrong-wrong"})
    assert compared == [("wrong-wrong", "")]


@pytest.mark.parametrize("password", ["", "x" * 5000, "\x00", "🔑" * 100])
async def test_any_password_can_be_tried(ada: httpx.AsyncClient, password: str) -> None:
    answer = await ada.post("/auth/sign-in", data={"email": "ada@example.test", "password": password})
    assert told(answer)[1]["error"] == "invalid_credentials"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"password": "short"}, "password_too_short"),
        ({"password": "password123"}, "password_guessable"),
        ({"email": "ada"}, "email_invalid"),
        ({"name": "   "}, "name_required"),
    ],
)
async def test_t3_a_refused_form_comes_back_with_a_code_and_without_the_password(
    browser: httpx.AsyncClient, changed: Post, code: str
) -> None:
    path, words = told(await browser.post("/auth/sign-up", data={**ADA, **changed, "next": "/projects"}))
    typed = {key: value for key, value in {**ADA, **changed}.items() if key != "password" and value.strip()}
    kept = {key: value for key, value in words.items() if key not in {"error", "next"}}
    assert (path, words["error"], words["next"]) == ("/sign-up", code, "/projects")
    assert {key: value for key, value in kept.items() if value.strip()} == typed
    assert "password" not in words
    assert count_of(User) == 0


async def test_a_taken_address_and_a_closed_house_say_so(ada: httpx.AsyncClient, services: Services) -> None:
    assert told(await ada.post("/auth/sign-up", data=ADA))[1]["error"] == "email_taken"
    install(replace(services, accounts=replace(services.accounts, sign_up_open=False)))
    other = {**ADA, "email": "eve@example.test"}
    assert told(await ada.post("/auth/sign-up", data=other))[1]["error"] == "sign_up_closed"


async def test_the_way_after_sign_in_is_our_own(ada: httpx.AsyncClient) -> None:
    for wanted, target in [("/projects/7?a=b", "/projects/7"), ("//evil.example", "/home"), ("https://evil.example/", "/home")]:
        answer = await ada.post("/auth/sign-in", data={**ADA, "next": wanted})
        assert urlsplit(answer.headers["location"]).netloc == ""
        assert told(answer)[0] == target


@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/sign-up", "/auth/sign-out"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://studio.example.evil.example"},
        {"origin": "", "sec-fetch-site": "cross-site"},
        {"origin": "", "sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_of_another_site_does_nothing(ada: httpx.AsyncClient, path: str, headers: Post) -> None:
    answer = await ada.post(path, data={**ADA, "email": "eve@example.test"}, headers=headers)
    assert told(answer)[1] == {"error": "csrf"}
    assert "set-cookie" not in answer.headers
    assert (count_of(User), count_of(SignInSession)) == (1, 1)
    assert (await ada.get("/home")).status_code == 200


@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/sign-up", "/auth/sign-out"])
async def test_a_form_that_is_too_large_is_not_read(browser: httpx.AsyncClient, path: str) -> None:
    async def endless() -> object:
        yield b"email=a"

    large = await browser.post(path, data={**ADA, "name": "x" * auth_forms._FORM_LIMIT})
    unmeasured = await browser.post(path, content=endless(), headers={"content-type": "application/x-www-form-urlencoded"})
    assert told(large)[1]["error"] == told(unmeasured)[1]["error"] == "form_too_large"
    assert count_of(User) == 0


async def test_forms_are_posted_never_fetched(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/auth/sign-in")).text == "page of /auth/sign-in", "only our page, no form was read"
    assert (await browser.put("/auth/sign-in", data=ADA)).status_code == 405


async def test_t4_sign_out_ends_the_session_and_takes_the_cookie(
    ada: httpx.AsyncClient, signed_in: Callable[[str], Post]
) -> None:
    (secret,) = ada.cookies.values()
    answer = await ada.post("/auth/sign-out")
    assert told(answer) == ("/", {})
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    stolen = await ada.get("/home", headers=signed_in(secret))
    assert told(stolen) == ("/sign-in", {"next": "/home"})
    assert count_of(SignInSession) == 0


async def test_signing_out_twice_is_no_error(browser: httpx.AsyncClient) -> None:
    assert told(await browser.post("/auth/sign-out")) == ("/", {})


async def test_without_a_database_the_form_comes_back_and_says_so(
    ada: httpx.AsyncClient, services: Services, stack: EmbeddedServices
) -> None:
    stack.postgres.stop()
    try:
        answer = await ada.post("/auth/sign-in", data=ADA)
        assert told(answer) == ("/sign-in", {"error": "unavailable", "email": "ada@example.test", "name": "Ada Lovelace"})
        page = await ada.get("/home", headers={"accept-language": "id"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "10")
        assert "basis data" in page.text
        assert (await ada.get("/healthz")).status_code == 503
        assert (await ada.get("/sign-in")).status_code == 200
    finally:
        stack.postgres.start()
    assert (await ada.get("/home")).status_code == 200
    assert (await ada.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("{origin}/sign-in/?next=/apps/avatar-creator%3Fproject%3D7", "/apps/avatar-creator"),
        ("{origin}/sign-in/?next=https://evil.example/", "/home"),
        ("https://evil.example/sign-in/?next=/admin", "/home"),
        ("", "/home"),
    ],
)
async def test_a_form_sent_before_its_page_was_ready_still_leads_where_it_should(
    ada: httpx.AsyncClient, referer: str, leads_to: str
) -> None:
    origin = str(ada.base_url).rstrip("/")
    answer = await ada.post("/auth/sign-in", data={**ADA, "next": ""}, headers={"referer": referer.format(origin=origin)})
    assert told(answer)[0] == leads_to
