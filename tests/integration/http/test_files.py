"""Pictures to their owner, and to nobody else (T8, U5)."""

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.photos import opened

Headers = Callable[[str], dict[str, str]]


@pytest.fixture
def ada(house: House) -> tuple[Actor, str]:
    return house.sign_in()


@pytest.fixture
def cookie(ada: tuple[Actor, str], signed_in: Headers) -> dict[str, str]:
    return signed_in(ada[1])


@pytest.fixture
def image(ada: tuple[Actor, str], house: House, services: Services) -> UUID:
    """A photograph of Ada's."""
    return house.photo(ada[0], house.project(ada[0]).id, "../../etc/passwd\r\nx: y")


@pytest.mark.parametrize("variant", Variant)
async def test_the_owner_gets_every_variant_whole(
    browser: httpx.AsyncClient, services: Services, ada: tuple[Actor, str], cookie: dict[str, str], image: UUID, variant: Variant
) -> None:
    answer = await browser.get(f"/files/{image}/{variant}", headers=cookie)
    kept = services.storage.read(image_key(ada[0].user_id, image, variant))
    assert (answer.status_code, answer.content) == (200, kept)
    assert answer.headers["content-length"] == str(len(kept))
    assert answer.headers["content-type"] == f"image/{str(opened(kept).format).lower()}"


async def test_u5_a_picture_is_a_picture_and_nothing_else(
    browser: httpx.AsyncClient, cookie: dict[str, str], image: UUID
) -> None:
    headers = (await browser.get(f"/files/{image}/original", headers=cookie)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-disposition"] == f'inline; filename="lumiku-{image}.jpg"'
    download = await browser.get(f"/files/{image}/original?download=1", headers=cookie)
    assert download.headers["content-disposition"] == f'attachment; filename="lumiku-{image}.jpg"'


async def test_a_picture_is_asked_for_once(browser: httpx.AsyncClient, cookie: dict[str, str], image: UUID) -> None:
    first = await browser.get(f"/files/{image}/thumb", headers=cookie)
    assert first.headers["cache-control"] == "private, max-age=31536000, immutable"
    etag = first.headers["etag"]
    for said in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await browser.get(f"/files/{image}/thumb", headers={**cookie, "if-none-match": said})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = await browser.get(f"/files/{image}/preview", headers={**cookie, "if-none-match": etag})
    assert other.status_code == 200


async def test_t8_somebody_elses_picture_is_as_little_there_as_none(
    browser: httpx.AsyncClient, house: House, signed_in: Headers, image: UUID
) -> None:
    _, secret = house.sign_in(name="Eve")
    asked = [f"/files/{image}/original", f"/files/{image}/original?download", f"/files/{new_id()}/original", "/files/x/original"]
    answers = [await browser.get(path, headers=signed_in(secret)) for path in [*asked, f"/files/{image}/other"]]
    answers.append(await browser.get(f"/files/{image}/original", headers={**signed_in(secret), "if-none-match": "*"}))
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, "Not found")}
    volatile = {"x-request-id"}
    assert len({tuple(h for h in answer.headers.items() if h[0] not in volatile) for answer in answers}) == 1


async def test_t8_an_admin_is_no_owner_either(
    browser: httpx.AsyncClient, house: House, signed_in: Headers, services: Services
) -> None:
    admin, secret = house.sign_in()
    eve = house.member(name="Eve")
    image_id = house.photo(eve, house.project(eve).id, "hers")
    assert admin.is_admin
    assert (await browser.get(f"/files/{image_id}/original", headers=signed_in(secret))).status_code == 404


async def test_t7_without_a_session_there_are_no_pictures(browser: httpx.AsyncClient, image: UUID) -> None:
    answer = await browser.get(f"/files/{image}/thumb")
    assert (answer.status_code, answer.text) == (401, "Sign in first")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/files/../settings/x", "/files/%2e%2e/%2e%2e/etc/passwd", "/files/a/b/c", "/files//thumb"])
async def test_u5_no_path_leads_out_of_the_storage(browser: httpx.AsyncClient, cookie: dict[str, str], path: str) -> None:
    answer = await browser.get(path, headers=cookie)
    assert answer.status_code in {200, 404}
    assert "root:" not in answer.text
    assert answer.text.startswith(("Not found", "page of "))


async def test_a_picture_whose_bytes_are_gone_is_not_found(
    browser: httpx.AsyncClient, services: Services, ada: tuple[Actor, str], cookie: dict[str, str], image: UUID
) -> None:
    services.storage.delete(image_key(ada[0].user_id, image, Variant.thumb))
    answer = await browser.get(f"/files/{image}/thumb", headers=cookie)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


async def test_head_says_the_size_without_the_bytes(browser: httpx.AsyncClient, cookie: dict[str, str], image: UUID) -> None:
    whole = await browser.get(f"/files/{image}/thumb", headers=cookie)
    head = await browser.head(f"/files/{image}/thumb", headers=cookie)
    assert head.headers["content-length"] == whole.headers["content-length"]
