"""Headers of every answer: nothing inline runs but what was built, and each answer can be found in the log."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from lumiku_web.http.headers import SecurityHeaders, content_security_policy
from lumiku_web.logs import current_correlation_id

SCRIPT = "window.x = 1;"
DIGEST = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


@pytest.fixture
def built_pages(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    page = f'<script>{SCRIPT}</script><script src="/assets/a.js"></script><script type="module" async src="/b.js"></script>'
    (tmp_path / "sub" / "index.html").write_text(page, encoding="utf-8")
    return tmp_path


def test_scripts_run_from_here_or_by_their_hash_only(built_pages: Path) -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in content_security_policy(built_pages).split(";"))
    assert rules["script-src"] == f"'self' 'sha256-{DIGEST}'"
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert (rules["frame-ancestors"], rules["object-src"]) == ("'none'", "'none'")


def test_no_policy_allows_eval(built_pages: Path) -> None:
    assert "unsafe-eval" not in content_security_policy(built_pages)
    assert "'unsafe-inline'" not in content_security_policy(built_pages).split("style-src")[0]


async def answer(path: str) -> httpx.Response:
    async def page(_: Request) -> Response:
        return HTMLResponse("<p>")

    async def own(_: Request) -> Response:
        return PlainTextResponse(current_correlation_id(), headers={"content-security-policy": "default-src 'none'; sandbox"})

    inner = Starlette(routes=[Route("/page", page), Route("/own", own), Route("/assets/a.js", own)])
    app = SecurityHeaders(inner, "default-src 'self'")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://studio.example") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/page", "/own", "/assets/a.js", "/nowhere"])
async def test_u5_every_answer_forbids_sniffing(path: str) -> None:
    headers = (await answer(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_a_stricter_policy_of_the_answer_itself_stays() -> None:
    assert (await answer("/own")).headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (await answer("/page")).headers["content-security-policy"] == "default-src 'self'"


async def test_the_request_id_is_the_one_in_the_log() -> None:
    first, second = await answer("/own"), await answer("/own")
    assert first.headers["x-request-id"] == first.text
    assert first.text != second.text


async def test_pages_are_asked_for_again_and_built_files_never() -> None:
    assert (await answer("/page")).headers["cache-control"] == "no-cache"
    assert "immutable" in (await answer("/assets/a.js")).headers["cache-control"]
