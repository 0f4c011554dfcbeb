"""Who sees what: signed in, signed out, somebody else."""

import re

import pytest
from playwright.sync_api import Page, expect

from lumiku_web.ui.texts import say
from tests.e2e.conftest import OpenWindow
from tests.e2e.people import PASSWORD, Person, get, post, sign_up
from tests.e2e.product import Product
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded

_OURS = ["/home", "/projects", "/projects/01a20309-5560-7357-a23d-f40e68f9fe1f", "/apps/avatar-creator", "/admin", "/kit"]
_STRANGE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/auth/sign-out",
]


def test_signing_out_in_one_tab_locks_the_others(studio: Studio, project_id: str, page: Page) -> None:
    studio.open("/home")
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()  # the page is alive: an earlier click would be lost
    other = Studio(page.context.new_page())
    other.open_creator(project_id)
    other.type_words("kept")
    page.get_by_role("button", name="Your account, language and theme").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(other.page.get_by_role("alertdialog")).to_contain_text("Your session has ended")
    expect(other.words).to_have_value("kept")
    other.page.reload(wait_until="commit")
    other.page.wait_for_url(re.compile(r"/sign-in/?\?next="), wait_until="commit")
    # Chromium may never close a window of which one page is still on its way.
    expect(other.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_what_belongs_to_somebody_else_is_not_found(studio: Studio, page: Page, window: OpenWindow, product: Product) -> None:
    """T8: the picture's address and the project's."""
    project_id = studio.make_project("Private")
    studio.open_creator(project_id, model=ILLUSTRATOR)
    studio.choose_count(1)
    studio.button.click()
    expect_loaded(studio.pictures, 1)
    address = studio.pictures.get_attribute("src")
    assert page.request.get(address).status == 200
    bob = window(sign_up(product, "Bob")).new_page()
    assert bob.request.get(address).status == 404
    assert window().new_page().request.get(address, max_redirects=0).status == 401
    Studio(bob).open(f"/projects/{project_id}")
    expect(bob.get_by_text("There is no such project, or it is not yours.")).to_be_visible()
    expect(bob.get_by_text("Private")).to_have_count(0)
    Studio(bob).make_project("Bob's own")
    Studio(bob).open_creator(project_id)
    expect(bob.locator("#project")).not_to_have_value(project_id)


@pytest.mark.parametrize("path", _OURS)
def test_visitor_is_sent_to_sign_in_and_back(product: Product, path: str) -> None:
    answer = get(product, path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in?next={path}"


def test_after_signing_in_the_page_that_was_wanted_opens(window: OpenWindow, product: Product) -> None:
    person = sign_up(product)
    page = window().new_page()
    Studio(page).open("/apps/avatar-creator?project=none")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill("not this one at all")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text(say("en", "account.invalid_credentials"))).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/apps/avatar-creator/?\?project=none$"), wait_until="commit")
    expect(page.locator("#words")).to_be_visible()


@pytest.mark.parametrize("path", _STRANGE)
def test_nobody_is_sent_to_a_stranger(product: Product, ada: Person, path: str) -> None:
    """No open redirect by `next`."""
    answer = post(product, "/auth/sign-in", email=ada.email, password=PASSWORD, next=path)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/home"


def test_members_find_nothing_at_the_admin_pages(studio: Studio, page: Page, product: Product) -> None:
    sign_up(product, "Bob")
    product.rows("UPDATE users SET role = 'member' WHERE email LIKE 'ada%%'")
    studio.open("/admin")
    expect(page.get_by_text("Only an admin may do this.").first).to_be_visible()
    expect(page.get_by_text("Worker processes")).to_have_count(0)
