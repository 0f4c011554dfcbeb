"""A part of the house is down. Nothing is lost, the page says what is the matter, and it comes back by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from lumiku_web.ui.texts import say
from tests.e2e.conftest import OpenWindow
from tests.e2e.people import Person, sign_in, sign_in_window, sign_up
from tests.e2e.product import Product, until
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded
from tests.e2e.watch import watch
from tests.stub_provider.client import StubProvider

#: A bound for what comes back by itself, not a measure of it.
_BACK_MS = 60_000


def ready(studio: Studio, project_id: str, *, model: str = ILLUSTRATOR) -> None:
    """The form is open and filled, one click away from an order of one picture."""
    studio.open_creator(project_id, model=model)
    studio.choose_count(1)
    studio.type_words("through thick and thin")


def test_without_redis_orders_are_taken_and_made_once_it_is_back(
    studio: Studio, project_id: str, page: Page, product: Product
) -> None:
    """Q1: the order is in PostgreSQL before anything else."""
    ready(studio, project_id)
    with product.without(product.servers.redis):
        expect(page.get_by_text(say("en", "note.redis_down"))).to_be_visible()
        studio.button.click()
        expect(studio.tiles_that_are("queued")).to_have_count(1)
    expect(studio.pictures).to_have_count(1, timeout=_BACK_MS)
    expect_loaded(studio.pictures, 1)
    expect(page.get_by_text(say("en", "note.redis_down"))).to_have_count(0)


def test_without_postgresql_the_page_says_so_and_keeps_what_was_typed(
    studio: Studio, project_id: str, page: Page, product: Product, ada: Person
) -> None:
    ready(studio, project_id)
    page.locator("#look-hair_color").select_option("red")
    expect(page.locator("details")).to_contain_text("red hair")
    other = page.context.new_page()
    with product.without(product.servers.postgres):
        studio.button.click()
        expect(page.get_by_text(say("en", "error.database_unreachable"))).to_be_visible()
        expect(studio.words).to_have_value("through thick and thin")
        expect(page.locator("#look-hair_color")).to_have_value("red")
        Studio(other).open("/home")
        expect(other.get_by_role("heading", name="Lumiku can't reach its database right now")).to_be_visible()
    studio.button.click()
    expect(studio.pictures).to_have_count(1, timeout=_BACK_MS)
    assert product.orders_of(ada.email) == 1
    other.reload(wait_until="commit")
    expect(other.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def test_without_a_worker_orders_wait_for_one(studio: Studio, project_id: str, page: Page, product: Product) -> None:
    ready(studio, project_id)
    with product.without(product.worker):
        expect(page.get_by_text(say("en", "note.no_worker"))).to_be_visible()
        studio.button.click()
        expect(studio.tiles_that_are("queued")).to_contain_text("Waiting")
    expect_loaded(studio.pictures, 1)
    expect(page.get_by_text(say("en", "note.no_worker"))).to_have_count(0)


def test_session_that_ends_in_mid_work_costs_nothing_that_was_typed(
    studio: Studio, project_id: str, page: Page, product: Product, ada: Person
) -> None:
    """Signing in happens in another tab; the page goes on where it was."""
    ready(studio, project_id)
    product.end_sessions_of(ada.email)
    studio.button.click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text(say("en", "session.ended"))
    assert product.orders_of(ada.email) == 0
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name=say("en", "session.sign_in")).click()
    expect(opened.value.get_by_label("E-mail")).to_be_visible()
    sign_in_window(page.context, product, sign_in(product, ada))
    dialog.get_by_role("button", name=say("en", "session.resume")).click()
    expect(dialog).to_have_count(0)
    expect(studio.words).to_have_value("through thick and thin")
    studio.button.click()
    expect_loaded(studio.pictures, 1)
    assert product.orders_of(ada.email) == 1


def test_page_of_one_person_is_emptied_for_the_next(
    studio: Studio, page: Page, product: Product, window: OpenWindow, ada: Person
) -> None:
    """T8: somebody else signs in in the same browser; the open page forgets whose it was, and is sent nothing of hers."""
    name = "Nobody else's business"
    project_id = product.project(ada.email, name)
    seen = watch(page)
    studio.open(f"/projects/{project_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    ready(studio, project_id)
    studio.button.click()
    expect_loaded(studio.pictures, 1)
    bob = sign_up(product, "Bob")
    product.end_sessions_of(ada.email)
    studio.button.click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    sign_in_window(page.context, product, bob.secret)
    since = seen.mark()
    dialog.get_by_role("button", name=say("en", "session.resume")).click()
    expect(dialog).to_have_count(0)
    expect(studio.orders).to_have_count(0)
    expect(page.locator("#project option")).to_have_count(0)
    expect(studio.words).to_have_value("")
    assert since.received
    assert [frame for frame in since.received if name in frame] == []


def test_lost_hints_only_delay_a_picture(studio: Studio, project_id: str, page: Page, product: Product) -> None:
    """Q8: a worker that may not publish. What it made is there by the next look of the web process, after 5 s at most."""
    with product.redis() as redis:
        redis.execute_command("ACL", "SETUSER", "mute", "on", ">mute", "~*", "+@all", "resetchannels", "&rq:*")
        mute = product.new_worker(REDIS_URL=product.servers.redis_url.replace("unix://", "unix://mute:mute@"))
        ready(studio, project_id)
        with product.without(product.worker):
            mute.start(120)
            try:
                studio.button.click()
                kept = "SELECT 1 FROM images WHERE project_id = %(id)s"
                until(lambda: product.rows(kept, id=project_id), "the picture is kept")
                expect(studio.pictures).to_have_count(1, timeout=_BACK_MS)
            finally:
                mute.stop()
                redis.execute_command("ACL", "DELUSER", "mute")


@pytest.mark.parametrize("is_polite", [True, False], ids=["restarted", "killed"])
def test_tabs_come_back_with_the_running_order_when_the_web_process_is_new(
    studio: Studio, project_id: str, page: Page, product: Product, stub: StubProvider, ada: Person, is_polite: bool
) -> None:
    newest = product.project(ada.email, "The newest one")
    product.subscribe(ada.email, "basic")
    ready(studio, newest, model="FLUX.1 schnell")
    page.locator("#project").select_option(project_id)
    page.locator("#look-hair_color").select_option("red")
    expect(page.locator("details")).to_contain_text("red hair")
    stub.set("success", is_held=True)
    studio.button.click()
    expect(studio.tiles_that_are("running")).to_have_count(1)
    if is_polite:
        product.web.stop()
    else:
        product.web.kill()
    expect(page.get_by_text(re.compile("Connection lost"))).to_be_visible()
    product.web.start(120)
    expect(page.get_by_text(re.compile("Connection lost"))).to_have_count(0)
    expect(studio.tiles_that_are("running")).to_have_count(1)
    expect(studio.words).to_have_value("through thick and thin")
    expect(page.locator("#look-hair_color")).to_have_value("red")
    expect(page.locator("#model")).to_have_value("flux-schnell")
    expect(page.locator("#project")).to_have_value(project_id)
    expect(studio.button).to_contain_text("Generate 1")
    stub.release()
    expect(studio.pictures).to_have_count(1, timeout=_BACK_MS)
    studio.button.click()
    expect(studio.orders).to_have_count(2)
