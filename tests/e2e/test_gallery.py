"""The gallery as a person uses it: endless, quiet, by keyboard, in two tabs, with a trash that gives back."""

from collections.abc import Callable, Iterator
from typing import Final

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import create_engine

from lumiku_web.adapters.storage_local import LocalStorage
from lumiku_web.db.unit_of_work import transaction
from lumiku_web.domain.storage.schemas import Variant
from tests.e2e.conftest import OpenWindow
from tests.e2e.people import Person, get
from tests.e2e.product import Product, until
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded
from tests.e2e.watch import Watch, watch
from tests.factories.gallery import hang_pictures, store_prints

#: Keeps every shift of the layout that nobody asked for, with what has moved.
_SHIFTS: Final = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    for (const source of entry.sources) {
      const tile = source.node && source.node.closest && source.node.closest("li[data-picture]");
      if (tile) window.shifts.push(tile.dataset.picture);
    }
}).observe({type: "layout-shift", buffered: true});
"""
#: A browser in which nothing ever comes near.
_BLIND: Final = """
window.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} takeRecords() { return []; } };
"""
_PLACES: Final = """
tiles => tiles.map(tile => {
  const box = tile.getBoundingClientRect();
  return [tile.dataset.picture, box.left, box.top + window.scrollY, box.width, box.height].map(x => x.toFixed ? x.toFixed(1) : x);
})
"""
_ROOM_BELOW: Final = "document.documentElement.scrollHeight - window.scrollY - window.innerHeight"

Hang = Callable[[int], list[str]]


@pytest.fixture
def hang(product: Product, ada: Person, project_id: str) -> Iterator[Hang]:
    """Hangs so many pictures into Ada's project; their ids, newest first."""
    engine = create_engine(product.servers.owner_url)
    ((user_id, project),) = product.rows("SELECT user_id, id FROM projects WHERE id = %(id)s", id=project_id)

    def hang(count: int) -> list[str]:
        with transaction(engine) as uow:
            ids = hang_pictures(uow, user_id, project, count)
        store_prints(LocalStorage(product.data_dir / "files"), user_id, ids)
        return [str(one) for one in ids]

    yield hang
    engine.dispose()


def tiles(page: Page) -> Locator:
    return page.locator("main li[data-picture]")


def tile(page: Page, picture_id: str) -> Locator:
    return page.locator(f"main li[data-picture='{picture_id}']")


def open_gallery(page: Page, shelf: str = "everything") -> None:
    page.goto(f"/gallery?shelf={shelf}", wait_until="commit")


def asked_for_pages(seen: Watch) -> list[str]:
    return [frame for frame in seen.sent if "load_more" in frame]


def scroll_to_the_end(page: Page, count: int) -> None:
    """As somebody does who looks at the pictures: what comes next is there before its place is reached."""
    while tiles(page).count() < count or page.evaluate(_ROOM_BELOW) > 1:
        place = page.evaluate("window.scrollY") + min(500, page.evaluate(_ROOM_BELOW))
        page.mouse.wheel(0, 500)
        until(lambda place=place: page.evaluate("window.scrollY") >= place - 1, "the page has scrolled")
        until(lambda: tiles(page).count() == count or page.evaluate(_ROOM_BELOW) > 700, "the next page comes ahead")


@pytest.mark.parametrize("width", [1440, 360])
def test_pictures_come_ahead_of_need_each_page_once_and_nothing_moves(
    window: OpenWindow, ada: Person, hang: Hang, width: int
) -> None:
    hung = hang(120)
    context = window(ada, viewport={"width": width, "height": 800})
    context.add_init_script(_SHIFTS)
    page = context.new_page()
    seen = watch(page)
    open_gallery(page)
    expect(tiles(page)).to_have_count(48)
    before = tiles(page).evaluate_all(_PLACES)
    scroll_to_the_end(page, 120)
    assert [place[0] for place in tiles(page).evaluate_all(_PLACES)] == hung
    whole_rows = [place for place in before if place[2] != before[-1][2]]
    assert len(whole_rows) > 40
    assert tiles(page).evaluate_all(_PLACES)[: len(whole_rows)] == whole_rows
    assert page.evaluate("window.shifts") == []
    assert len(asked_for_pages(seen)) == 2
    expect(page.get_by_text("These are all of them.")).to_be_visible()
    expect_loaded(tile(page, hung[-1]).locator("img[src^='/files/']"), 1)
    assert seen.complaints == []


def test_where_nothing_says_that_the_end_is_near_a_button_does(window: OpenWindow, ada: Person, hang: Hang) -> None:
    hang(60)
    context = window(ada)
    context.add_init_script(_BLIND)
    page = context.new_page()
    open_gallery(page)
    expect(tiles(page)).to_have_count(48)
    page.get_by_role("button", name="Show more").focus()
    page.keyboard.press("Enter")
    expect(tiles(page)).to_have_count(60)


def test_a_project_shows_its_pictures_in_the_same_way(page: Page, hang: Hang, project_id: str) -> None:
    hung = hang(60)
    page.goto(f"/projects/{project_id}", wait_until="commit")
    expect(tiles(page)).to_have_count(48)
    scroll_to_the_end(page, 60)
    tile(page, hung[-1]).get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("60 of 60")


def test_the_lightbox_is_used_by_keyboard_across_a_page_border(page: Page, hang: Hang) -> None:
    hung = hang(50)
    seen = watch(page)
    page.add_init_script(_BLIND)
    open_gallery(page)
    expect(tiles(page)).to_have_count(48)
    tile(page, hung[46]).get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog")
    expect(box.get_by_role("heading")).to_have_text("Baker 47, warm light")
    for number in (48, 49, 50):
        page.keyboard.press("ArrowRight")
        expect(box.get_by_role("heading")).to_have_text(f"Baker {number}, warm light")
    expect(box).to_contain_text("50 of 50")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(box.get_by_role("heading")).to_have_text("Baker 49, warm light")
    page.keyboard.press("f")
    expect(box.get_by_role("button", name="Remove from favourites")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(tile(page, hung[48]).get_by_role("button").first).to_be_focused()
    expect(tile(page, hung[48]).get_by_role("button", name="Remove “Baker 49, warm light” from favourites")).to_be_visible()
    assert seen.complaints == []


def test_the_original_is_saved_as_a_file_and_the_page_stays(page: Page, hang: Hang) -> None:
    hung = hang(1)
    open_gallery(page)
    tile(page, hung[0]).get_by_role("button").first.click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Download original").click()
    assert saving.value.suggested_filename.startswith(f"lumiku-{hung[0]}.")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_favourite_shows_in_every_tab(window: OpenWindow, ada: Person, hang: Hang) -> None:
    hung = hang(5)
    context = window(ada)
    here, there, home = context.new_page(), context.new_page(), context.new_page()
    open_gallery(here)
    open_gallery(there, "favourites")
    home.goto("/home", wait_until="commit")
    expect(there.get_by_text("No favourites yet.")).to_be_visible()
    expect(tiles(home)).to_have_count(5)
    tile(here, hung[2]).hover()
    tile(here, hung[2]).get_by_role("button", name="as favourite").click()
    for page in (here, there, home):
        expect(tile(page, hung[2]).locator("[aria-pressed=true]")).to_be_visible()
    expect(tiles(there)).to_have_count(1)


def test_what_was_put_in_the_trash_comes_back_by_undo(page: Page, hang: Hang) -> None:
    hung = hang(5)
    seen = watch(page)
    open_gallery(page)
    tile(page, hung[1]).get_by_role("button").first.click()
    box = page.get_by_role("dialog")
    box.get_by_role("button", name="Put in trash").click()
    expect(box.get_by_role("heading")).to_have_text("Baker 3, warm light")
    expect(box.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("Escape")
    expect(tiles(page)).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(tiles(page)).to_have_count(5)
    expect(tiles(page).nth(1)).to_have_attribute("data-picture", hung[1])
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert seen.complaints == []


def test_what_is_in_the_trash_is_seen_by_its_owner_until_it_is_deleted(
    page: Page, product: Product, ada: Person, hang: Hang
) -> None:
    hung = hang(4)
    product.rows("UPDATE images SET trashed_at = now() - interval '1 day' WHERE id = ANY(%(ids)s::uuid[])", ids=hung[1:])
    folders = [path for path in product.data_dir.glob("files/images/*/*") if path.name in hung[1:]]
    assert len(folders) == 3
    open_gallery(page)
    expect(tile(page, hung[0])).to_be_visible()  # the page is alive: an earlier click would be lost
    page.locator("#shelf").get_by_role("radio", name="Trash").click()
    page.wait_for_url("**/gallery?shelf=trash")
    page.reload(wait_until="commit")
    expect_loaded(tiles(page).locator("img[src^='/files/']"), 3)
    expect(tile(page, hung[1])).to_contain_text("in 29 days")

    tile(page, hung[1]).get_by_role("button", name="Bring back").click()
    expect(tiles(page)).to_have_count(2)
    tile(page, hung[2]).get_by_role("button", name="Delete").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("Delete “Baker 3, warm light” for good?")
    question.get_by_role("button", name="Keep it as it is").click()
    expect(question).to_have_count(0)
    page.get_by_role("button", name="Empty trash").click()
    expect(question).to_contain_text("Delete all 2 pictures in the trash for good?")
    question.get_by_role("button", name="Delete 2 pictures").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()

    assert status_of(product, ada, hung[1]) == 200
    assert [status_of(product, ada, one) for one in hung[2:]] == [404, 404]
    gone = [folder for folder in folders if folder.name in hung[2:]]
    until(lambda: not any(folder.exists() for folder in gone), "the files of deleted pictures go")


def status_of(product: Product, person: Person, picture_id: str) -> int:
    answers: list[httpx.Response] = [get(product, f"/files/{picture_id}/{one}", cookie=person.secret) for one in Variant]
    (status,) = {answer.status_code for answer in answers}
    return status


def test_the_tile_of_an_order_says_that_its_picture_is_in_the_trash(window: OpenWindow, ada: Person, project_id: str) -> None:
    context = window(ada)
    studio = Studio(context.new_page())
    studio.open_creator(project_id, model=ILLUSTRATOR)
    studio.choose_count(1)
    studio.type_words("a baker")
    studio.button.click()
    expect_loaded(studio.pictures, 1)
    gallery = context.new_page()
    open_gallery(gallery)
    tiles(gallery).first.get_by_role("button").first.click()
    gallery.get_by_role("dialog").get_by_role("button", name="Put in trash").click()
    expect(studio.tiles_that_are("trashed")).to_contain_text("In the trash")
    gallery.get_by_role("button", name="Undo").click()
    expect(studio.tiles_that_are("succeeded")).to_have_count(1)
