"""P16: a photograph of 5.3 MB, from the file chosen on a real page to its thumbnail on that page.

Four at once are sent by bare tabs, with the very events and the request of a page: four Chromium pages would take most of two
cores for themselves.
"""

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import httpx
import psutil
from playwright.async_api import Browser, Page, async_playwright

from lumiku_web.ui.pages.project.upload_state import UploadState
from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import Member, new_members
from tests.benchmarks.p10_waiting import chromium
from tests.benchmarks.product import Product, memory_bytes, processor_seconds
from tests.factories.photos import phone_photo
from tests.factories.wire import Tab

_RUNS, _ALONE, _TOGETHER, _IN_FLIGHT = 5, 5, 6, 4
_PATIENCE_MS = 30_000
_COMMENT = b"a comment"
_numbers = count(1)

#: Notes when a file was chosen, and when a picture of it has its pixels: first on its row, as a data URI, then in the list. What
#: is smaller is a blur.
_WATCH = """
() => {
  const seen = new Set(Array.from(document.images, image => image.src));
  let end;
  window.forget = () => {
    window.chosen = window.first = window.listed = 0;
    window.over = new Promise(resolve => { end = resolve; });
  };
  window.forget();
  document.addEventListener("change", () => { window.chosen = performance.now(); }, true);
  document.addEventListener("load", event => {
    const { src, naturalWidth } = event.target;
    const isListed = src?.includes("/files/");
    if (!src || naturalWidth < 64 || (isListed && seen.has(src))) return;
    seen.add(src);
    window.first ||= performance.now();
    if (!isListed) return;
    window.listed = performance.now();
    end([window.first - window.chosen, window.listed - window.chosen]);
  }, true);
}
"""
_TOOK = "() => window.over"


def measure(product: Product) -> list[Figure]:
    """Alone, then four tabs at once, and once more while the memory of the web process is watched."""
    program = chromium()
    if not program:
        print("P16 left out: no Chromium", flush=True)
        return []
    load = load_now()
    with TemporaryDirectory() as folder:
        seen = asyncio.run(_all(product, program, Path(folder)))
    return [
        figure(
            "P16", "photograph of 5.3 MB, alone, to its thumbnail: median", "ms", seen.first, bar=130.0, load=load, later=True
        ),
        figure("P16", "the same, to its place among the pictures: median", "ms", seen.listed, load=load),
        figure("P16", "photographs, four tabs at once", "/min", seen.rates, bar=600.0, load=load, later=True),
        figure("P16", "processor time of the web process a photograph", "ms", seen.costs, load=load),
        figure("P16", "the web process grew meanwhile by at most", "MB", seen.extra, bar=60.0, load=load, later=True),
    ]


@dataclass(frozen=True)
class _Seen:
    """One number a run, but for `extra`: one for all."""

    first: list[float]
    listed: list[float]
    rates: list[float]
    costs: list[float]
    extra: list[float]


async def _all(product: Product, program: str, folder: Path) -> _Seen:
    members = new_members(product, _IN_FLIGHT)
    web = product.processes()["web"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = await _opened(product, browser, members[0])
        await _upload(page, folder)  # whatever is loaded by the first one
        alone = [[await _upload(page, folder) for _ in range(_ALONE)] for _ in range(_RUNS)]
        await browser.close()
    with ExitStack() as opened:
        senders = [opened.enter_context(_Sender(product, member)) for member in members]
        together = [await asyncio.to_thread(_together, senders, web) for _ in range(_RUNS)]
        with _memory(web) as extra:  # in a run of its own: to look costs as much as a photograph
            await asyncio.to_thread(_together, senders, web)
    first = [statistics.median(took for took, _ in run) for run in alone]
    listed = [statistics.median(took for _, took in run) for run in alone]
    return _Seen(first, listed, [rate for rate, _ in together], [cost for _, cost in together], extra)


def _together(senders: "list[_Sender]", web: list[psutil.Process]) -> tuple[float, float]:
    """Photographs a minute, and milliseconds of processor time that the web process spent on each."""
    photos = [[_another_content() for _ in range(_TOGETHER)] for _ in senders]
    with ThreadPoolExecutor(len(senders)) as threads:
        began, spent = time.perf_counter(), processor_seconds(web)
        list(threads.map(_Sender.send, senders, photos))
    number = len(senders) * _TOGETHER
    return 60 * number / (time.perf_counter() - began), 1000 * (processor_seconds(web) - spent) / number


class _Sender:
    """A tab on the page of a project. It sends one photograph after the other, each when the one before is kept."""

    _state = UploadState.get_full_name()

    def __init__(self, product: Product, member: Member) -> None:
        self._secret = member.cookie.partition("=")[2]
        self._tab = Tab(product.origin, self._secret, f"/projects/{member.project_id}")
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{product.port}", timeout=_PATIENCE_MS / 1000)
        self._headers = {"host": f"localhost:{product.port}", "origin": product.origin, "cookie": member.cookie}
        self._held = 0

    def __enter__(self) -> Self:
        self._tab.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._tab.__exit__(None, None, None)
        self._client.close()

    def send(self, photos: list[bytes]) -> None:
        for content in photos:
            facts = [{"name": "beach.jpg", "type": "image/jpeg", "size": len(content)}]
            self._tab.send(f"{self._state}.announce", {"facts": facts, "first": self._held, "is_pasted": False})
            self._held += 1
            rows: list[dict[str, str]] = []
            while not rows:
                rows = self._tab.until(self._state, "rows")
            self._post(rows[0]["id"], content)
            self._tab.until(self._state, "rows", [])

    def _post(self, row_id: str, content: bytes) -> None:
        headers = {
            **self._headers,
            "reflex-client-token": self._tab.token,
            "reflex-event-handler": f"{self._state}.receive",
        }
        bound = {"__reflex_event_args": json.dumps({"row_id": row_id})}
        files = [("files", ("beach.jpg", content, "image/jpeg"))]
        self._client.post("/_upload", headers=headers, data=bound, files=files).raise_for_status()


async def _opened(product: Product, browser: Browser, member: Member) -> Page:
    context = await browser.new_context()
    name, _, value = member.cookie.partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": product.origin}])
    page = await context.new_page()
    await page.goto(f"{product.origin}/projects/{member.project_id}", wait_until="commit")
    await page.locator("input[type=file]").wait_for(state="attached", timeout=_PATIENCE_MS)
    await page.evaluate(_WATCH)
    return page


async def _upload(page: Page, folder: Path) -> tuple[float, float]:
    """Milliseconds to either sight of it, by the clock of the page."""
    await page.evaluate("() => window.forget()")
    await page.locator("input[type=file]").set_input_files(_another_photo(folder))
    took = await asyncio.wait_for(page.evaluate(_TOOK), _PATIENCE_MS / 1000)
    return float(took[0]), float(took[1])


def _another_photo(folder: Path) -> Path:
    path = folder / f"beach-{next(_numbers)}.jpg"
    path.write_bytes(_another_content())
    return path


def _another_content() -> bytes:
    """The same photograph, with another comment: the same file would not be stored again."""
    content = phone_photo()
    assert content.count(_COMMENT) == 1
    return content.replace(_COMMENT, f"{next(_numbers):0{len(_COMMENT)}d}".encode())


@contextmanager
def _memory(processes: list[psutil.Process]) -> Iterator[list[float]]:
    """How many MB more (PSS) these processes took at most than in the beginning; told when the block ends."""
    told: list[float] = []
    is_over = threading.Event()
    before = memory_bytes(processes)
    most = [before]

    def watch() -> None:
        while not is_over.wait(0.02):
            most.append(memory_bytes(processes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield told
    finally:
        is_over.set()
        watcher.join()
        told.append((max(most) - before) / 1e6)
