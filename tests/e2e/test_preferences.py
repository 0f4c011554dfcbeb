"""Language and light: chosen once, kept."""

from playwright.sync_api import Page, expect

from lumiku_web.ui.texts import say
from tests.e2e.conftest import OpenWindow
from tests.e2e.people import Person
from tests.e2e.studio import Studio


def choose(page: Page, menu: str, name: str) -> None:
    """In the menu of the person, once the page is alive: what is built ahead greets nobody by name."""
    expect(page.get_by_role("heading", name="Ada")).to_be_visible()
    page.get_by_role("button", name=menu).click()
    page.get_by_role("radio", name=name).click()


def test_language_is_kept_after_a_reload_and_on_other_devices(
    studio: Studio, page: Page, window: OpenWindow, ada: Person
) -> None:
    studio.open("/home")
    choose(page, say("en", "menu.open"), "Indonesia")
    greeting = page.get_by_role("heading", name=say("id", "home.greeting", name="Ada"))
    expect(greeting).to_be_visible()
    page.reload(wait_until="commit")
    expect(greeting).to_be_visible()
    elsewhere = Studio(window(ada).new_page())
    elsewhere.open("/projects")
    expect(elsewhere.page.get_by_text(say("id", "projects.sub"))).to_be_visible()


def test_dark_is_kept_after_a_reload(studio: Studio, page: Page) -> None:
    studio.open("/home")
    expect(page.locator("main")).to_be_attached()
    light = page.evaluate("getComputedStyle(document.querySelector('main').parentElement.parentElement).backgroundColor")
    choose(page, say("en", "menu.open"), "Dark")
    expect(page.locator("html.dark")).to_be_attached()
    page.reload(wait_until="commit")
    expect(page.locator("html.dark")).to_be_attached()
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    dark = page.evaluate("getComputedStyle(document.querySelector('main').parentElement.parentElement).backgroundColor")
    assert dark != light
