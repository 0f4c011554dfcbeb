"""Admin: people, as an admin uses it: T5 with a real worker and two windows, the way to a person, plans, and for nobody else."""

import pytest
from playwright.sync_api import Locator, Page, expect

from lumiku_web.ui.texts import say
from tests.e2e.conftest import OpenWindow
from tests.e2e.people import PASSWORD, Person, get, sign_in, sign_up
from tests.e2e.product import Product, until
from tests.e2e.studio import FLUX, Studio
from tests.e2e.watch import watch
from tests.stub_provider.client import StubProvider


@pytest.fixture
def people(admin_tab: Page) -> Page:
    """The page of people in a tab of the admin, by the way that leads there."""
    Studio(admin_tab).open("/admin")
    admin_tab.get_by_role("main").get_by_role("link", name="People", exact=True).click()
    expect(rows(admin_tab)).not_to_have_count(0)
    return admin_tab


@pytest.fixture
def ada(admin: Person, product: Product) -> Person:
    """A member."""
    return sign_up(product)


def rows(page: Page) -> Locator:
    return page.locator("#people tbody tr")


def open_person(page: Page, person: Person) -> None:
    """By the search."""
    page.get_by_label("Name or e-mail").fill(person.email)
    page.get_by_role("button", name="Find").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(person.email)
    rows(page).get_by_role("link", name=f"Open {person.name}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(person.name)


def answer(page: Page, question: str, button: str) -> None:
    """Press the button that asks, and then the one that does."""
    page.get_by_role("main").get_by_role("button", name=question, exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def wallet(product: Product, person: Person) -> tuple[int, int]:
    found = product.rows(
        "SELECT available, held FROM wallets JOIN users ON users.id = user_id WHERE email = %(email)s", email=person.email
    )
    return found[0][0], found[0][1]


def sign_in_by_form(page: Page, person: Person) -> None:
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_t5_who_is_deactivated_is_locked_out_at_once_with_everything_that_ran(
    ada: Person, people: Page, window: OpenWindow, product: Product, stub: StubProvider
) -> None:
    """An open tab of hers, a picture that a provider is at, one that waits, and the way back."""
    before = wallet(product, ada)
    stub.set("success", times=2, is_held=True)
    hers = window(ada)
    studio = Studio(hers.new_page())
    studio.open_creator(product.project(ada.email, "Studio"), model=FLUX)
    studio.choose_count(2)
    studio.type_words("a baker at dawn")
    studio.button.click()
    expect(studio.tiles_that_are("running")).to_have_count(2)
    assert wallet(product, ada)[1] > 0
    seen = watch(studio.page)
    open_person(people, ada)
    answer(people, "Deactivate", "Deactivate the account")
    expect(studio.page.get_by_role("alertdialog")).to_contain_text("Your session has ended")
    expect(people.get_by_text("2 pictures were cancelled; what they held is given back.")).to_be_visible()
    assert product.rows("SELECT DISTINCT status FROM generation_items") == [("canceled",)]
    assert wallet(product, ada) == before
    stub.release()
    assert get(product, "/home", cookie=ada.secret).status_code == 303
    assert get(product, "/files/x/thumb", cookie=ada.secret).status_code == 401
    studio.page.goto("/sign-in", wait_until="commit")
    sign_in_by_form(studio.page, ada)
    expect(studio.page.get_by_text(say("en", "account.deactivated"))).to_be_visible()
    answer(people, "Activate", "Activate the account")
    expect(people.get_by_text("Ada can sign in again.")).to_be_visible()
    sign_in_by_form(studio.page, ada)
    expect(studio.page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    assert wallet(product, ada) == before
    assert [said for said in seen.complaints if "401" not in said] == []


def test_t5_who_is_made_an_admin_and_a_member_again_has_the_role_from_the_next_page_on(
    ada: Person, people: Page, window: OpenWindow
) -> None:
    page = window(ada).new_page()
    open_person(people, ada)
    answer(people, "Make an admin", "Make an admin")
    expect(people.get_by_text("Ada is an admin now.")).to_be_visible()
    Studio(page).open("/admin/people")
    expect(rows(page)).to_have_count(2)
    answer(people, "Make a member", "Make a member")
    expect(people.get_by_text("Ada is a member now.")).to_be_visible()
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("Only an admin may do this.").first).to_be_visible()


def test_one_browser_is_signed_out_and_the_other_stays(ada: Person, people: Page, window: OpenWindow, product: Product) -> None:
    other = Person(ada.name, ada.email, sign_in(product, ada))
    pages = [window(one).new_page() for one in (ada, other)]
    for page in pages:
        Studio(page).open_projects()
    open_person(people, ada)
    sessions = people.locator("#sessions tbody tr")
    expect(sessions).to_have_count(2)
    sessions.first.get_by_role("button", name="Sign out").click()
    expect(sessions).to_have_count(1)
    dialogs = [page.get_by_role("alertdialog") for page in pages]
    until(lambda: [dialog.count() for dialog in dialogs].count(1) == 1, "one of them is locked")


def test_a_plan_is_given_with_its_price_in_sight(ada: Person, people: Page, product: Product) -> None:
    open_person(people, ada)
    people.get_by_role("button", name="Give a plan").click()
    dialog = people.get_by_role("alertdialog")
    dialog.get_by_label("Plan").select_option(label="Pro · Rp\xa0299,000 a month")
    expect(dialog).to_contain_text("Begins at once; Rp\xa0299,000 is to be paid.")
    dialog.get_by_role("button", name="Set the plan").click()
    expect(people.get_by_text("The plan of Ada is set.")).to_be_visible()
    expect(people.get_by_role("main")).to_contain_text("0 of 100")
    assert product.rows("SELECT plan_key, status FROM subscriptions") == [("pro", "active")]
    answer(people, "Cancel the plan", "Cancel the plan")
    expect(people.get_by_role("button", name="Let the plan go on")).to_be_visible()


def test_a_search_and_the_way_to_somebodys_credits_say_whose_they_are(ada: Person, people: Page, product: Product) -> None:
    """Also after the page has loaded anew."""
    open_person(people, ada)
    people.get_by_role("link", name="Credits available").click()
    expect(people.get_by_label("Of whom")).to_have_value(ada.email)
    people.go_back()
    expect(people.get_by_role("heading", level=1)).to_have_text(ada.name)
    people.go_back()
    expect(people.get_by_label("Name or e-mail")).to_have_value(ada.email)
    people.reload(wait_until="commit")
    expect(people.get_by_label("Name or e-mail")).to_have_value(ada.email)
    expect(rows(people)).to_have_count(1)


def test_t7_a_member_sees_nothing_of_it(ada: Person, admin: Person, window: OpenWindow, product: Product) -> None:
    ((person_id,),) = product.rows("SELECT id FROM users WHERE email = %(email)s", email=admin.email)
    page = window(ada).new_page()
    seen = watch(page)
    for path in ("/admin/people", f"/admin/people/{person_id}"):
        Studio(page).open(path)
        expect(page.locator("main").get_by_text("Only an admin may do this.").first).to_be_visible()
        expect(page.locator("main table")).to_have_count(0)
    assert [frame for frame in seen.received if admin.email in frame] == []


def test_people_fit_on_a_phone_and_complain_of_nothing(ada: Person, admin: Person, window: OpenWindow, product: Product) -> None:
    """With a name that breaks nowhere, in either light and language."""
    product.rows("UPDATE users SET name = repeat('W', 100) WHERE email = %(email)s", email=ada.email)
    ((person_id,),) = product.rows("SELECT id FROM users WHERE email = %(email)s", email=ada.email)
    for light, language in (("light", "en"), ("dark", "id")):
        product.rows("UPDATE users SET language = %(language)s", language=language)
        page = window(admin, viewport={"width": 360, "height": 740}, color_scheme=light).new_page()
        seen = watch(page)
        for path, shown in (("/admin/people", "#people tbody tr"), (f"/admin/people/{person_id}", "#sessions tbody tr")):
            Studio(page).open(path)
            expect(page.locator(shown).first).to_be_visible()
            width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert width <= room, (path, light, language)
        assert seen.complaints == [], (light, language)
