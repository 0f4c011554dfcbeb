"""An order on its way, seen from every tab: what it waits for, who cancels it, and every way in which a provider lets it down."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.people import Person
from tests.e2e.product import Product, until
from tests.e2e.studio import FLUX, Studio, expect_loaded
from tests.stub_provider.client import StubProvider


def test_order_outlives_reload_and_is_the_same_in_every_tab(
    studio: Studio, project_id: str, page: Page, window: OpenWindow, ada: Person, product: Product, stub: StubProvider
) -> None:
    """Q8: reloaded, opened again beside it, opened on another device: the same card, the same state, untouched."""
    beside, phone = Studio(page.context.new_page()), Studio(window(ada, viewport={"width": 390, "height": 800}).new_page())
    beside.open("/home")
    phone.open_creator(project_id)
    stub.set("success", times=2, is_held=True)
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(2)
    studio.type_words("a pilot at dusk")
    studio.button.click()
    for tab in (studio, beside, phone):
        expect(tab.tiles_that_are("running")).to_have_count(2)
    page.reload(wait_until="commit")
    expect(studio.tiles_that_are("running")).to_have_count(2)
    expect(studio.orders.get_by_role("heading", name="a pilot at dusk")).to_be_visible()
    expect(studio.words).to_have_value("a pilot at dusk")
    stub.release()
    expect_loaded(studio.pictures, 2)
    expect_loaded(phone.pictures, 2)
    expect_loaded(beside.page.get_by_role("list", name="Recent pictures").locator("img[src^='/files/']"), 2)
    assert product.orders_of(ada.email) == 1
    assert stub.total() == 2


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        ("402", "credit"),
        ("422", "provider"),
        ("401", "provider"),
        ("404", "model"),
        ("not_an_image", "picture"),
    ],
)
def test_refusal_is_shown_in_the_tile_with_a_reference(
    studio: Studio, project_id: str, product: Product, stub: StubProvider, scenario: str, sentence: str
) -> None:
    """Q5: what the provider said is put in words; support finds the order by the reference."""
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(1)
    stub.set(scenario)
    studio.button.click()
    tile = studio.tiles_that_are("failed")
    expect(tile).to_contain_text(sentence, ignore_case=True)
    reference = tile.locator("code").inner_text()
    found = product.rows(
        "SELECT failure FROM generation_items i JOIN generations g ON g.id = generation_id WHERE correlation_id LIKE %(like)s",
        like=f"{reference}%",
    )
    assert len(found) >= 1
    assert "Bearer" not in tile.inner_text()


def test_busy_provider_is_waited_for_and_the_tile_says_so(
    studio: Studio, project_id: str, product: Product, stub: StubProvider
) -> None:
    """Q5: 429 with Retry-After is no failure."""
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(1)
    stub.set("429", retry_after=600)
    studio.button.click()
    waiting = studio.tiles_that_are("queued")
    expect(waiting).to_contain_text("600 s")
    product.end_waits()
    expect_loaded(studio.pictures, 1)
    assert stub.total() == 2


def test_q7_one_waiting_picture_is_cancelled_in_every_tab_and_the_others_are_made(
    studio: Studio, project_id: str, page: Page, window: OpenWindow, ada: Person, stub: StubProvider
) -> None:
    """Nothing moves by it, on a phone neither."""
    phone = Studio(window(ada, viewport={"width": 360, "height": 740}).new_page())
    phone.open_creator(project_id)
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(2)
    stub.set("success", is_held=True)
    stub.set(503, retry_after=600)
    studio.button.click()
    for tab in (studio, phone):
        expect(tab.tiles_that_are("queued")).to_have_count(1)
        expect(tab.tiles_that_are("running")).to_have_count(1)
    places = [[tile.bounding_box() for tile in tab.tiles.all()] for tab in (studio, phone)]
    studio.tiles_that_are("queued").get_by_role("button", name="Cancel picture").click()
    for tab in (studio, phone):
        expect(tab.tiles_that_are("canceled")).to_contain_text("back")
        expect(tab.orders).to_contain_text("0 of 2 · 1 cancelled")
        expect(tab.tiles_that_are("running")).to_have_count(1)
    assert [[tile.bounding_box() for tile in tab.tiles.all()] for tab in (studio, phone)] == places
    stub.release()
    expect_loaded(studio.pictures, 1)
    expect(studio.orders).to_contain_text("1 of 2 made · 1 cancelled")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert stub.total() == 2


def test_q7_a_running_order_is_cancelled_and_the_provider_is_hung_up_on(
    studio: Studio, project_id: str, page: Page, ada: Person, product: Product, stub: StubProvider
) -> None:
    """From the tray of another page; what the provider would have sent comes to nothing."""
    away = Studio(page.context.new_page())
    away.open("/home")
    stub.set("success", times=2, is_held=True)
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(2)
    studio.button.click()
    expect(studio.tiles_that_are("running")).to_have_count(2)
    stub.wait_for_open(2)
    away.page.get_by_role("button", name="Show what is running").click()
    away.page.get_by_role("dialog").get_by_role("button", name="Cancel", exact=True).click()
    for tab in (studio.orders, away.page.get_by_role("dialog").locator("article")):
        expect(tab.locator("[data-status=canceled]")).to_have_count(2)
        expect(tab).to_contain_text("Cancelled")
    stub.wait_for_open(0)
    stub.release()
    page.reload(wait_until="commit")
    expect(studio.tiles_that_are("canceled")).to_have_count(2)
    of_hers = "SELECT status FROM generation_items i JOIN users u ON u.id = i.user_id WHERE email = %(email)s"
    assert product.rows(of_hers, email=ada.email) == [("canceled",)] * 2
    assert product.rows("SELECT 1 FROM images i JOIN users u ON u.id = user_id WHERE email = %(email)s", email=ada.email) == []
    assert stub.total() == 2


def test_the_second_click_of_a_double_click_on_cancel_orders_nothing(
    studio: Studio, project_id: str, ada: Person, product: Product, stub: StubProvider
) -> None:
    """What then can be tried again is offered elsewhere."""
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(4)
    stub.set("422", times=2)
    stub.set("success", times=2, is_held=True)
    studio.button.click()
    expect(studio.tiles_that_are("failed")).to_have_count(2)
    expect(studio.tiles_that_are("running")).to_have_count(2)
    studio.orders.get_by_role("button", name="Cancel", exact=True).dblclick()
    expect(studio.orders.get_by_role("button", name="Try 2 again")).to_be_visible()
    assert product.orders_of(ada.email) == 1


def test_l7_one_failed_picture_is_tried_again_by_its_own_button(
    studio: Studio, project_id: str, ada: Person, product: Product, stub: StubProvider
) -> None:
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(2)
    stub.set("422", times=2)
    studio.button.click()
    expect(studio.tiles_that_are("failed")).to_have_count(2)
    together = studio.orders.get_by_role("button", name="Try 2 again")
    expect(together).to_be_visible()
    studio.orders.get_by_role("button", name="Try again: picture 2").dblclick()
    expect_loaded(studio.pictures, 1)
    expect(studio.orders).to_have_count(2)
    expect(studio.orders.get_by_role("button", name="again")).to_have_count(1)
    expect(studio.orders.last.get_by_role("button", name="Try again: picture 1")).to_be_visible()
    assert product.orders_of(ada.email) == 2
    assert stub.total() == 3


def test_double_click_is_one_order(studio: Studio, project_id: str, ada: Person, product: Product, stub: StubProvider) -> None:
    """L7: counted on the page, in the database and at the provider."""
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(1)
    studio.type_words("twins")
    studio.button.dblclick()
    expect_loaded(studio.pictures, 1)
    expect(studio.orders).to_have_count(1)
    assert product.orders_of(ada.email) == 1
    assert stub.total() == 1


def test_pictures_take_their_places_without_moving_anything(
    studio: Studio, project_id: str, page: Page, stub: StubProvider
) -> None:
    """The place of a picture has its shape before there is a picture."""
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(2)
    stub.set("success", times=2, is_held=True)
    studio.button.click()
    expect(studio.tiles_that_are("running")).to_have_count(2)
    page.evaluate(
        """() => {
          window.shifts = [];
          new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(e => e.value)))
            .observe({ type: "layout-shift", buffered: false });
        }"""
    )
    places = [tile.bounding_box() for tile in studio.tiles.all()]
    stub.release()
    assert all(place and abs(place["width"] - place["height"]) < 1 < place["width"] for place in places)
    expect_loaded(studio.pictures, 2)
    assert [tile.bounding_box() for tile in studio.tiles.all()] == places
    assert sum(page.evaluate("window.shifts")) < 0.01


def test_one_correlation_id_from_the_click_to_the_provider(
    studio: Studio, project_id: str, product: Product, stub: StubProvider
) -> None:
    """The id in the line of the click is in the worker's lines and in the header that the provider got."""
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(1)
    studio.button.click()
    expect_loaded(studio.pictures, 1)
    (call,) = stub.calls()
    traced = call.headers["x-request-id"]
    until(lambda: {"items.started", "items.delivered"} <= set(events(product.worker_log(), traced)), "the worker's lines")
    assert events(product.web_log(), traced).count("generations.submitted") == 1


def events(log: list[dict[str, Any]], correlation_id: str) -> list[str]:
    """What was logged under this id."""
    return [line["event"] for line in log if line.get("correlation_id") == correlation_id]
