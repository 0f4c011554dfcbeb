"""The spine's two real ends on a phone: a photograph as a camera takes it goes in, FLUX's pictures come out, failures and all."""

import base64
import zlib
from dataclasses import dataclass
from io import BytesIO
from struct import pack
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from lumiku_web.ui.texts import say
from tests.e2e.conftest import OpenWindow
from tests.e2e.people import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.studio import Studio, expect_loaded
from tests.e2e.test_whole_path import gallery
from tests.e2e.watch import watch
from tests.factories.photos import CAMERA, phone_photo
from tests.stub_provider.client import StubProvider

_PHONE = {"width": 360, "height": 740}
_DROP = """
(zone, content) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], "beach.jpg", { type: "image/jpeg" }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: dropped }));
  }
}
"""
#: Of the provider's pictures.
_SIDE_PX = 1024


def test_a_photograph_of_5_mb_goes_in_upright_and_without_its_place(
    window: OpenWindow, product: Product, stub: StubProvider
) -> None:
    """U3, U5: from an empty account to the picture in the grid, by a drop on a page of 360 px."""
    page = window(viewport=_PHONE).new_page()
    studio = Studio(page)
    studio.open("/sign-up")
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("E-mail").fill("grace.of.the.phone@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("heading", name="Hello, Grace")).to_be_visible()
    project_id = studio.make_project("Holidays")
    content = phone_photo()
    assert 5_200_000 < len(content) < 5_400_000
    zone = page.get_by_text(say("en", "upload.title"))
    zone.evaluate(_DROP, base64.b64encode(content).decode())
    picture = gallery(page).locator("img[src^='/files/']")
    expect_loaded(picture, 1)
    # It was taken as 4000 x 3000 px, lying on its side.
    assert picture.evaluate("img => img.naturalWidth / img.naturalHeight") == pytest.approx(3 / 4, abs=0.01)
    page.reload(wait_until="commit")
    expect_loaded(picture, 1)

    measures = "SELECT id, width_px, height_px FROM images WHERE project_id = %(id)s"
    ((image_id, width, height),) = product.rows(measures, id=project_id)
    assert width * 4 == height * 3 <= 2048 * 3
    kept = [path for path in product.data_dir.rglob("*") if str(image_id) in str(path) and path.is_file()]
    assert len(kept) == 3
    for path in kept:
        bytes_of_it = path.read_bytes()
        assert [mark for mark in (b"Exif", b"GPS", CAMERA.encode(), b"a comment") if mark in bytes_of_it] == [], path
        with Image.open(BytesIO(bytes_of_it)) as decoded:
            assert (dict(decoded.getexif()), decoded.width < decoded.height) == ({}, True)


@dataclass(frozen=True)
class Service:
    """One of the two, and how it refuses for good."""

    model: str
    refusal: str
    sentence: str


@pytest.mark.parametrize(
    "service",
    [
        Service("FLUX.1 dev", "422", say("en", "error.provider_refused")),
        Service("FLUX.2 pro", "request_moderated", say("en", "error.prompt_moderated")),
    ],
    ids=["Hugging Face", "Black Forest Labs"],
)
def test_one_picture_waits_one_fails_and_is_tried_again(
    window: OpenWindow, product: Product, ada: Person, project_id: str, stub: StubProvider, service: Service
) -> None:
    """Q5, P10: what becomes of an order is pushed; the page asks for nothing but the pictures."""
    page = window(ada, viewport=_PHONE).new_page()
    studio, seen = Studio(page), watch(page)
    product.subscribe(ada.email, "pro")
    studio.open_creator(project_id, model=service.model)
    studio.choose_count(2)
    studio.type_words("a lighthouse keeper")
    stub.set(503, retry_after=600)
    stub.set(service.refusal)
    studio.button.click()
    failed = studio.tiles_that_are("failed")
    expect(studio.tiles_that_are("queued").filter(has_text=say("en", "error.provider_failed"))).to_be_visible()
    expect(failed).to_contain_text(service.sentence)
    expect(failed.locator("code")).to_have_text(_reference(product, ada))
    page.reload(wait_until="commit")
    expect(failed).to_contain_text(service.sentence)
    expect(studio.words).to_have_value("a lighthouse keeper")

    since = seen.mark()
    product.end_waits()
    expect_loaded(studio.pictures, 1)
    again = studio.orders.get_by_role("button", name=say("en", "order.try_one_again"))
    expect(again).to_be_visible()
    again.click()
    expect_loaded(studio.pictures, 2)
    expect(studio.orders).to_have_count(2)
    expect(again).to_have_count(0)
    assert [frame for frame in since.sent if "try_again" not in frame] == []
    assert len(since.sent) == 1
    assert [path for path in since.requests if not path.startswith("/files/")] == []
    assert product.orders_of(ada.email) == 2

    for tile in studio.pictures.all():
        assert_is_the_providers(page, product, str(tile.get_attribute("src")))
    studio.orders.first.locator("[data-status=succeeded] button").click()
    expect(page.get_by_role("dialog")).to_contain_text(service.model)
    assert [line for line in seen.complaints if "csp" in line or "uncaught" in line] == []


def _reference(product: Product, person: Person) -> str:
    """What support finds the order by."""
    statement = "SELECT correlation_id FROM generations g JOIN users u ON u.id = g.user_id WHERE email = %(email)s"
    return str(product.rows(statement, email=person.email)[0][0])[:8]


def assert_is_the_providers(page: Page, product: Product, thumb: str) -> None:
    """The stub paints the lowest rows in a colour of the seed."""
    image_id = urlsplit(thumb).path.split("/")[2]
    (seed,) = product.rows("SELECT seed FROM generation_items WHERE id = %(id)s", id=image_id)[0]
    answer = page.request.get(f"/files/{image_id}/original")
    with Image.open(BytesIO(answer.body())) as picture:
        assert picture.size == (_SIDE_PX, _SIDE_PX)
        assert picture.convert("RGB").getpixel((0, _SIDE_PX - 1)) == tuple(pack(">I", zlib.crc32(pack(">Q", seed)))[:3])
