"""Photographs on their way in a real browser: a bar and an end each, and afterwards no file without its row (U2, U7)."""

import base64
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TypedDict

import pytest
from PIL import Image as Pixels
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.people import Person
from tests.e2e.product import Product, until
from tests.e2e.studio import Studio, expect_loaded
from tests.e2e.watch import Watch, watch
from tests.factories.photos import phone_photo

_PHONE = {"width": 360, "height": 740}
#: Slow enough that three large files are on their way for as long as a test needs.
_SLOW_BYTES_PER_SECOND = 300_000
_GIVE = """
(place, { kind, files }) => {
  const given = new DataTransfer();
  for (const { name, type, content } of files) {
    given.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, { type }));
  }
  const how = { bubbles: true, cancelable: true };
  if (kind === "paste") {
    place.dispatchEvent(new ClipboardEvent("paste", { ...how, clipboardData: given }));
  } else {
    how.dataTransfer = given;
    for (const step of ["dragenter", "dragover", "drop"]) place.dispatchEvent(new DragEvent(step, how));
  }
}
"""


class File(TypedDict):
    """One that exists nowhere yet."""

    name: str
    mimeType: str
    buffer: bytes


Choose = Callable[..., None]


def jpeg(name: str, number: int, width_px: int = 400) -> File:
    """A photograph like no other; about 2.7 MB if it is 2000 px wide."""
    side = width_px // 4
    noise = Pixels.frombytes("RGB", (side, side), random.Random(number).randbytes(3 * side * side))
    buffer = BytesIO()
    noise.resize((width_px, width_px)).save(buffer, "JPEG", quality=95)
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def large(name: str, number: int) -> File:
    return jpeg(name, number, 2000)


def drawer(page: Page) -> Locator:
    """The rows of files on their way."""
    return page.get_by_role("list", name="Files on their way").get_by_role("listitem")


def row_of(page: Page, name: str) -> Locator:
    return drawer(page).filter(has=page.get_by_title(name, exact=True))


def pictures(page: Page) -> Locator:
    """Those of the open project that have their pixels."""
    return page.get_by_role("list", name="Pictures").locator("img[src^='/files/']")


def give(page: Page, kind: str, *files: File) -> None:
    """By `drop` on the place for photographs, or by `paste` anywhere."""
    place = page.get_by_text("Drop photographs here") if kind == "drop" else page.locator("body")
    contents = [{"name": f["name"], "type": f["mimeType"], "content": base64.b64encode(f["buffer"]).decode()} for f in files]
    place.evaluate(_GIVE, {"kind": kind, "files": contents})


def open_project(page: Page, project_id: str) -> Page:
    """Ready for photographs."""
    Studio(page).open(f"/projects/{project_id}")
    expect(page.get_by_text("Drop photographs here")).to_be_visible()
    return page


@contextmanager
def slowly(page: Page) -> Iterator[None]:
    """Everything that the page sends takes its time."""
    session = page.context.new_cdp_session(page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": _SLOW_BYTES_PER_SECOND})
    yield
    if not page.is_closed():
        session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})


def expect_moving(page: Page, name: str) -> None:
    """Some of it has arrived, and the page says how much."""
    row = row_of(page, name)
    expect(row.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    expect(row).to_contain_text(re.compile(r"\d of 2\.\d MB"))


def expect_in_order(product: Product, person: Person, least: int, most: int | None = None) -> None:
    """So many pictures (or up to `most`), each with its files, and not a file more."""
    ((user_id,),) = product.rows("SELECT id FROM users WHERE email = %(email)s", email=person.email)
    folder: Path = product.data_dir / "files" / "images" / str(user_id)

    def says() -> tuple[set[str], set[str], int]:
        rows = product.rows("SELECT id FROM images WHERE user_id = %(user)s", user=user_id)
        ((notes,),) = product.rows("SELECT count(*) FROM loose_files WHERE user_id = %(user)s", user=user_id)
        return {str(row[0]) for row in rows}, {p.parent.name for p in folder.rglob("*") if p.is_file()}, notes

    def is_in_order() -> bool:
        rows, files, notes = says()
        return rows == files and least <= len(rows) <= (most or least) and not notes

    until(is_in_order, f"{least} pictures, no file without a row", seconds=60)


@pytest.fixture
def seen(page: Page) -> Watch:
    """What her tab does, from its first request on."""
    return watch(page)


@pytest.fixture
def choose(page: Page, tmp_path: Path) -> Choose:
    """Choose files by the dialog of the browser. It reads them while it sends them."""
    numbers = count()

    def by_dialog(*files: File) -> None:
        places = [tmp_path / str(next(numbers)) / file["name"] for file in files]
        for place, file in zip(places, files, strict=True):
            place.parent.mkdir()
            place.write_bytes(file["buffer"])
        page.locator("input[type=file]").set_input_files(places)

    return by_dialog


@pytest.fixture
def opened(page: Page, seen: Watch, project_id: str) -> Page:
    """Her project."""
    return open_project(page, project_id)


def test_several_at_once_each_with_its_bar_and_one_that_is_refused_in_the_middle(
    opened: Page, choose: Choose, seen: Watch, product: Product, ada: Person
) -> None:
    notes: File = {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"dear diary"}
    film: File = {"name": "film.gif", "mimeType": "image/gif", "buffer": b"GIF89a"}
    with slowly(opened):
        choose(large("one.jpg", 1), notes, large("two.jpg", 2), film, large("three.jpg", 3), large("four.jpg", 4))
        for name in ("one.jpg", "two.jpg", "three.jpg"):
            expect_moving(opened, name)
        expect(row_of(opened, "four.jpg")).to_contain_text("Waiting")
        expect(opened.get_by_role("status").filter(has_text="uploaded")).to_have_text("0 of 6 uploaded")
    expect_loaded(pictures(opened), 4)
    expect(drawer(opened)).to_have_count(2)
    expect(row_of(opened, "notes.jpg").get_by_role("alert")).to_contain_text("that is not what is in it")
    expect(row_of(opened, "film.gif").get_by_role("alert")).to_contain_text("Only JPEG, PNG and WebP")
    expect(opened.get_by_role("status").filter(has_text="uploaded")).to_have_text("4 of 6 uploaded")
    opened.get_by_role("button", name="Dismiss “notes.jpg”").click()
    expect(drawer(opened)).to_have_count(1)
    opened.get_by_role("button", name="Dismiss all").click()
    expect(drawer(opened)).to_have_count(0)
    assert seen.complaints == []
    expect_in_order(product, ada, 4)


def test_one_of_three_is_stopped_by_keyboard_and_the_others_arrive(
    opened: Page, choose: Choose, product: Product, ada: Person
) -> None:
    with slowly(opened):
        choose(*(large(f"{number}.jpg", 10 + number) for number in range(3)))
        expect_moving(opened, "1.jpg")
        with opened.expect_event("requestfailed", lambda request: request.url.endswith("/_upload")):
            opened.get_by_role("button", name="Stop “1.jpg”").press("Enter")
        expect(row_of(opened, "1.jpg")).to_have_count(0)
        expect_moving(opened, "0.jpg")
    expect_loaded(pictures(opened), 2)
    expect(opened.get_by_role("button", name="Open “1”")).to_have_count(0)
    expect_in_order(product, ada, 2)


def test_all_are_stopped_at_once(opened: Page, choose: Choose, product: Product, ada: Person) -> None:
    with slowly(opened):
        choose(*(large(f"{number}.jpg", 20 + number) for number in range(5)))
        expect_moving(opened, "0.jpg")
        opened.get_by_role("button", name="Cancel all").click()
        expect(drawer(opened)).to_have_count(0)
    expect_in_order(product, ada, 0)
    choose(jpeg("later.jpg", 29))
    expect_loaded(pictures(opened), 1)


def test_a_picture_is_pasted_wherever_the_focus_is(opened: Page, seen: Watch) -> None:
    give(opened, "paste", jpeg("image.jpeg", 30))
    expect(opened.get_by_role("button", name="Open “Pasted picture”")).to_be_visible()
    since = seen.mark()
    opened.locator("body").evaluate(_GIVE, {"kind": "paste", "files": []})  # as when text is pasted
    give(opened, "paste", jpeg("beach.jpeg", 31))
    expect(opened.get_by_role("button", name="Open “beach”")).to_be_visible()
    assert len([frame for frame in since.sent if "announce" in frame]) == 1
    assert seen.complaints == []


def test_the_same_file_is_offered_and_can_be_moved_here(
    opened: Page, choose: Choose, product: Product, ada: Person, project_id: str
) -> None:
    photo = jpeg("beach.jpg", 40)
    choose(photo)
    expect_loaded(pictures(opened), 1)
    give(opened, "drop", photo)
    offered = row_of(opened, "beach.jpg")
    expect(offered).to_contain_text("You have this picture already, in “Studio”.")
    expect(offered.get_by_role("button", name="Move here")).to_have_count(0)
    open_project(opened, product.project(ada.email, "Winter"))
    opened.get_by_role("button", name="Dismiss “beach.jpg”").click()
    choose(photo)
    offered.get_by_role("button", name="Show").click()
    expect(opened.get_by_role("dialog").get_by_role("heading")).to_have_text("beach")
    opened.keyboard.press("Escape")
    offered.get_by_role("button", name="Move here").click()
    expect_loaded(pictures(opened), 1)
    expect(drawer(opened)).to_have_count(0)
    expect_in_order(product, ada, 1)


def test_two_files_of_one_name_are_two_pictures(opened: Page, choose: Choose, product: Product, ada: Person) -> None:
    choose(jpeg("same.jpg", 50), jpeg("same.jpg", 51))
    expect_loaded(pictures(opened), 2)
    expect(opened.get_by_role("button", name="Open “same”")).to_have_count(2)
    expect_in_order(product, ada, 2)


def test_a_page_that_is_closed_in_the_middle_leaves_nothing(opened: Page, choose: Choose, product: Product, ada: Person) -> None:
    with slowly(opened):
        choose(*(large(f"{number}.jpg", 60 + number) for number in range(4)))
        expect_moving(opened, "0.jpg")
        opened.close()
    # A page that closes is slowed down no more: what it had handed to the network by then may still arrive whole, and is kept.
    expect_in_order(product, ada, 0, most=3)


def test_a_page_that_is_loaded_anew_says_what_did_not_arrive(opened: Page, choose: Choose, product: Product, ada: Person) -> None:
    with slowly(opened):
        choose(*(large(f"{number}.jpg", 70 + number) for number in range(4)))
        expect_moving(opened, "0.jpg")
        opened.reload(wait_until="commit")
        for number in range(4):
            expect(row_of(opened, f"{number}.jpg").get_by_role("alert")).to_contain_text("please bring it again")
    choose(jpeg("again.jpg", 79))
    expect_loaded(pictures(opened), 1)
    expect_in_order(product, ada, 1)


def test_a_walk_through_the_product_stops_nothing(opened: Page, choose: Choose, product: Product, ada: Person) -> None:
    navigation = opened.get_by_role("navigation", name="Main").first
    with slowly(opened):
        choose(*(large(f"{number}.jpg", 80 + number) for number in range(4)))
        expect_moving(opened, "0.jpg")
        navigation.get_by_role("link", name="Projects", exact=True).click()
        expect(opened.locator("#create-project")).to_be_visible()
    expect_in_order(product, ada, 4)
    opened.get_by_role("link", name="Studio").first.click()
    expect_loaded(pictures(opened), 4)
    expect(drawer(opened)).to_have_count(0)


def test_a_server_that_was_away_has_forgotten_what_was_on_its_way_and_says_so(
    opened: Page, choose: Choose, product: Product, ada: Person
) -> None:
    with slowly(opened):
        choose(*(large(f"{number}.jpg", 90 + number) for number in range(4)))
        expect_moving(opened, "0.jpg")
        with product.without(product.web):
            pass
        expect(opened.get_by_text("The connection to the server was lost for a while.")).to_be_visible()
    expect(drawer(opened)).to_have_count(0)
    choose(jpeg("again.jpg", 99))
    expect_loaded(pictures(opened), 1)
    expect_in_order(product, ada, 1)


@pytest.mark.parametrize("light", ["light", "dark"])
def test_u3_a_photograph_of_a_phone_is_dropped_on_a_page_of_a_phone(
    window: OpenWindow, product: Product, ada: Person, project_id: str, light: str
) -> None:
    page = window(ada, viewport=_PHONE, color_scheme=light).new_page()
    seen = watch(page)
    open_project(page, project_id)
    long_name = "a-name-that-never-wants-to-end-" * 6 + ".jpg"
    with slowly(page):
        give(page, "drop", {"name": long_name, "mimeType": "image/jpeg", "buffer": phone_photo()})
        expect(row_of(page, long_name)).to_contain_text(re.compile(r"[0-5]\.\d of 5\.\d MB"))
        width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width <= room
    expect_loaded(pictures(page), 1)
    ((width_px, height_px),) = product.rows("SELECT width_px, height_px FROM images WHERE project_id = %(id)s", id=project_id)
    assert width_px < height_px <= 2048
    assert seen.complaints == []
    expect_in_order(product, ada, 1)
