"""One product, one Chromium, and for each test people and windows of its own. The tests may run in any order."""

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.e2e.people import Person, sign_in_window, sign_up
from tests.e2e.product import Product
from tests.e2e.studio import Studio
from tests.e2e.watch import Watch, report_violations, watch
from tests.stub_provider.client import StubProvider

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS = 45_000
#: Of a test; the first one waits for the build of the pages, too.
_LIMIT_SECONDS = 900

OpenWindow = Callable[..., BrowserContext]
OpenTab = Callable[..., Studio]
SaveTable = Callable[[Locator], tuple[str, list[list[str]]]]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move these to the end: Playwright keeps an event loop in this thread, beside which asyncio's tests can't have theirs."""
    items.sort(key=_is_ours)
    for item in filter(_is_ours, items):
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.timeout(_LIMIT_SECONDS))


def _is_ours(item: pytest.Item) -> bool:
    return item.path.is_relative_to(Path(__file__).parent)


@pytest.fixture(scope="session")
def stub() -> Iterator[StubProvider]:
    """Stands in for Hugging Face."""
    with StubProvider(warm="1024x1024") as running:
        yield running


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, stub: StubProvider) -> Iterator[Product]:
    """The product, for the whole session."""
    with Product(tmp_path_factory.mktemp("product"), stub.url) as product:
        yield product


@pytest.fixture
def product(running: Product, stub: StubProvider) -> Product:
    """The product with every part running, and a provider that has no plans."""
    running.mend()
    stub.reset()
    return running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser process; each test opens windows in it that share nothing."""
    named = os.environ.get("LUMIKU_TEST_CHROMIUM") or "chromium"  # noqa: TID251  (no setting of the product)
    program = shutil.which(named)
    assert program, f"Chromium is needed, and {named} was not found: see LUMIKU_TEST_CHROMIUM in the Makefile"
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, product: Product) -> Iterator[OpenWindow]:
    """Opens windows that share no cookies: `window(person)`, `window()` for a visitor; more by the names of Playwright."""
    opened: list[BrowserContext] = []

    def open_window(person: Person | None = None, **options: object) -> BrowserContext:
        wanted = {"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **options}
        context = chromium.new_context(base_url=product.address, **wanted)  # type: ignore[arg-type]  (the caller knows its options)
        context.set_default_timeout(_PATIENCE_MS)
        report_violations(context)
        if person:
            sign_in_window(context, product, person.secret)
        opened.append(context)
        return context

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def ada(product: Product) -> Person:
    """A member of this test's own."""
    return sign_up(product)


@pytest.fixture
def admin(product: Product) -> Person:
    """The first one who comes."""
    product.empty()
    return sign_up(product, "Grace")


@pytest.fixture
def admin_tab(window: OpenWindow, admin: Person) -> Page:
    """A tab of the admin, with nothing in it yet."""
    return window(admin).new_page()


@pytest.fixture
def seen(admin_tab: Page) -> Watch:
    """What that tab sends and receives."""
    return watch(admin_tab)


@pytest.fixture
def save(tmp_path: Path) -> SaveTable:
    """Presses a button, and reads what the browser saves: its name, and its rows."""

    def press(button: Locator) -> tuple[str, list[list[str]]]:
        with button.page.expect_download() as download:
            button.click()
        download.value.save_as(tmp_path / "saved.csv")
        with (tmp_path / "saved.csv").open(encoding="utf-8-sig", newline="") as file:
            return download.value.suggested_filename, list(csv.reader(file))

    return press


@pytest.fixture
def project_id(product: Product, ada: Person) -> str:
    """A project of hers."""
    return product.project(ada.email, "Studio")


@pytest.fixture
def page(window: OpenWindow, ada: Person) -> Page:
    """A tab of hers, with nothing in it yet."""
    return window(ada).new_page()


@pytest.fixture
def studio(page: Page) -> Studio:
    """The same tab by its buttons."""
    return Studio(page)
