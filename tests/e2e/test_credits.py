"""What a member has, in every tab and on its page: told by itself, read, decided and saved."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.ids import new_id
from tests.e2e.conftest import OpenWindow, SaveTable
from tests.e2e.people import Person, sign_up
from tests.e2e.product import Product
from tests.e2e.studio import FLUX, Studio
from tests.e2e.watch import watch
from tests.stub_provider.client import StubProvider

_PHONE = {"width": 360, "height": 740}


@pytest.fixture
def services(product: Product) -> Iterator[Services]:
    """The use cases of the running product, in this process: what an admin does elsewhere."""
    with product.use_cases() as services:
        yield services


@pytest.fixture
def ada(product: Product, admin: Person) -> Person:
    return sign_up(product)


def actor(services: Services, person: Person) -> Actor:
    return bridge.run(services.accounts.actor, person.secret)


def grant(services: Services, admin: Person, ada: Person, amount: int, reason: str = "a present") -> None:
    bridge.run(services.treasury.grant, actor(services, admin), actor(services, ada).user_id, amount, key=new_id(), reason=reason)


def subscribe(services: Services, admin: Person, ada: Person, plan: str) -> None:
    bridge.run(services.treasury.subscribe, actor(services, admin), actor(services, ada).user_id, plan)


def open_credits(page: Page) -> None:
    """Open the page; returns once everything is there."""
    Studio(page).open("/credits")
    expect(page.locator("#statement table")).to_be_visible()
    expect(page.locator("#available")).to_be_visible()


def expect_chip(page: Page, words: str) -> None:
    """What is seen of it: what a phone shows in the place of these words is hidden."""
    expect(page.locator("#balance")).to_have_text(words, use_inner_text=True)


def test_q8_what_one_has_changes_in_every_tab_and_none_asks(
    window: OpenWindow, services: Services, admin: Person, ada: Person
) -> None:
    """Credits that somebody gives, and a plan."""
    tabs = [window(ada).new_page() for _ in range(2)]
    seen = [watch(tab) for tab in tabs]
    Studio(tabs[0]).open("/home")
    open_credits(tabs[1])
    for tab in tabs:
        expect_chip(tab, "1,000,000 credits")
    marks = [one.mark() for one in seen]
    grant(services, admin, ada, 250)
    for tab in tabs:
        expect_chip(tab, "1,000,250 credits")
    expect(tabs[1].locator("#available")).to_have_text("1,000,250")
    subscribe(services, admin, ada, "free")
    for tab in tabs:
        expect_chip(tab, "10 of 10 today · 1,000,250")
    expect(tabs[1].locator("#plan")).to_have_text("Free")
    assert [mark.sent for mark in marks] == [[], []], "nobody asked"
    assert [mark.requests for mark in marks] == [[], []]
    expect(tabs[1].get_by_role("button", name="Show it")).to_be_visible()


def test_what_is_held_and_what_came_back_is_said_where_one_looks(
    window: OpenWindow, product: Product, services: Services, stub: StubProvider, ada: Person
) -> None:
    page = window(ada).new_page()
    studio = Studio(page)
    studio.open_creator(product.project(ada.email, "Studio"), model=FLUX)
    studio.choose_count(2)
    studio.type_words("a baker")
    stub.set(403)
    stub.set("success", is_held=True)
    studio.button.click()
    expect(studio.tiles_that_are("failed")).to_contain_text("Your 8 credits are back.")
    expect(studio.orders).to_contain_text("8 credits")
    expect_chip(page, "999,992 credits")
    expect(page.locator("#balance")).to_have_accessible_name(
        "You have 999,992 credits. 8 credits more are held for what is being made. Open credits and plan."
    )
    page.locator("#balance").click()
    expect(page.locator("#statement table")).to_contain_text("Given back")
    expect(page.locator("#statement tbody tr").first).to_contain_text("a baker")
    stub.release()


def test_one_ends_a_plan_by_the_keyboard_and_lets_it_go_on(
    window: OpenWindow, services: Services, admin: Person, ada: Person
) -> None:
    subscribe(services, admin, ada, "pro")
    page = window(ada).new_page()
    open_credits(page)
    page.locator("#cancel-plan").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Cancel Pro?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.locator("#cancel-plan").focus()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Cancel the plan").click()
    expect(page.locator("main")).to_contain_text("It goes on until")
    page.locator("#resume-plan").click()
    dialog.get_by_role("button", name="Let it go on").click()
    expect(page.locator("#cancel-plan")).to_be_visible()


def test_bounds_of_ones_own_are_saved_and_refused_beside_their_field(window: OpenWindow, ada: Person) -> None:
    page = window(ada).new_page()
    open_credits(page)
    page.locator("#cap").fill("1.5")
    page.locator("#save-spending").click()
    # The browser itself keeps what is no whole number from being sent.
    assert not page.locator("#cap").evaluate("field => field.validity.valid")
    page.locator("#cap").fill("99999999999")
    page.locator("#save-spending").click()
    expect(page.locator("#cap-error")).to_contain_text("A cap is a whole number")
    page.locator("#cap").fill("500")
    page.locator("#uses_credits").check()
    page.locator("#save-spending").click()
    expect(page.locator("#cap-error")).to_have_count(0)
    open_credits(page)
    expect(page.locator("#cap")).to_have_value("500")
    expect(page.locator("#uses_credits")).to_be_checked()
    page.locator("#cap").fill("")
    page.locator("#uses_credits").uncheck()
    page.locator("#save-spending").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    open_credits(page)
    expect(page.locator("#cap")).to_have_value("")
    expect(page.locator("#uses_credits")).not_to_be_checked()


def test_a_statement_is_turned_filtered_and_saved(
    window: OpenWindow, services: Services, admin: Person, ada: Person, save: SaveTable
) -> None:
    for number in range(1, 53):
        grant(services, admin, ada, number, f"gift {number}")
    page = window(ada, viewport=_PHONE).new_page()
    seen = watch(page)
    open_credits(page)
    lines = page.locator("#statement tbody tr")
    expect(lines).to_have_count(50)
    expect(lines.first).to_contain_text("gift 52")
    page.get_by_role("button", name="Older").click()
    expect(lines).to_have_count(3)
    expect(lines.last).to_contain_text("Welcome credits")
    expect(lines.last).to_contain_text("+1,000,000")
    page.get_by_role("button", name="Newer").click()
    expect(lines).to_have_count(50)
    page.locator("#kinds").get_by_role("radio", name="Out").click()
    expect(page.get_by_text("Nothing in this list.")).to_be_visible()
    page.locator("#kinds").get_by_role("radio", name="In").click()
    expect(lines).to_have_count(50)
    name, (head, *lines) = save(page.locator("#statement-file"))
    assert name == "lumiku-credits-in.csv"
    assert [line[head.index("for")] for line in lines] == [*(f"gift {number}" for number in range(52, 0, -1)), ""]
    width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= room
    assert seen.complaints == []


def test_the_language_of_what_stands_there_changes_at_once(window: OpenWindow, ada: Person) -> None:
    page = window(ada).new_page()
    open_credits(page)
    page.get_by_title("Your account, language and theme").click()
    page.get_by_role("radio", name="Indonesia").click()
    expect_chip(page, "1.000.000 kredit")
    expect(page.locator("#available")).to_have_text("1.000.000")
    expect(page.locator("#statement tbody tr").first).to_contain_text("Kredit sambutan")
