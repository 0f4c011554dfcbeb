"""Every page on a phone, in both lights, in both languages: it fits, it complains of nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.people import PASSWORD, Person, sign_up
from tests.e2e.product import Product
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded
from tests.e2e.watch import watch

_PUBLIC = ["/", "/sign-in", "/sign-up"]
#: What a page of ours shows once it has its data.
_OURS = {
    "/home": "main li img",
    "/projects": "main a[href^='/projects/']",
    "/projects/{project}": "main li img",
    "/gallery": "main li img",
    "/apps/avatar-creator?project={project}": "#generate:enabled",
    "/credits": "#statement table",
    "/admin": "main table",
    "/admin/jobs": "#routes table",
    "/admin/models": "#models table",
    "/admin/credits": "#ledger_entries table",
    "/admin/usage": "#by_day svg",
    "/kit": "main h1",
}
_PHONE = {"width": 360, "height": 740}
#: 100 characters each, the longest that a name may have.
_LONG_NAMES = ["W" * 100, ("مشروع الصيف " * 9)[:100].strip(), "👩🏽‍🚀" * 25, "a b " * 25]


def fill_house(studio: Studio, product: Product, admin: Person) -> str:
    """Projects with long names; the last one has a picture. Returns its id."""
    project_id = [product.project(admin.email, name.strip()) for name in _LONG_NAMES][-1]
    studio.open_creator(project_id, model=ILLUSTRATOR)
    studio.choose_count(1)
    studio.type_words("Donaudampfschifffahrtsgesellschaftskapitän" * 10)
    studio.button.click()
    expect_loaded(studio.pictures, 1)
    return project_id


def visit(page: Page, path: str, shown: str) -> None:
    """Open the page and wait for what it is about."""
    Studio(page).open(path)
    expect(page.locator(shown).first).to_be_visible()


def visit_and_measure(page: Page, path: str, shown: str) -> str:
    """Say what makes the window scroll sideways, or nothing."""
    visit(page, path, shown)
    width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return f"{path} is {width} px wide in a window of {room} px" if width > room else ""


def test_pages_of_a_member_fit_on_a_phone_and_complain_of_nothing(window: OpenWindow, product: Product, admin: Person) -> None:
    """With names as long as they may be, in scripts that break no lines or run from right to left; in either light."""
    project_id = fill_house(Studio(window(admin).new_page()), product, admin)
    for light, language in (("light", "en"), ("dark", "id")):
        product.rows("UPDATE users SET language = %(language)s", language=language)
        page = window(admin, viewport=_PHONE, color_scheme=light).new_page()
        seen = watch(page)
        misfits = [visit_and_measure(page, path.format(project=project_id), shown) for path, shown in _OURS.items()]
        assert "\n".join(filter(None, misfits)) == "", (light, language)
        assert seen.complaints == [], (light, language)


@pytest.mark.parametrize("light", ["light", "dark"])
def test_visitors_pages_fit_and_complain_of_nothing(window: OpenWindow, product: Product, light: str) -> None:
    page = window(viewport=_PHONE, color_scheme=light).new_page()
    seen = watch(page)
    misfits = [visit_and_measure(page, path, "main h1") for path in _PUBLIC]
    assert "\n".join(filter(None, misfits)) == ""
    assert seen.complaints == []


def test_page_that_does_not_exist_is_said_to_be_missing(window: OpenWindow) -> None:
    page = window(viewport=_PHONE).new_page()
    seen = watch(page)
    assert visit_and_measure(page, "/nonexistent", "main h1") == ""
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    assert [said for said in seen.complaints if "404" not in said] == []


def test_pages_one_after_the_other_complain_of_nothing(window: OpenWindow, admin: Person) -> None:
    """By the links of the product, without loading anything anew."""
    page = window(admin).new_page()
    seen = watch(page)
    Studio(page).open("/home")
    expect(page.get_by_role("heading", name="Hello, Grace")).to_be_visible()  # before that, a link is the browser's own
    loaded = list(seen.documents)
    for name, shown in (
        ("Projects", "#create-project"),
        ("Avatar Creator", "#words"),
        ("Gallery", "#shelf"),
        ("Admin", "main table"),
        ("Home", "main h1"),
    ):
        page.get_by_role("navigation", name="Main").first.get_by_role("link", name=name, exact=True).click()
        expect(page.locator(shown)).to_be_visible()
    assert seen.complaints == []
    assert seen.documents == loaded


def test_secret_of_the_session_never_reaches_the_page(window: OpenWindow, product: Product) -> None:
    """T4: not by the cookie, not by anything that the server sends."""
    person = sign_up(product)
    tab = window()
    page = tab.new_page()
    seen, studio = watch(page), Studio(page)
    studio.open("/sign-in?next=/projects")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#create-project")).to_be_visible()
    studio.make_project("Secrets")
    (cookie,) = tab.cookies()
    assert cookie["httpOnly"]
    assert page.evaluate("document.cookie") == ""
    assert seen.received
    assert [frame for frame in seen.received if cookie["value"] in frame] == []
