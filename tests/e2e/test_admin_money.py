"""Admin: credits and Admin: usage, as an admin uses them: what is moved, shown and refused, and that they are nobody else's."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenWindow, SaveTable
from tests.e2e.people import Person
from tests.e2e.product import Product
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded
from tests.e2e.watch import Watch, watch


@pytest.fixture
def books(admin_tab: Page, seen: Watch) -> Page:
    """The page of credits, by the way that leads there."""
    Studio(admin_tab).open("/admin")
    admin_tab.get_by_role("main").get_by_role("link", name="Credits", exact=True).click()
    expect(entries(admin_tab)).not_to_have_count(0)
    return admin_tab


def entries(page: Page) -> Locator:
    return page.locator("#ledger_entries tbody tr")


def filled(page: Page, act: str, email: str, amount: str, reason: str) -> Locator:
    """The form, open and filled."""
    if not page.get_by_role("alertdialog").count():
        page.get_by_role("button", name="Move credits").click()
    form = page.get_by_role("alertdialog")
    form.get_by_label("What").select_option(act)
    form.get_by_label("Member's e-mail").fill(email)
    form.get_by_label("Credits", exact=True).fill(amount)
    form.get_by_label("Reason").fill(reason)
    return form


def test_what_an_admin_gives_is_in_the_list_and_with_the_member_at_once(
    books: Page, seen: Watch, window: OpenWindow, product: Product, ada: Person
) -> None:
    """L7: though the button was clicked twice."""
    hers = window(ada).new_page()
    Studio(hers).open("/home")
    expect(hers.locator("#balance")).to_contain_text("1,000,000")
    form = filled(books, "grant", ada.email, "250", "For your patience")
    form.get_by_role("button", name="Move the credits").dblclick()
    expect(books.get_by_text(f"250 credits were given to {ada.email}, who has 1,000,250 available now.")).to_be_visible()
    expect(form).to_have_count(0)
    expect(entries(books).first).to_contain_text("For your patience")
    expect(hers.locator("#balance")).to_contain_text("1,000,250")
    assert product.rows("SELECT count(*) FROM ledger_events WHERE kind = 'grant'") == [(1,)]
    acts = product.rows("SELECT action FROM audit_events WHERE action LIKE 'credits%%'")
    assert acts == [("credits_granted",)]
    assert seen.complaints == []


def test_what_is_refused_is_said_beside_its_field_and_nothing_typed_is_lost(books: Page, product: Product, ada: Person) -> None:
    for email, amount, reason, told in (
        (ada.email, "1.5", "why", "Enter a whole number from 1 to 1,000,000,000."),
        (ada.email, "-5", "why", "Enter a whole number from 1 to 1,000,000,000."),
        ("nobody@example.test", "5", "why", "There is no such person."),
        (ada.email, "5", "", "Say why"),
    ):
        form = filled(books, "grant", email, amount, reason)
        form.get_by_role("button", name="Move the credits").click()
        expect(form.get_by_role("alert")).to_have_count(1)
        expect(form.get_by_role("alert")).to_contain_text(told)
        expect(form.get_by_label("Member's e-mail")).to_have_value(email)
    assert product.rows("SELECT DISTINCT kind FROM ledger_events") == [("sign_up",)]


def test_l1_the_books_are_checked_by_a_click_and_the_overview_says_it(books: Page, product: Product, ada: Person) -> None:
    books.get_by_role("button", name="Check now").click()
    expect(books.locator("#ledger-check")).to_contain_text("All 2 entries are right")
    product.rows("UPDATE wallets SET available = available + 1")
    books.get_by_role("button", name="Check now").click()
    expect(books.locator("#findings")).to_contain_text("Balances that are not the sum of their entries: 2")
    books.get_by_role("link", name="Admin", exact=True).first.click()
    expect(books.get_by_text("Something in the books of credits is off")).to_be_visible()


def test_what_was_made_is_counted_by_day_model_and_member(
    admin_tab: Page, seen: Watch, window: OpenWindow, product: Product, ada: Person, save: SaveTable
) -> None:
    """Drawn, said in words under the arrow keys, and saved as a file."""
    studio = Studio(window(ada).new_page())
    studio.open_creator(product.project(ada.email, "Studio"), model=ILLUSTRATOR)
    studio.choose_count(2)
    studio.type_words("a baker at dawn")
    studio.button.click()
    expect_loaded(studio.pictures, 2)
    Studio(admin_tab).open("/admin")
    admin_tab.get_by_role("main").get_by_role("link", name="Usage", exact=True).click()
    said = admin_tab.locator("#by_day-said")
    expect(said).to_contain_text("Pictures,")
    admin_tab.locator("#by_day-walk").press("End")
    expect(said).to_contain_text(": 2")
    expect(admin_tab.locator("#by_day svg title").last).to_contain_text(": 2")
    expect(admin_tab.locator("#usage_models tbody tr")).to_contain_text("Illustrator")
    expect(admin_tab.locator("#usage_members tbody tr")).to_contain_text(ada.email)
    _, lines = save(admin_tab.locator("#usage_members").get_by_role("button", name="Save as CSV"))
    assert [",".join(line) for line in lines] == [
        "Member,Pictures,Credits captured,Quota used,Provider cost,Cost a picture,Credits a US dollar",
        f"{ada.email},2,2,0,0,—,—",
    ]
    admin_tab.get_by_role("button", name="Earlier").click()
    expect(admin_tab.get_by_text("Nothing of this was counted in these days.")).to_be_visible()
    assert seen.complaints == []


def test_t7_a_member_sees_nothing_of_it(window: OpenWindow, product: Product, admin: Person, ada: Person) -> None:
    page = window(ada).new_page()
    seen = watch(page)
    for path in ("/admin/credits", "/admin/usage"):
        Studio(page).open(path)
        expect(page.locator("main").get_by_text("Only an admin may do this.").first).to_be_visible()
        expect(page.locator("main table")).to_have_count(0)
    assert [frame for frame in seen.received if admin.email in frame] == []
