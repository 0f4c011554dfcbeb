"""P10: what a real browser asks for while its member waits for a picture."""

import shutil
import time

from playwright.sync_api import Browser, Page, Request, WebSocket, sync_playwright

from lumiku_web.local_stack.child import inherited_environment
from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import Member, new_members, order
from tests.benchmarks.product import Product
from tests.benchmarks.tabs import PAGE

_MEMBERS, _SECONDS, _PROVIDER_SECONDS = 5, 24.0, 34.0
#: Engine.IO: the server's ping, the browser's pong.
_PONG = "3"


def measure(product: Product) -> list[Figure]:
    """Five members in Chromium, each with an order that the provider keeps; counted is what their pages send."""
    program = chromium()
    if not program:
        print("P10 left out: no Chromium", flush=True)
        return []
    load = load_now()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        sent = _count(product, browser)
        browser.close()
    a_minute = [60 / _SECONDS * number for number in sent]
    return [figure("P10", "requests and frames of a waiting member, without pongs", "a minute", a_minute, bar=0.0, load=load)]


def _count(product: Product, browser: Browser) -> list[int]:
    members = new_members(product, _MEMBERS)
    pages = [_opened(product, browser, member) for member in members]
    product.provider_takes(_PROVIDER_SECONDS, _MEMBERS)
    for member in members:
        order(product, member)
    for page, _ in pages:
        page.locator("[data-status=running], [data-status=queued]").first.wait_for(timeout=15_000)
    pages[0][0].wait_for_timeout(2000)
    for _, seen in pages:
        assert any(not sent.startswith("http") for sent in seen), "no frame was seen: counting would be blind"
        seen.clear()
    pages[0][0].wait_for_timeout(_SECONDS * 1000)
    counts = [len(seen) for _, seen in pages]
    for page, seen in pages:
        if seen:
            print(f"P10: {page.url} sent {seen[:5]}", flush=True)
    _wait_until_done(product)
    return counts


def _opened(product: Product, browser: Browser, member: Member) -> tuple[Page, list[str]]:
    name, _, value = member.cookie.partition("=")
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": value, "url": product.origin}])
    page = context.new_page()
    seen: list[str] = []

    def on_request(request: Request) -> None:
        seen.append(request.url)

    def on_socket(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: seen.append(str(frame)[:200]) if frame != _PONG else None)

    page.on("request", on_request)
    page.on("websocket", on_socket)
    page.goto(f"{product.origin}{PAGE}", wait_until="commit")
    page.locator("#generate").wait_for(timeout=30_000)
    page.wait_for_timeout(1000)
    return page, seen


def _wait_until_done(product: Product) -> None:
    deadline = time.monotonic() + _PROVIDER_SECONDS
    while product.stub.open_calls() and time.monotonic() < deadline:
        time.sleep(0.2)


def chromium() -> str:
    """The browser's program; empty if there is none."""
    named = inherited_environment().get("LUMIKU_TEST_CHROMIUM", "")
    found = (shutil.which(name) for name in (named, "chromium", "chromium-browser", "google-chrome") if name)
    return next((program for program in found if program), "")
