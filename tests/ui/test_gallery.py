"""Grids and lightboxes: small on the wire, never a page twice, nothing of somebody else's (T8)."""

from typing import Any
from uuid import UUID

import pytest
import reflex as rx
from reflex.state import StateUpdate
from reflex_base.utils.format import json_dumps

from lumiku_web import bridge
from lumiku_web.apps.avatar_creator.state import AvatarState
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.policy import PAGE
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.notifications.service import sequences
from lumiku_web.ids import new_id
from lumiku_web.ui.cards import TailKind
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.pages.gallery.state import GalleryState
from lumiku_web.ui.pages.home.state import RECENT, HomeState
from lumiku_web.ui.pages.project.state import ProjectState
from lumiku_web.ui.picture_viewer import Undo
from lumiku_web.ui.picture_window import PAGES
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.gallery import hang_pictures
from tests.factories.house import House
from tests.factories.rows import all_rows
from tests.ui.conftest import Browser

#: What the first page may weigh on the wire.
BAR_BYTES = 40_000


def hang(house: House, actor: Actor, count: int) -> list[str]:
    return [str(key) for key in bridge.run(hang_pictures, actor.user_id, house.project(actor).id, count)]


def weight(updates: list[StateUpdate]) -> int:
    return sum(len(json_dumps(update.delta).encode()) for update in updates)


def pages_sent(updates: list[StateUpdate]) -> set[str]:
    names = {name for update in updates for values in update.delta.values() for name in values}
    return {name.removesuffix("_rx_state_") for name in names if name.startswith("page_")}


async def shown(tab: Browser, state: type[rx.State] = GalleryState) -> list[str]:
    known = await tab.state(state)
    return [picture.id for number in range(PAGES) for picture in getattr(known, f"page_{number}")]


async def gallery_of(browser: Browser, house: House, count: int, **facts: Any) -> tuple[Browser, Actor, list[str]]:
    actor, secret = house.sign_in()
    hung = hang(house, actor, count)
    tab = browser.tab(secret=secret, path="/gallery", **facts)
    await tab.send(LiveState, "load")
    await tab.send(GalleryState, "load")
    return tab, actor, hung


async def more(tab: Browser) -> list[StateUpdate]:
    return await tab.send(GalleryState, "load_more", after=(await tab.state(GalleryState)).tail.after)


async def feed(tab: Browser, actor: Actor, mark: int) -> None:
    """Bring a tab what changed since then, as the hub does under the tab's lock."""
    (news,) = bridge.run(generations.feed, {actor.user_id: mark})
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=GalleryState)) as root:
        (await root.get_state(GalleryState))._on_feed(news)


def mark_of(actor: Actor) -> int:
    return bridge.run(sequences, [actor.user_id])[actor.user_id]


async def test_the_first_page_and_every_further_one_are_light(browser: Browser, house: House) -> None:
    actor, secret = house.sign_in()
    hung = hang(house, actor, 3 * PAGE)
    tab = browser.tab(secret=secret, path="/gallery")
    await tab.send(LiveState, "load")
    first = await tab.send(GalleryState, "load")
    assert await shown(tab) == hung[:PAGE]
    assert weight(first) <= BAR_BYTES
    further = await more(tab)
    assert await shown(tab) == hung[: 2 * PAGE]
    assert weight(further) <= BAR_BYTES
    assert pages_sent(further) == {"page_1"}
    marked = await tab.send(GalleryState, "set_favourite", image_id=hung[PAGE], is_favourite=True)
    assert pages_sent(marked) == {"page_1"}


async def test_no_page_is_loaded_twice_and_the_end_is_one(browser: Browser, house: House) -> None:
    tab, _, hung = await gallery_of(browser, house, 2 * PAGE + 5)
    after = (await tab.state(GalleryState)).tail.after
    for _ in range(3):
        await tab.send(GalleryState, "load_more", after=after)
    for nonsense in ("", "x", str(new_id()), None, {"a": 1}):
        await tab.send(GalleryState, "load_more", after=nonsense)
    assert await shown(tab) == hung[: 2 * PAGE]
    await more(tab)
    assert await shown(tab) == hung
    assert (await tab.state(GalleryState)).tail.kind == TailKind.end


async def test_a_page_that_can_not_be_loaded_says_so_and_comes_when_it_is_asked_for_again(
    browser: Browser, house: House, stack: Any
) -> None:
    tab, _, hung = await gallery_of(browser, house, PAGE + 5)
    stack.postgres.stop()
    try:
        # The gatekeeper itself needs the database: only what happens after it is at stake here.
        async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=GalleryState)) as root:
            state = await root.get_state(GalleryState)
            kinds = [state.tail.kind async for _ in state.load_more(state.tail.after)]
            assert kinds == [TailKind.loading]
    finally:
        stack.postgres.start()
    known = await tab.state(GalleryState)
    assert (known.tail.kind, await shown(tab)) == (TailKind.failed, hung[:PAGE])
    await more(tab)
    assert await shown(tab) == hung


async def test_a_full_window_moves_on_to_older_pictures_and_back(browser: Browser, house: House) -> None:
    tab, _, hung = await gallery_of(browser, house, PAGE * PAGES + 7)
    for _ in range(PAGES + 2):
        await more(tab)
    known = await tab.state(GalleryState)
    assert (len(await shown(tab)), known.tail.kind) == (PAGE * PAGES, TailKind.full)
    await tab.send(GalleryState, "show_older")
    known = await tab.state(GalleryState)
    assert await shown(tab) == hung[PAGE * PAGES :]
    assert (known.tail.kind, known.tail.is_newest) == (TailKind.end, False)
    await tab.send(GalleryState, "show_newest")
    assert await shown(tab) == hung[:PAGE]
    assert (await tab.state(GalleryState)).tail.is_newest


async def test_a_page_that_loads_again_keeps_its_place_and_sends_only_what_is_new(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor, hung = await gallery_of(browser, house, 2 * PAGE + 5)
    await more(tab)
    assert pages_sent(await tab.send(GalleryState, "load")) == set()
    assert await shown(tab) == hung[: 2 * PAGE]
    bridge.run(services.gallery.set_favourite, actor, [UUID(hung[3])], is_favourite=True)
    assert pages_sent(await tab.send(GalleryState, "load")) == {"page_0"}
    await tab.send(GalleryState, "choose_shelf", shelf="favourites")
    await tab.send(GalleryState, "choose_shelf", shelf="everything")
    assert await shown(tab) == hung[:PAGE]


async def test_the_lightbox_goes_on_into_what_is_not_loaded_yet(browser: Browser, house: House) -> None:
    tab, _, hung = await gallery_of(browser, house, PAGE + 3)
    await tab.send(GalleryState, "open_picture", image_id=hung[PAGE - 1])
    assert (await tab.state(GalleryState)).shown.position == "", "nobody has counted the rest"
    await tab.send(GalleryState, "press_key", key="ArrowRight")
    known = await tab.state(GalleryState)
    assert known.shown.picture.id == hung[PAGE]
    assert known.shown.position == f"{PAGE + 1} of {PAGE + 3}"
    assert known.shown.has_previous
    for _ in range(5):
        await tab.send(GalleryState, "next_picture")
    known = await tab.state(GalleryState)
    assert (known.shown.picture.id, known.shown.has_next) == (hung[-1], False)
    await tab.send(GalleryState, "press_key", key="ArrowLeft")
    assert (await tab.state(GalleryState)).shown.picture.id == hung[-2]


async def test_home_shows_a_few_and_its_lightbox_goes_on(browser: Browser, house: House) -> None:
    actor, secret = house.sign_in()
    hung = hang(house, actor, RECENT + 3)
    tab = browser.tab(secret=secret, path="/home")
    await tab.send(HomeState, "load")
    assert await shown(tab, HomeState) == hung[:RECENT]
    await tab.send(HomeState, "open_picture", image_id=hung[RECENT - 1])
    await tab.send(HomeState, "next_picture")
    known = await tab.state(HomeState)
    assert known.shown.picture.id == hung[RECENT]
    assert [picture.id for picture in known.page_0] == hung[:RECENT]


async def test_what_is_put_in_the_trash_makes_room_for_the_next_one_and_comes_back_by_the_notice(
    browser: Browser, house: House
) -> None:
    tab, actor, hung = await gallery_of(browser, house, 4)
    await tab.send(GalleryState, "open_picture", image_id=hung[2])
    await tab.send(GalleryState, "press_key", key="Delete")
    known, session = await tab.state(GalleryState), await tab.state(SessionState)
    assert known.shown.picture.id == hung[3]
    assert await shown(tab) == [hung[0], hung[1], hung[3]]
    assert (session.notice_text, session.notice_action) == (say("en", "trash.put_there"), say("en", "trash.undo"))
    mark = mark_of(actor)
    await tab.send(Undo, "bring_back")
    await feed(tab, actor, mark)
    assert await shown(tab) == hung
    assert (await tab.state(SessionState)).notice_text == ""


async def test_the_lightbox_closes_when_its_last_picture_leaves(browser: Browser, house: House) -> None:
    tab, _, hung = await gallery_of(browser, house, 2)
    await tab.send(GalleryState, "open_picture", image_id=hung[1])
    await tab.send(GalleryState, "put_in_trash", image_id=hung[1])
    known = await tab.state(GalleryState)
    assert (known.is_viewer_open, known.shown.picture.id) == (True, hung[0])
    await tab.send(GalleryState, "put_in_trash", image_id=hung[0])
    known = await tab.state(GalleryState)
    assert (known.is_viewer_open, known.tail.is_empty) == (False, True)


async def test_another_notice_takes_nothing_back(browser: Browser, house: House) -> None:
    tab, _, hung = await gallery_of(browser, house, 2)
    await tab.send(GalleryState, "put_in_trash", image_id=hung[0])
    await tab.send(GalleryState, "open_picture", image_id="x")
    assert (await tab.state(SessionState)).notice_action == ""


async def test_keys_do_nothing_while_no_picture_is_open(browser: Browser, house: House) -> None:
    tab, _, hung = await gallery_of(browser, house, 2)
    for key in ("Delete", "f", "ArrowRight", "Tab", None, {}):
        await tab.send(GalleryState, "press_key", key=key)
    await tab.send(GalleryState, "open_picture", image_id=hung[0])
    for nonsense in ("Tab", "", None, {}, ["f"]):
        await tab.send(GalleryState, "press_key", key=nonsense)
    assert (await tab.state(SessionState)).notice_text == ""
    assert await shown(tab) == hung
    assert not any(row.is_favourite for row in all_rows(Image))


async def test_a_favourite_of_one_tab_is_one_in_every_tab(browser: Browser, house: House) -> None:
    tab, actor, hung = await gallery_of(browser, house, 3)
    other = tab.tab(token="tab-2")
    await other.send(GalleryState, "load")
    await other.send(GalleryState, "choose_shelf", shelf="favourites")
    await other.send(LiveState, "load")
    mark = mark_of(actor)
    await tab.send(GalleryState, "open_picture", image_id=hung[1])
    await tab.send(GalleryState, "press_key", key="f")
    assert (await tab.state(GalleryState)).shown.picture.is_favourite
    await feed(other, actor, mark)
    assert await shown(other) == [hung[1]]
    mark = mark_of(actor)
    await tab.send(GalleryState, "press_key", key="F")
    await feed(other, actor, mark)
    assert await shown(other) == []


async def test_the_trash_is_emptied_as_far_as_it_was_counted(browser: Browser, house: House, services: Services) -> None:
    tab, actor, hung = await gallery_of(browser, house, 5)
    bridge.run(services.gallery.trash, actor, [UUID(one) for one in hung[:3]])
    await tab.send(GalleryState, "choose_shelf", shelf="trash")
    first = (await tab.state(GalleryState)).page_0[0]
    assert first.leaves == say("en", "trash.leaves_many", count=30)
    await tab.send(GalleryState, "ask_empty")
    known = await tab.state(GalleryState)
    assert (known.is_asking_all, known.trash_count) == (True, 3)
    bridge.run(services.gallery.trash, actor, [UUID(hung[3])])
    await tab.send(GalleryState, "empty_trash")
    assert await shown(tab) == [hung[3]]
    assert {str(row.id) for row in all_rows(Image)} == {hung[3], hung[4]}


async def test_one_picture_is_deleted_after_it_was_named(browser: Browser, house: House, services: Services) -> None:
    tab, actor, hung = await gallery_of(browser, house, 3)
    bridge.run(services.gallery.trash, actor, [UUID(hung[0]), UUID(hung[1])])
    await tab.send(GalleryState, "choose_shelf", shelf="trash")
    await tab.send(GalleryState, "ask_delete", image_id=hung[0])
    known = await tab.state(GalleryState)
    assert (known.is_asking_one, known.asked_about.title) == (True, "Baker 1, warm light")
    await tab.send(GalleryState, "keep")
    assert not (await tab.state(GalleryState)).is_asking_one
    await tab.send(GalleryState, "ask_delete", image_id=hung[0])
    await tab.send(GalleryState, "delete")
    assert await shown(tab) == [hung[1]]
    await tab.send(GalleryState, "restore", image_id=hung[1])
    assert await shown(tab) == []
    assert {str(row.id) for row in all_rows(Image) if not row.trashed_at} == {hung[1], hung[2]}


async def test_a_picture_that_is_gone_meanwhile_leaves_the_list_with_a_sentence(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor, hung = await gallery_of(browser, house, 3)
    gone = [UUID(hung[1])]
    bridge.run(services.gallery.trash, actor, gone)
    bridge.run(services.gallery.delete, actor, gone)
    await tab.send(GalleryState, "open_picture", image_id=hung[0])
    await tab.send(GalleryState, "next_picture")
    assert await shown(tab) == [hung[0], hung[2]]
    assert (await tab.state(SessionState)).notice_text == say("en", "error.picture_not_found")


async def test_the_tile_of_an_order_says_where_its_picture_is(browser: Browser, house: House, services: Services) -> None:
    actor, secret = house.sign_in()
    item = house.submit(actor).items[0].id
    assert house.deliver(house.claim(item))
    tab = browser.tab(secret=secret)
    for act, status in ((services.gallery.trash, "trashed"), (services.gallery.restore, "succeeded")):
        bridge.run(act, actor, [item])
        await tab.send(LiveState, "load")
        assert [tile.status for tile in (await tab.state(LiveState)).orders[0].tiles] == [status]
    bridge.run(services.gallery.trash, actor, [item])
    bridge.run(services.gallery.delete, actor, [item])
    await tab.send(LiveState, "load")
    assert [tile.status for tile in (await tab.state(LiveState)).orders[0].tiles] == ["deleted"]


@pytest.mark.parametrize("state", [GalleryState, HomeState, ProjectState, AvatarState])
async def test_t8_nothing_happens_to_somebody_elses_pictures(browser: Browser, house: House, state: Any) -> None:
    ada, (_, secret) = house.member(), house.sign_in(name="Eve")
    shown_one, thrown = hang(house, ada, 2)
    bridge.run(house.services.gallery.trash, ada, [UUID(thrown)])
    before = sorted(all_rows(Image), key=lambda row: row.id)
    tab = browser.tab(secret=secret, path="/gallery")
    acts: list[tuple[str, dict[str, Any]]] = [
        ("open_picture", {}),
        ("set_favourite", {"is_favourite": True}),
        ("put_in_trash", {}),
        ("restore", {}),
        *([("ask_delete", {})] if state is GalleryState else []),
    ]
    for act, facts in acts:
        for image_id in (shown_one, thrown, "x", "", None, {"a": 1}, [shown_one]):
            updates = await tab.send(state, act, image_id=image_id, **facts)
            assert "Baker" not in str(updates)
            assert (await tab.state(SessionState)).notice_text == say("en", "error.picture_not_found")
            await tab.send(SessionState, "dismiss_notice")
    assert sorted(all_rows(Image), key=lambda row: row.id) == before


async def test_t8_the_shelves_of_one_member_hold_nothing_of_another(browser: Browser, house: House) -> None:
    ada, (_, secret) = house.member(), house.sign_in(name="Eve")
    hung = hang(house, ada, 3)
    bridge.run(house.services.gallery.trash, ada, [UUID(hung[0])])
    tab = browser.tab(secret=secret, path="/gallery")
    for shelf in ("everything", "favourites", "trash", "x", None, {"a": 1}):
        await tab.send(GalleryState, "choose_shelf", shelf=shelf)
        assert await shown(tab) == []
        assert (await tab.state(SessionState)).notice_text == ""
    await tab.send(GalleryState, "ask_empty")
    await tab.send(GalleryState, "empty_trash")
    await tab.send(GalleryState, "delete")
    assert len(all_rows(Image)) == 3
