"""Who waits is told the place and sees it get better, in every tab, without asking."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.people import sign_up
from tests.e2e.product import Product, until
from tests.e2e.studio import FLUX, Studio, expect_loaded
from tests.e2e.watch import watch
from tests.stub_provider.client import StubProvider


@pytest.fixture
def one_at_a_time(product: Product) -> Iterator[None]:
    """The only worker makes one picture after the other."""
    with product.without(product.worker):
        slow = product.new_worker(LUMIKU_WORKER_CONCURRENCY="1")
        slow.start(120)
        try:
            yield
        finally:
            slow.stop()


def order(studio: Studio, project_id: str, words: str) -> None:
    studio.open_creator(project_id, model=FLUX)
    studio.choose_count(2)
    studio.type_words(words)
    studio.button.click()


def release(stub: StubProvider, number: int) -> None:
    """The provider has made this picture, counted from 1; until then it is held."""
    until(lambda: stub.total() == number, f"call {number}")
    stub.release()


def test_places_are_shown_and_move_up(
    studio: Studio, project_id: str, window: OpenWindow, product: Product, stub: StubProvider, one_at_a_time: None
) -> None:
    """Two members and one worker; the second one reads Indonesian on a phone. The tray says it for the whole order."""
    stub.set("success", times=4, is_held=True)
    order(studio, project_id, "a pilot at dusk")
    expect(studio.tiles_that_are("running")).to_have_count(1)
    expect(studio.tiles_that_are("queued")).to_contain_text("Place 1")

    eve = sign_up(product, "Eve")
    product.rows("UPDATE users SET language = 'id' WHERE email = %(email)s", email=eve.email)
    phone = Studio(window(eve, viewport={"width": 360, "height": 780}).new_page())
    seen = watch(phone.page)
    phone.open_creator(product.project(eve.email, "Eve"))
    phone.page.locator("#count").get_by_role("radio", name="2", exact=True).click()
    phone.button.click()
    waiting = phone.tiles_that_are("queued")
    expect(waiting.nth(0)).to_contain_text("Urutan 2")
    expect(waiting.nth(1)).to_contain_text("Urutan 3")

    mark, places = seen.mark(), [tile.bounding_box() for tile in phone.tiles.all()]
    release(stub, 1)
    expect_loaded(studio.pictures, 1)
    expect(waiting.nth(0)).to_contain_text("Urutan 1")
    expect(waiting.nth(1)).to_contain_text("Urutan 2")
    assert (mark.requests, mark.sent) == ([], []), "nobody asked for it"
    assert [tile.bounding_box() for tile in phone.tiles.all()] == places

    for number in (2, 3, 4):
        release(stub, number)
    expect_loaded(phone.pictures, 2)
    expect(phone.orders.get_by_text("Urutan")).to_have_count(0)
