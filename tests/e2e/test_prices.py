"""What it costs, as a person sees it: before the click, at the click, and where it can't be paid."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.people import Person
from tests.e2e.product import Product
from tests.e2e.studio import FLUX, ILLUSTRATOR, Studio
from tests.e2e.watch import watch

_LEFT_OVER = "UPDATE wallets SET available = %(credits)s WHERE user_id = (SELECT id FROM users WHERE email = %(email)s)"


def keep(product: Product, person: Person, credits: int) -> None:
    """Leave this person so many credits; the books of this test are not looked at."""
    product.rows(_LEFT_OVER, credits=credits, email=person.email)


def test_price_stands_on_the_button_and_the_sum_behind_it(
    window: OpenWindow, admin: Person, ada: Person, product: Product
) -> None:
    keep(product, ada, 1000)
    page = window(ada, viewport={"width": 360, "height": 740}).new_page()
    seen, studio = watch(page), Studio(page)
    studio.open_creator(product.project(ada.email, "Studio"), model=FLUX)
    studio.choose_count(4)
    expect(studio.button).to_have_text("Generate 4 · 32 credits")
    expect(page.locator("#generate-line")).to_have_text("968 credits left after this")
    page.locator("#price-details").focus()
    page.keyboard.press("Enter")
    details = page.get_by_role("dialog", name="Price")
    for words in ("8 credits", "= 32", "1,000", "968"):
        expect(details).to_contain_text(words)
    box = details.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    locked = page.locator("#model option", has_text="Pro plan")
    expect(locked).to_be_disabled()
    studio.choose_model(ILLUSTRATOR)
    expect(studio.button).to_have_text("Draw 4 · 4 credits")
    studio.button.click()
    expect(page.locator("#generate-line")).to_have_text("992 credits left after this")
    assert seen.complaints == []


def test_button_that_can_not_be_paid_says_why_and_where_to_go(
    window: OpenWindow, admin: Person, ada: Person, product: Product
) -> None:
    keep(product, ada, 5)
    page = window(ada).new_page()
    studio = Studio(page)
    studio.open(f"/apps/avatar-creator?project={product.project(ada.email, 'Studio')}")
    studio.page.locator("#model").select_option("flux-dev")
    expect(page.locator("#generate-line")).to_contain_text("You have 5 credits; 11 credits are missing.")
    expect(studio.button).to_be_disabled()
    expect(page.locator("#generate-line").get_by_role("link")).to_have_attribute("href", "/credits")
    studio.page.locator("#model").select_option("illustrator")
    expect(studio.button).to_be_enabled()


def test_price_that_an_admin_edits_while_a_form_is_open_is_told_and_nothing_is_charged(
    window: OpenWindow, admin: Person, ada: Person, product: Product
) -> None:
    page = window(ada).new_page()
    studio = Studio(page)
    studio.open_creator(product.project(ada.email, "Studio"), model=ILLUSTRATOR)
    expect(studio.button).to_have_text("Draw 2 · 2 credits")
    registry = window(admin).new_page()
    try:
        edit_price(registry, "Illustrator", "0")
        expect(registry.get_by_text("A price is a whole number of credits from 1 to 10000.")).to_be_visible()
        edit_price(registry, "Illustrator", "3", is_open=True)
        expect(registry.get_by_text("Illustrator was changed")).to_be_visible()
        studio.button.click()
        expect(page.get_by_text("The price has changed while the form was open")).to_be_visible()
        expect(studio.button).to_have_text("Draw 2 · 6 credits")
        assert product.orders_of(ada.email) == 0
        studio.button.click()
        expect(studio.tiles).to_have_count(2)
    finally:
        product.rows("UPDATE image_models SET credits_price = 1 WHERE key = 'illustrator'")


def edit_price(page: Page, model: str, credits: str, *, is_open: bool = False) -> None:
    """By the form of the admin's page."""
    if not is_open:
        page.goto("/admin/models", wait_until="commit")
        page.get_by_role("button", name=f"Edit {model}", exact=True).click()
    field = page.get_by_label("Credits for one picture")
    field.evaluate("field => field.form.noValidate = true")  # the server answers, too, where a browser does not ask
    field.fill(credits)
    page.get_by_role("button", name="Save", exact=True).click()


def test_app_that_is_switched_off_is_gone_from_home_and_takes_no_order(
    window: OpenWindow, admin: Person, ada: Person, product: Product
) -> None:
    page, registry = window(ada).new_page(), window(admin).new_page()
    card = page.get_by_role("main").get_by_role("link", name="Avatar Creator")
    registry.goto("/admin/models", wait_until="commit")
    for state, badge in (("beta", "Beta"), ("coming_soon", "Coming soon"), ("off", "")):
        registry.get_by_role("button", name="Edit Avatar Creator", exact=True).click()
        registry.locator("#model-state").select_option(state)
        registry.get_by_role("button", name="Save", exact=True).click()
        expect(registry.locator("#apps tbody")).to_contain_text(badge or "Off")
        Studio(page).open("/home")
        expect(page.get_by_role("heading", name="Recent")).to_be_visible()
        expect(card).to_have_count(1 if badge else 0)
        if badge:
            expect(card).to_contain_text(badge)
    studio = Studio(page)
    studio.open(f"/apps/avatar-creator?project={product.project(ada.email, 'Studio')}")
    expect(page.locator("#generate-line")).to_have_text("This app is switched off right now.")
    expect(studio.button).to_be_disabled()
