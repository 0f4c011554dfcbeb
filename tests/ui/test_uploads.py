"""Files on their way, event by event: a row each, an end each, and nothing left of what has not arrived (U1, U2, U7)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import reflex as rx
from reflex.state import StateUpdate
from reflex_base.event import Event

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery.models import Image
from lumiku_web.ui.pages.project import upload_request
from lumiku_web.ui.pages.project.state import ProjectState
from lumiku_web.ui.pages.project.upload_rows import ROWS, UploadRow
from lumiku_web.ui.pages.project.upload_state import UploadState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import PORTRAIT, House
from tests.factories.reception import Reception
from tests.factories.rows import all_rows, count_of
from tests.factories.waiting import eventually
from tests.ui.conftest import Browser

PHOTO = PORTRAIT.read_bytes()


def told(name: str = "beach.png", size: int = len(PHOTO), media_type: str = "image/png") -> dict[str, object]:
    """What a page says of a file."""
    return {"name": name, "type": media_type, "size": size}


@dataclass
class Page:
    """A project that is open, in a browser that holds files."""

    tab: Browser
    actor: Actor
    project_id: UUID
    held: int = 0

    async def drop(self, *files: dict[str, object], is_pasted: bool = False) -> list[StateUpdate]:
        first, self.held = self.held, self.held + len(files)
        return await self.tab.send(UploadState, "announce", facts=list(files), first=first, is_pasted=is_pasted)

    async def uploads(self) -> Any:
        return await self.tab.state(UploadState)

    async def rows(self) -> list[UploadRow]:
        return list((await self.uploads())._rows.rows)

    async def steps(self) -> list[str]:
        return [row.step for row in await self.rows()]

    async def reasons(self) -> list[str]:
        return [row.reason for row in await self.rows()]

    async def notice(self) -> str:
        return (await self.tab.state(SessionState)).notice_text

    def request(self, row: UploadRow) -> "Request":
        return Request(self, row)

    async def send(self, row: UploadRow, content: bytes = PHOTO) -> list[StateUpdate]:
        """The whole file, to its end."""
        return await self.request(row).whole(content)


@dataclass
class Request:
    """What brings one file, as the framework's upload route hands it on."""

    page: Page
    row: UploadRow
    chunks: rx.UploadChunkIterator = field(default_factory=lambda: rx.UploadChunkIterator(maxsize=1_000))
    _sent: int = 0

    async def push(self, content: bytes) -> None:
        """Some more of the file."""
        for start in range(0, len(content), 65_536):
            data = content[start : start + 65_536]
            await self.chunks.push(rx.UploadChunk(filename=self.row.name, offset=self._sent, content_type="image/png", data=data))
            self._sent += len(data)

    async def whole(self, content: bytes) -> list[StateUpdate]:
        await self.push(content)
        await self.chunks.finish()
        return await self.page.tab.send(UploadState, "receive", chunks=self.chunks, row_id=self.row.id)

    async def begin(self, content: bytes) -> "asyncio.Future[Any]":
        """The beginning of the file; returns once the page shows that it is sent."""
        event = Event(
            name=f"{UploadState.get_full_name()}.receive", payload={"chunks": self.chunks, "row_id": self.row.id}, router_data={}
        )
        going = await self.page.tab.processor.enqueue(self.page.tab.token, event)
        await self.push(content)

        async def is_seen() -> bool:
            return (await self.page.uploads()).percents.get(self.row.id, 0) > 0

        await eventually(is_seen, what="a bar that moves")
        return going


@pytest.fixture
async def page(browser: Browser, house: House, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Ada's project, just opened; every 4 % of a file are seen there."""
    monkeypatch.setattr(upload_request, "SIGHT_SECONDS", 0.0)
    actor, secret = house.sign_in()
    project = house.project(actor, "Spring")
    return await opened(browser.tab(secret=secret), actor, project.id)


async def opened(tab: Browser, actor: Actor, project_id: UUID) -> Page:
    there = tab.tab(path=f"/projects/{project_id}")
    await there.send(ProjectState, "load")
    return Page(there, actor, project_id)


async def has_it_already(page: Page, house: House) -> UUID:
    """The same photograph, brought into another project before."""
    winter = await opened(page.tab, page.actor, house.project(page.actor, "Winter").id)
    await winter.drop(told())
    await winter.send((await winter.rows())[0])
    page.held = winter.held
    await page.tab.send(ProjectState, "load")
    return all_rows(Image)[0].id


@pytest.fixture
async def in_order(services: Services) -> AsyncIterator[None]:
    """Whatever the test did: afterwards files and rows say the same."""
    yield
    await Reception.of(services).assert_in_order()


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_request, "SILENCE_SECONDS", 0.01)


@pytest.mark.usefixtures("in_order")
async def test_a_file_is_shown_on_its_way_then_saved_then_its_row_goes(page: Page) -> None:
    await page.drop(told("  beach at dusk.png"))
    (row,) = await page.rows()
    assert (row.step, row.project_name, row.place) == ("starting", "Spring", 0)
    updates = await page.send(row)
    seen = [update.delta.get(UploadState.get_full_name(), {}).get("rows_rx_state_") for update in updates]
    assert [[row.step for row in rows] for rows in seen if rows is not None] == [["sending"], ["saving"], []], "each once"
    assert "'details_rx_state_': {" in str(updates)
    assert "data:image/webp;base64," in str(updates)
    uploads = await page.uploads()
    assert (uploads.rows, uploads.thumbs, uploads.percents, uploads.details) == ([], {}, {}, {})
    assert (uploads.kept_count, uploads.all_count, uploads.open_count) == (1, 1, 0)
    (image,) = all_rows(Image)
    assert (image.title, image.project_id, image.user_id) == ("beach at dusk", page.project_id, page.actor.user_id)


@pytest.mark.usefixtures("in_order")
async def test_one_that_is_refused_in_the_middle_keeps_its_sentence_and_stops_nobody(page: Page) -> None:
    await page.drop(told("one.png"), told("notes.png", 10), told("two.png"))
    for row, content in zip(await page.rows(), (PHOTO, b"dear diary", PHOTO + b"\0"), strict=True):
        await page.send(row, content)
    (refused,) = await page.rows()
    assert (refused.name, refused.step) == ("notes.png", "refused")
    assert refused.reason == say("en", "error.photo_content_otherwise", named="PNG")
    assert sorted(image.title for image in all_rows(Image)) == ["one", "two"]
    uploads = await page.uploads()
    assert (uploads.kept_count, uploads.all_count) == (2, 3)
    await page.tab.send(UploadState, "remove", row_id=refused.id)
    assert await page.rows() == []


@pytest.mark.parametrize(
    ("file", "key"),
    [
        (told("scan.tiff", media_type="image/tiff"), "photo_type"),
        (told("IMG_1.HEIC", media_type="image/heic"), "photo_heic"),
        (told("huge.png", 25_000_001), "photo_too_large"),
    ],
)
async def test_u1_u2_what_can_be_refused_beforehand_is_never_sent(page: Page, file: dict[str, object], key: str) -> None:
    await page.drop(file)
    (row,) = await page.rows()
    assert (row.step, row.reason) == ("refused", say("en", f"error.{key}", megabytes=25))
    await page.tab.send(UploadState, "refuse", facts=[file])
    assert await page.reasons() == [row.reason, row.reason]
    await page.send(row)
    assert count_of(Image) == 0


async def test_what_the_browser_did_not_take_for_reasons_of_its_own_is_refused_too(page: Page) -> None:
    await page.tab.send(UploadState, "refuse", facts=[told("odd.png")])
    assert await page.reasons() == [say("en", "error.photo_type")]
    assert (await page.uploads()).held == 0


@pytest.mark.usefixtures("in_order")
async def test_the_same_file_is_offered_not_stored_twice(page: Page, house: House) -> None:
    there = await has_it_already(page, house)
    await page.drop(told())
    await page.send((await page.rows())[0])
    (row,) = await page.rows()
    assert (row.step, row.image_id, row.is_elsewhere, row.is_trashed) == ("known", str(there), True, False)
    assert row.reason == say("en", "upload.known", project="Winter")
    assert row.thumb_url == f"/files/{there}/thumb"
    await page.tab.send(UploadState, "bring", row_id=row.id)
    (image,) = all_rows(Image)
    assert (image.id, image.project_id) == (there, page.project_id)
    assert await page.rows() == []


@pytest.mark.usefixtures("in_order")
async def test_the_same_file_comes_back_from_the_trash(page: Page, house: House, services: Services) -> None:
    there = await has_it_already(page, house)
    bridge.run(services.gallery.trash, page.actor, [there])
    await page.drop(told())
    await page.send((await page.rows())[0])
    (row,) = await page.rows()
    assert (row.reason, row.is_trashed) == (say("en", "upload.known_in_trash"), True)
    await page.tab.send(UploadState, "bring", row_id=row.id)
    (image,) = all_rows(Image)
    assert (image.trashed_at, image.project_id) == (None, page.project_id)


@pytest.mark.usefixtures("in_order")
async def test_what_is_stopped_while_it_is_sent_leaves_nothing(page: Page) -> None:
    await page.drop(told("one.png"), told("two.png"))
    one, two = await page.rows()
    request = page.request(one)
    going = await request.begin(PHOTO[:80_000])
    await page.tab.send(UploadState, "remove", row_id=one.id)
    await request.push(PHOTO[80_000:])  # what a page that does not hear of it still sends
    await request.chunks.finish()
    await going
    assert [row.id for row in await page.rows()] == [two.id]
    await page.send(two, PHOTO + b"\0")
    assert [image.title for image in all_rows(Image)] == ["two"]
    assert (await page.uploads()).all_count == 1
    assert await page.notice() == ""


@pytest.mark.usefixtures("in_order")
async def test_a_request_that_is_cut_off_says_so_and_leaves_nothing(page: Page) -> None:
    await page.drop(told("one.png"), *(told(f"{number}.png") for number in range(3)))
    one = (await page.rows())[0]
    going = await page.request(one).begin(PHOTO[:80_000])
    going.cancel()

    async def has_ended() -> bool:
        return (await page.rows())[0].step == "refused"

    await eventually(has_ended)
    assert (await page.reasons())[0] == say("en", "error.upload_cut")
    assert await page.steps() == ["refused", "starting", "starting", "starting"]


@pytest.mark.usefixtures("in_order", "impatience")
async def test_a_request_that_falls_silent_is_given_up(page: Page) -> None:
    await page.drop(told())
    (row,) = await page.rows()
    request = page.request(row)
    await request.push(PHOTO[:80_000])
    await page.tab.send(UploadState, "receive", chunks=request.chunks, row_id=row.id)
    assert await page.reasons() == [say("en", "error.upload_silent")]


@pytest.mark.usefixtures("impatience")
async def test_a_request_that_is_turned_away_before_it_reaches_us_ends_its_row(page: Page) -> None:
    await page.drop(*(told(f"{number}.png") for number in range(4)))
    first = (await page.rows())[0]
    await page.tab.send(UploadState, "watch", row_id=first.id)
    assert await page.reasons() == [say("en", "error.upload_silent"), "", "", ""]
    assert (await page.steps())[3] == "starting"
    await page.tab.send(UploadState, "load")  # its watch may have been turned away as well
    assert set(await page.reasons()) == {say("en", "error.upload_silent")}
    assert (await page.uploads())._watched == frozenset()


@pytest.mark.usefixtures("in_order")
async def test_a_request_without_a_file_ends_its_row(page: Page) -> None:
    await page.drop(told())
    request = page.request((await page.rows())[0])
    await request.whole(b"")
    assert await page.reasons() == [say("en", "error.upload_page_left")]


async def test_a_fault_of_ours_is_said_at_the_row_and_logged(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(type(page.tab.services.uploads), "begin", broken)
    await page.drop(told())
    await page.send((await page.rows())[0])
    assert await page.reasons() == [say("en", "error.upload_failed")]
    assert say("en", "error.bug", reference="").strip(" .")[:20] in await page.notice()


async def test_a_page_that_was_loaded_anew_has_lost_its_files_and_says_so(page: Page) -> None:
    await page.drop(*(told(f"{number}.png") for number in range(5)))
    await page.tab.send(UploadState, "attend", held=0)
    assert await page.reasons() == [say("en", "error.upload_page_left")] * 5
    page.held = 0
    await page.drop(told("again.png"))
    assert [(row.name, row.place) for row in await page.rows() if row.step == "starting"] == [("again.png", 0)]


async def test_files_that_a_new_page_drops_before_it_attends_are_not_taken_for_the_old_ones(page: Page) -> None:
    await page.drop(told("old.png"))
    page.held = 0
    await page.drop(told("new.png"))
    assert [(row.name, row.step) for row in await page.rows()] == [("old.png", "refused"), ("new.png", "starting")]


async def test_a_server_that_has_forgotten_files_says_so_and_goes_on(page: Page) -> None:
    await page.tab.send(UploadState, "attend", held=3)
    assert await page.notice() == say("en", "error.upload_forgotten")
    page.held = 3
    await page.drop(told())
    assert [(row.step, row.place) for row in await page.rows()] == [("starting", 3)]


async def test_more_than_a_page_shows_is_not_taken_and_said(page: Page) -> None:
    await page.drop(*(told(f"{number}.png") for number in range(ROWS + 7)))
    assert len(await page.rows()) == ROWS
    assert await page.notice() == say("en", "upload.too_many", limit=ROWS, count=7)


async def test_all_are_stopped_at_once_and_what_has_ended_is_dismissed_at_once(page: Page) -> None:
    await page.drop(told("a.png"), told("b.gif", media_type="image/gif"), told("c.png"))
    await page.tab.send(UploadState, "remove_all")
    assert [row.name for row in await page.rows()] == ["b.gif"]
    await page.tab.send(UploadState, "remove_all")
    assert await page.rows() == []


@pytest.mark.usefixtures("in_order")
async def test_a_file_goes_where_it_was_dropped_whatever_is_open_by_then(page: Page, house: House) -> None:
    other = house.project(page.actor, "Winter")
    await page.drop(told())
    there = await opened(page.tab, page.actor, other.id)
    (row,) = await there.rows()
    await there.send(row)
    assert [image.project_id for image in all_rows(Image)] == [page.project_id]


async def test_a_pasted_picture_is_called_so(page: Page) -> None:
    await page.drop(told("image.png"), told("beach.png"), is_pasted=True)
    assert [row.name for row in await page.rows()] == [f"{say('en', 'upload.pasted')}.png", "beach.png"]


@pytest.mark.usefixtures("in_order")
async def test_t8_nothing_is_dropped_into_somebody_elses_project(browser: Browser, house: House) -> None:
    ada, (eve, secret) = house.member(), house.sign_in(name="Eve")
    page = await opened(browser.tab(secret=secret), eve, house.project(ada).id)
    await page.drop(told())
    assert await page.rows() == []
    assert await page.notice() == say("en", "error.project_not_found")


@pytest.mark.usefixtures("in_order")
async def test_a_row_is_received_once_and_only_when_it_is_its_turn(page: Page) -> None:
    await page.drop(*(told(f"{number}.png") for number in range(4)))
    waiting = (await page.rows())[3]
    await page.send(waiting)
    for forged in ("x", None, {"a": 1}, 7):
        request = page.request(waiting)
        await request.push(PHOTO)
        await page.tab.send(UploadState, "receive", chunks=request.chunks, row_id=forged)
        for handler in ("watch", "remove", "bring"):
            await page.tab.send(UploadState, handler, row_id=forged)
    assert await page.steps() == ["starting", "starting", "starting", "waiting"]
    assert count_of(Image) == 0
    assert await page.notice() == say("en", "error.upload_not_found")


async def test_what_a_client_makes_up_changes_nothing(page: Page) -> None:
    for facts, first in (("abc", "x"), (None, None), ({"0": 1}, -5), ([], {}), (7, 1.5)):
        await page.tab.send(UploadState, "announce", facts=facts, first=first, is_pasted="no")
        await page.tab.send(UploadState, "refuse", facts=facts)
        await page.tab.send(UploadState, "attend", held=first)
    assert await page.rows() == []
    assert await page.notice() == ""
    await page.tab.send(UploadState, "announce", facts=[None, {"name": 7}], first=0, is_pasted=False)
    assert await page.steps() == ["refused", "refused"]


async def test_nothing_of_one_person_is_left_for_the_next(page: Page, house: House) -> None:
    await page.drop(told("secret plans.png"))
    _, eves = house.sign_in(name="Eve")
    taken_over = page.tab.tab(secret=eves)
    assert "secret plans" not in str(await taken_over.send(UploadState, "load"))
    assert (await taken_over.state(UploadState)).rows == []
