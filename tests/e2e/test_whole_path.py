"""From an empty house to the first pictures, as the first visitor goes."""

import base64
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenWindow
from tests.e2e.people import PASSWORD
from tests.e2e.product import Product
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded
from tests.e2e.watch import watch

PORTRAIT = Path(__file__).parent.parent / "data" / "portrait.png"
_DROP = """
(zone, { name, content }) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], name, { type: "image/png" }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: dropped }));
  }
}
"""


def gallery(page: Page) -> Locator:
    """The pictures of an open project."""
    return page.get_by_role("list", name="Pictures").get_by_role("listitem")


def drop(page: Page, path: Path, name: str) -> None:
    """Drag a file over the place for photographs and let it go."""
    zone = page.get_by_text("Drop photographs here, or click to choose")
    zone.evaluate(_DROP, {"name": name, "content": base64.b64encode(path.read_bytes()).decode()})


def test_first_visitor_goes_all_the_way(product: Product, window: OpenWindow) -> None:
    product.empty()
    page = window().new_page()
    studio, seen = Studio(page), watch(page)

    studio.open("/")
    page.get_by_role("link", name="Create the admin account").click()
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("E-mail").fill("grace@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the admin account").click()
    expect(page.get_by_role("heading", name="Hello, Grace")).to_be_visible()
    expect(page.get_by_role("link", name="Admin").first).to_be_visible()
    assert product.rows("SELECT role FROM users") == [("admin",)]

    project_id = studio.make_project("Spring campaign")
    page.locator("input[type=file]").set_input_files(PORTRAIT)
    expect_loaded(gallery(page).locator("img[src^='/files/']"), 1)

    page.get_by_role("link", name="Make an avatar").click()
    expect(studio.button).to_be_enabled()
    expect(page.locator("#project")).to_have_value(project_id)
    studio.choose_model(ILLUSTRATOR)
    studio.choose_count(2)
    page.locator("#look-hair_color").select_option("red")
    studio.type_words("a lighthouse keeper")
    expect(page.locator("details")).to_contain_text("red hair")

    since = seen.mark()
    studio.button.click()
    expect_loaded(studio.pictures, 2)
    # Q: nothing is asked for again and again. One event orders; everything after it comes by itself.
    assert [frame for frame in since.sent if "generate" not in frame] == []
    assert len(since.sent) == 1
    assert [path for path in since.requests if not path.startswith("/files/")] == []
    assert len(since.requests) == 2

    expect(studio.words).to_have_value("a lighthouse keeper")
    expect(page.locator("#look-hair_color")).to_have_value("red")
    studio.open(f"/projects/{project_id}")
    expect_loaded(gallery(page).locator("img[src^='/files/']"), 3)
    assert seen.complaints == []


def test_photograph_that_is_dropped_appears_by_itself(studio: Studio, page: Page) -> None:
    studio.make_project("Drops")
    drop(page, PORTRAIT, "holiday.png")
    expect_loaded(gallery(page).locator("img[src^='/files/']"), 1)
    expect(page.get_by_role("button", name="Open “holiday”")).to_be_visible()


def test_file_that_is_no_photograph_is_refused_by_name_and_the_next_one_is_kept(
    studio: Studio, page: Page, tmp_path: Path
) -> None:
    studio.make_project("Odd files")
    wrong = tmp_path / "notes.png"
    wrong.write_bytes(b"dear diary")
    page.locator("input[type=file]").set_input_files([wrong, PORTRAIT])
    expect(page.get_by_text("notes.png")).to_be_visible()
    expect_loaded(gallery(page).locator("img[src^='/files/']"), 1)
