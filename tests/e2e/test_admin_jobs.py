"""Admin: jobs, as an admin uses it, with a real worker: what is pushed, what is done about it, and that it is nobody else's."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenWindow, SaveTable
from tests.e2e.people import Person, sign_up
from tests.e2e.product import Product
from tests.e2e.studio import FLUX, ILLUSTRATOR, Studio
from tests.e2e.watch import Watch, watch
from tests.stub_provider.client import StubProvider


@pytest.fixture
def jobs(admin_tab: Page, seen: Watch) -> Page:
    """The page of jobs in a tab of the admin."""
    open_jobs(admin_tab)
    return admin_tab


def open_jobs(page: Page) -> None:
    """By the way that leads there."""
    Studio(page).open("/admin")
    page.get_by_role("main").get_by_role("link", name="Jobs", exact=True).click()
    expect(figure(page, "Waiting")).to_contain_text("0")


def figure(page: Page, label: str) -> Locator:
    """The card of a number."""
    return page.locator("main div").filter(has=page.locator(f"> span:first-child:text-is('{label}')")).last


def rows(page: Page, table: str) -> Locator:
    return page.locator(f"#{table} tbody tr")


def order(studio: Studio, product: Product, member: Person, model: str) -> str:
    """One picture, ordered by its button; the id of the project."""
    project = product.project(member.email, "Studio")
    studio.open_creator(project, model=model)
    studio.choose_count(1)
    studio.type_words("a baker at dawn")
    studio.button.click()
    expect(studio.tiles).to_have_count(1)
    return project


def test_what_is_paused_waits_and_ends_when_it_goes_on(
    jobs: Page, seen: Watch, window: OpenWindow, product: Product, admin: Person, ada: Person
) -> None:
    """And the page follows by itself: nothing is asked for while it does."""
    jobs.get_by_role("button", name="Pause everything").click()
    expect(jobs.get_by_text("Everything is paused: no picture is begun")).to_be_visible()
    studio = Studio(window(ada).new_page())
    quiet = seen.mark()
    order(studio, product, ada, ILLUSTRATOR)
    expect(figure(jobs, "Waiting")).to_contain_text("1")
    expect(studio.tiles_that_are("queued")).to_have_count(1)
    assert quiet.received
    assert quiet.sent == [], "pushed, not asked for"
    product.rows("UPDATE generation_items SET created_at = now() - interval '5 minutes'")
    row = rows(jobs, "stuck")
    expect(row).to_contain_text(ada.email)
    expect(row).to_contain_text("Waits long")
    jobs.get_by_role("button", name="Resume everything").click()
    expect(studio.tiles_that_are("succeeded")).to_have_count(1)
    expect(figure(jobs, "Waiting")).to_contain_text("0")
    expect(row).to_have_count(0)
    acts = product.rows("SELECT action, actor_id IS NOT NULL FROM audit_events WHERE action LIKE 'route%%' ORDER BY id")
    assert acts == [("route_paused", True), ("route_resumed", True)]


def test_what_failed_is_tried_again_on_the_house(
    jobs: Page, window: OpenWindow, product: Product, ada: Person, stub: StubProvider
) -> None:
    """The member sees the new order by itself; the page says that it was tried again."""
    studio = Studio(window(ada).new_page())
    stub.set("422")
    order(studio, product, ada, FLUX)
    expect(studio.tiles_that_are("failed")).to_have_count(1)
    row = rows(jobs, "failed")
    expect(row).to_contain_text(ada.email)
    expect(row).to_contain_text("The provider refuses this request.")
    stub.reset()
    row.get_by_role("button", name=f"Try again for {ada.email}").click()
    expect(jobs.get_by_text("Ordered again in the member's name, on the house.")).to_be_visible()
    expect(row).to_contain_text("Tried again")
    expect(studio.tiles_that_are("succeeded")).to_have_count(1)
    assert sorted(product.rows("SELECT paid_with FROM generation_items")) == [("credits",), ("house",)]


def test_one_that_is_stuck_is_cancelled_after_a_question(
    jobs: Page, window: OpenWindow, product: Product, ada: Person, stub: StubProvider
) -> None:
    studio = Studio(window(ada).new_page())
    stub.set("success", is_held=True)
    order(studio, product, ada, FLUX)
    expect(studio.tiles_that_are("running")).to_have_count(1)
    product.rows("UPDATE generation_items SET started_at = now() - interval '1 hour'")
    row = rows(jobs, "stuck")
    expect(row).to_contain_text("Runs too long")
    row.get_by_role("button", name="Cancel").click()
    question = jobs.get_by_role("alertdialog")
    expect(question).to_contain_text(ada.email)
    question.get_by_role("button", name="Cancel the picture").click()
    expect(studio.tiles_that_are("canceled")).to_have_count(1)
    expect(row).to_have_count(0)
    stub.release()


def test_a_route_is_bounded_and_a_slip_is_said_beside_the_field(jobs: Page, product: Product) -> None:
    jobs.get_by_role("button", name="Limit illustrator · dicebear").click()
    dialog = jobs.get_by_role("alertdialog")
    dialog.get_by_label("Pictures at once").fill("0")
    dialog.locator("form").evaluate("form => form.noValidate = true")
    dialog.get_by_role("button", name="Set the limit").click()
    expect(dialog.get_by_role("alert")).to_contain_text("A limit is a number from 1 to 1000")
    dialog.get_by_label("Pictures at once").fill("3")
    dialog.get_by_role("button", name="Set the limit").click()
    expect(dialog).to_have_count(0)
    row = rows(jobs, "routes").filter(has_text="illustrator")
    expect(row).to_contain_text("Limited")
    assert product.rows("SELECT key, concurrency_limit FROM provider_routes") == [("illustrator dicebear", 3)]


def test_tables_are_sorted_filtered_and_saved(jobs: Page, seen: Watch, save: SaveTable) -> None:
    """In the browser: nothing is sent for it."""
    routes = jobs.locator("#routes")
    expect(routes.locator("tbody tr")).not_to_have_count(0)
    quiet = seen.mark()
    names = routes.locator("tbody tr td:first-child")
    before = names.all_inner_texts()
    head = routes.get_by_role("columnheader", name="Route")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names.all_inner_texts() == sorted(before, reverse=True)
    routes.get_by_role("searchbox").fill("ILLUSTRATOR")
    expect(names).to_have_count(1)
    name, (head, *lines) = save(routes.get_by_role("button", name="Save as CSV"))
    assert name == "routes.csv"
    assert head[:5] == ["Route", "State", "Waiting", "In flight", "Limit"]
    assert [line[:4] for line in lines] == [["illustrator · dicebear", "Open", "0", "0"]]
    routes.get_by_role("searchbox").fill("nobody")
    expect(routes).to_contain_text("Nothing here fits “nobody”.")
    assert quiet.sent == []
    assert seen.complaints == []


def test_t7_a_member_sees_nothing_of_it(jobs: Page, window: OpenWindow, product: Product, admin: Person, ada: Person) -> None:
    page = window(ada).new_page()
    seen = watch(page)
    Studio(page).open("/admin/jobs")
    expect(page.locator("main").get_by_text("Only an admin may do this.").first).to_be_visible()
    expect(page.locator("main table")).to_have_count(0)
    assert [frame for frame in seen.received if admin.email in frame or "illustrator" in frame] == []


def test_t5_who_is_no_admin_any_more_is_told_nothing_more(jobs: Page, seen: Watch, window: OpenWindow, product: Product) -> None:
    """Though the page stays open, and sends nothing by itself."""
    heir = sign_up(product, "Heir")
    product.rows("UPDATE users SET role = CASE WHEN email = %(heir)s THEN 'admin' ELSE 'member' END", heir=heir.email)
    other = window(heir).new_page()
    open_jobs(other)
    quiet = seen.mark()
    product.rows("INSERT INTO provider_routes (key, slow_reason, paused_at) VALUES ('*', '', now())")
    expect(other.get_by_text("Everything is paused: no picture is begun")).to_be_visible()
    assert quiet.received == []
    jobs.get_by_role("button", name="Pause everything").click()
    expect(jobs.get_by_text("Only an admin may do this.").first).to_be_visible()
