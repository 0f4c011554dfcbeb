"""P16: a photograph of 5.3 MB, from the file chosen on a real page to its thumbnail on that page."""

import asyncio
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from playwright.async_api import Browser, Page, async_playwright

from tests.benchmarks.figures import Figure, figure, load_now
from tests.benchmarks.members import Member, new_members
from tests.benchmarks.p10_waiting import chromium
from tests.benchmarks.product import Product
from tests.factories.photos import phone_photo

_RUNS, _ALONE, _TOGETHER, _IN_FLIGHT = 5, 5, 6, 4
_PATIENCE_MS = 30_000
_COMMENT = b"a comment"
_numbers = count(1)

#: Notes when a file was chosen, and when a picture of it has its pixels: first on its row, as a data URI, then in the list. What
#: is smaller is a blur.
_WATCH = """
() => {
  const seen = new Set(Array.from(document.images, image => image.src));
  window.forget = () => { window.chosen = window.first = window.listed = 0; };
  window.forget();
  document.addEventListener("change", () => { window.chosen = performance.now(); }, true);
  document.addEventListener("load", event => {
    const { src, naturalWidth } = event.target;
    const isListed = src?.includes("/files/");
    if (!src || naturalWidth < 64 || (isListed && seen.has(src))) return;
    seen.add(src);
    window.first ||= performance.now();
    if (isListed) window.listed = performance.now();
  }, true);
}
"""
_TOOK = "() => window.listed ? [window.first - window.chosen, window.listed - window.chosen] : null"


def measure(product: Product) -> list[Figure]:
    """Alone, then four pages at once; the memory of the web process is watched meanwhile."""
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
        figure("P16", "photographs, four pages at once", "/min", seen.rates, bar=600.0, load=load, later=True),
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
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        pages = [await _opened(product, browser, member) for member in new_members(product, _IN_FLIGHT)]
        for page in pages:
            await _upload(page, folder)  # whatever is loaded by the first one
        web = product.processes()["web"]
        with _memory(web) as extra:
            alone = [[await _upload(pages[0], folder) for _ in range(_ALONE)] for _ in range(_RUNS)]
            together = [await _together(pages, folder, web) for _ in range(_RUNS)]
        await browser.close()
    first = [statistics.median(took for took, _ in run) for run in alone]
    listed = [statistics.median(took for _, took in run) for run in alone]
    return _Seen(first, listed, [rate for rate, _ in together], [cost for _, cost in together], extra)


async def _together(pages: list[Page], folder: Path, web: list[psutil.Process]) -> tuple[float, float]:
    """Photographs a minute, and milliseconds of processor time that the web process spent on each."""

    async def some(page: Page) -> None:
        for _ in range(_TOGETHER):
            await _upload(page, folder)

    began, spent = time.perf_counter(), _processor_seconds(web)
    await asyncio.gather(*(some(page) for page in pages))
    number = len(pages) * _TOGETHER
    return 60 * number / (time.perf_counter() - began), 1000 * (_processor_seconds(web) - spent) / number


def _processor_seconds(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


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
    deadline = time.monotonic() + _PATIENCE_MS / 1000
    while not (took := await page.evaluate(_TOOK)):
        if time.monotonic() > deadline:
            raise TimeoutError("the photograph did not appear")
        await asyncio.sleep(0.01)
    return float(took[0]), float(took[1])


def _another_photo(folder: Path) -> Path:
    """The same photograph, with another comment: the same file would not be stored again."""
    content = phone_photo()
    assert content.count(_COMMENT) == 1
    path = folder / f"beach-{next(_numbers)}.jpg"
    path.write_bytes(content.replace(_COMMENT, f"{next(_numbers):0{len(_COMMENT)}d}".encode()))
    return path


@contextmanager
def _memory(processes: list[psutil.Process]) -> Iterator[list[float]]:
    """How many MB more (PSS) these processes took at most than in the beginning; told when the block ends."""
    told: list[float] = []
    is_over = threading.Event()
    before = _pss(processes)
    most = [before]

    def watch() -> None:
        while not is_over.wait(0.02):
            most.append(_pss(processes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield told
    finally:
        is_over.set()
        watcher.join()
        told.append((max(most) - before) / 1e6)


def _pss(processes: list[psutil.Process]) -> float:
    return float(sum(process.memory_full_info().pss for process in processes))
