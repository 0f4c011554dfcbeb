"""What people type: too much, in any script, with any sign. A clear sentence, and nothing typed is lost."""

from playwright.sync_api import Page, expect

from lumiku_web.domain.projects.service import NAME_MAX
from lumiku_web.ui.texts import say
from tests.e2e.people import Person
from tests.e2e.product import Product
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded

#: Emoji of several signs, right to left, both ways, markup, stacked marks.
_ODD = ("👩🏽‍🚀 crew 👨‍👩‍👧‍👦", "مشروع الصيف ٢٠٢٦", "Brand שלום 2026", '<b>bold</b> & "quotes" {x} ${y}', "Z̷̡̛ä̶́l̵g̴o̷")


def test_names_of_projects_are_kept_as_they_were_typed(studio: Studio, page: Page) -> None:
    for name in _ODD:
        studio.make_project(name)
    studio.open_projects()
    for name in _ODD:
        expect(page.get_by_text(name)).to_be_visible()


def test_name_that_is_too_long_is_refused_beside_its_field_and_stays_there(
    studio: Studio, page: Page, product: Product, ada: Person
) -> None:
    long = "n" * 4_000
    studio.open_projects()
    field = page.get_by_label("Name", exact=True)
    field.fill(long)
    page.locator("#create-project").click()
    expect(page.get_by_text(say("en", "error.too_long", limit=NAME_MAX, length=4_000))).to_be_visible()
    expect(field).to_have_value(long)
    assert product.rows("SELECT 1 FROM projects JOIN users u ON u.id = user_id WHERE email = %(email)s", email=ada.email) == []
    field.fill("Short")
    page.locator("#create-project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Short")


def test_project_is_renamed_and_a_name_of_blanks_is_refused(studio: Studio, page: Page) -> None:
    studio.make_project("Before")
    page.get_by_role("button", name="Rename project").click()
    field = page.get_by_label("Name", exact=True)
    field.fill("   ")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text(say("en", "error.required"))).to_be_visible()
    field.fill("بعد 👩🏽‍🚀")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("بعد 👩🏽‍🚀")


def test_words_in_any_script_are_ordered_as_they_were_typed(studio: Studio, project_id: str) -> None:
    studio.open_creator(project_id, model=ILLUSTRATOR)
    studio.choose_count(1)
    for words in _ODD:
        studio.type_words(words)
        studio.button.click()
        expect(studio.orders.get_by_role("heading", name=words)).to_be_visible()
        expect(studio.words).to_have_value(words)
    expect_loaded(studio.pictures, len(_ODD))


def test_too_many_words_are_refused_beside_their_field_and_stay_there(
    studio: Studio, project_id: str, page: Page, product: Product, ada: Person
) -> None:
    long = "word " * 800
    studio.open_creator(project_id, model=ILLUSTRATOR)
    studio.choose_count(1)
    studio.words.fill(long)
    studio.button.click()
    expect(page.get_by_text(say("en", "error.too_long", limit=2_000, length=3_999))).to_be_visible()
    expect(studio.words).to_have_value(long)
    expect(studio.orders).to_have_count(0)
    studio.type_words("short")
    studio.button.click()
    expect_loaded(studio.pictures, 1)


def test_seed_that_is_no_number_is_refused_beside_its_field(studio: Studio, project_id: str, page: Page) -> None:
    studio.open_creator(project_id, model=ILLUSTRATOR)
    studio.type_words("kept")
    page.locator("#seed").fill("lucky")
    studio.button.click()
    expect(page.get_by_text("A seed is a whole number")).to_be_visible()
    expect(page.locator("#seed")).to_have_value("lucky")
    expect(studio.words).to_have_value("kept")
