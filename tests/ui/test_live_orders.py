"""Orders on the page: one click is one order, and what is newer is never overwritten (L7, Q8)."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from lumiku_web import bridge
from lumiku_web.apps.avatar_creator.state import AvatarState
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.errors import Permanent, Transient
from lumiku_web.ids import new_id
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of
from tests.ui.conftest import Browser


def feed(actor: Actor) -> MemberFeed:
    (one,) = bridge.run(generations.feed, {actor.user_id: 0})
    return one


def deliver(services: Services, house: House, item_id: UUID) -> None:
    assert house.deliver(house.claim(item_id))


async def follow(tab: Browser, news: MemberFeed) -> bool:
    """Apply news to an open tab, as the hub does under the tab's lock."""
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=LiveState)) as root:
        return (await root.get_state(LiveState))._follow(news)


async def studio(browser: Browser, house: House) -> tuple[Browser, Actor]:
    """A member in the Avatar Creator, everything loaded."""
    actor, secret = house.sign_in()
    project = house.project(actor)
    tab = browser.tab(secret=secret, path=f"/apps/avatar-creator?project={project.id}")
    await tab.send(LiveState, "load")
    await tab.send(AppState, "load_form")
    await tab.send(AvatarState, "load")
    return tab, actor


async def form(tab: Browser, **typed: Any) -> dict[str, object]:
    return {"words": "a baker", "seed": "", "key": (await tab.state(AvatarState)).draft_key, **typed}


async def test_one_click_is_one_order_on_the_page_at_once(browser: Browser, house: House) -> None:
    tab, _ = await studio(browser, house)
    await tab.send(AvatarState, "generate", form=await form(tab, gender="female"))
    (order,) = all_rows(Generation)
    assert order.params == {"version": 1, "words": "a baker", "looks": {"gender": "female"}}
    live = await tab.state(LiveState)
    assert [card.id for card in live.orders] == [str(order.id)]
    assert (live.running_count, live.orders[0].title) == (1, "a baker")


async def test_l7_a_double_click_is_one_order(browser: Browser, house: House) -> None:
    tab, _ = await studio(browser, house)
    clicked = await form(tab)
    await asyncio.gather(*(tab.send(AvatarState, "generate", form=clicked) for _ in range(2)))
    assert count_of(Generation) == 1


async def test_l7_a_click_repeated_after_a_lost_answer_is_the_same_order(browser: Browser, house: House) -> None:
    tab, _ = await studio(browser, house)
    clicked = await form(tab)
    await tab.send(AvatarState, "generate", form=clicked)
    again = tab.tab(token="tab-2")  # a new tab has no memory of the click; the form still has its key
    await again.send(AppState, "load_form")
    await again.send(AvatarState, "generate", form=clicked)
    assert count_of(Generation) == 1


async def test_the_next_order_has_another_key(browser: Browser, house: House) -> None:
    tab, _ = await studio(browser, house)
    first = await form(tab)
    await tab.send(AvatarState, "generate", form=first)
    second = await form(tab, words="a butcher")
    assert second["key"] != first["key"]
    await tab.send(AvatarState, "generate", form=second)
    assert count_of(Generation) == 2


async def test_what_can_not_be_ordered_is_said_beside_its_field(browser: Browser, house: House) -> None:
    tab, _ = await studio(browser, house)
    for typed, field in (({"words": "x" * 2001}, "words"), ({"seed": "-1"}, "seed"), ({"seed": "4294967296"}, "seed")):
        await tab.send(AvatarState, "generate", form=await form(tab, **typed))
        assert (await tab.state(AvatarState)).field_errors[field]
    assert count_of(Generation) == 0


async def test_l7_what_failed_is_tried_again_by_one_click_or_two(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await studio(browser, house)
    made = house.submit(actor, count=3)
    await house.hand_over()
    deliver(services, house, made.items[0].id)
    for item in made.items[1:]:
        bridge.run(services.leases.fail, house.claim(item.id), Permanent("provider_refused"))
    await tab.send(LiveState, "load")
    live = await tab.state(LiveState)
    assert (live.orders[0].left_to_try, live.running_count, live.open_count) == (2, 0, 1)
    await asyncio.gather(*(tab.send(LiveState, "try_again", order_id=str(made.id)) for _ in range(2)))
    assert count_of(Generation) == 2
    assert await follow(tab, feed(actor))
    live = await tab.state(LiveState)
    assert [(card.is_running, card.left_to_try) for card in live.orders] == [(True, 0), (False, 0)]


async def test_l7_one_picture_is_tried_again_by_one_click_or_two(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await studio(browser, house)
    made = house.submit(actor, count=2)
    await house.hand_over()
    for item in made.items:
        bridge.run(services.leases.fail, house.claim(item.id), Permanent("provider_refused"))
    asked = {"order_id": str(made.id), "item_id": str(made.items[1].id)}
    await asyncio.gather(*(tab.send(LiveState, "try_again", **asked) for _ in range(2)))
    assert count_of(Generation) == 2
    assert await follow(tab, feed(actor))
    new, old = (await tab.state(LiveState)).orders
    assert (len(new.tiles), new.is_running) == (1, True)
    assert ([tile.can_be_tried for tile in old.tiles], old.left_to_try) == ([True, False], 1)


async def test_q7_what_is_cancelled_is_shown_so_at_once_and_in_every_tab(browser: Browser, house: House) -> None:
    tab, actor = await studio(browser, house)
    made = house.submit(actor, count=4)
    for _ in range(2):
        await tab.send(LiveState, "load")
        await tab.send(LiveState, "cancel", order_id=str(made.id), item_id=str(made.items[1].id))
        (card,) = (await tab.state(LiveState)).orders
        assert [tile.status for tile in card.tiles] == ["queued", "canceled", "queued", "queued"]
        assert (card.is_running, card.summary) == (True, "0 of 4 · 1 cancelled")
    other = tab.tab(token="tab-2")
    await other.send(LiveState, "load")
    await tab.send(LiveState, "cancel", order_id=str(made.id))
    assert await follow(other, feed(actor))
    for one in (tab, other):
        live = await one.state(LiveState)
        assert [tile.status for tile in live.orders[0].tiles] == ["canceled"] * 4
        assert (live.orders[0].summary, live.running_count, live.open_count) == (say("en", "order.canceled"), 0, 0)


async def test_a_card_says_what_came_of_an_order_that_was_cancelled_in_part(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor = await studio(browser, house)
    made = house.submit(actor, count=4)
    await house.hand_over()
    deliver(services, house, made.items[0].id)
    deliver(services, house, made.items[1].id)
    await tab.send(LiveState, "cancel", order_id=str(made.id))
    (card,) = (await tab.state(LiveState)).orders
    assert (card.summary, card.is_running, card.left_to_try) == ("2 of 4 made · 2 cancelled", False, 0)


async def test_t8_somebody_elses_order_is_not_cancelled(browser: Browser, house: House) -> None:
    tab, actor = await studio(browser, house)
    hers, his = house.submit(house.member(name="Eve"), title="her secret"), house.submit(actor)
    item = str(hers.items[0].id)
    asked: list[tuple[object, object]] = [(str(hers.id), ""), (str(hers.id), item), (str(his.id), item)]
    for order_id, item_id in (*asked, (str(his.id), "x"), ("x", ""), (str(his.id), None), (None, [item])):
        for name in ("cancel", "try_again"):
            assert "her secret" not in str(await tab.send(LiveState, name, order_id=order_id, item_id=item_id))
        assert (await tab.state(SessionState)).notice_text == say("en", "error.order_not_found")
    assert {row.status for row in all_rows(GenerationItem)} == {"queued"}


async def test_a_retry_that_is_refused_says_why_on_the_page(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await studio(browser, house)
    running = house.submit(actor)
    for asked, sentence in ((running.id, "order_running"), (new_id(), "order_not_found"), ("x", "order_not_found")):
        await tab.send(LiveState, "try_again", order_id=str(asked))
        assert (await tab.state(SessionState)).notice_text == say("en", f"error.{sentence}")
    assert count_of(Generation) == 1


async def test_t8_somebody_elses_order_is_not_tried_again(browser: Browser, house: House, services: Services) -> None:
    tab, _ = await studio(browser, house)
    hers = house.submit(house.member(name="Eve"), title="her secret")
    await house.hand_over()
    bridge.run(services.leases.fail, house.claim(hers.items[0].id), Permanent("provider_refused"))
    for asked in (str(hers.id), {"id": str(hers.id)}, [str(hers.id)], None):
        assert "her secret" not in str(await tab.send(LiveState, "try_again", order_id=asked))
    assert (await tab.state(SessionState)).notice_text == say("en", "error.order_not_found")
    assert count_of(Generation) == 1


async def test_q8_news_are_applied_in_order_and_never_go_back(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await studio(browser, house)
    made = house.submit(actor, count=2)
    await house.hand_over()
    ordered = feed(actor)
    deliver(services, house, made.items[0].id)
    half = feed(actor)
    deliver(services, house, made.items[1].id)
    done = feed(actor)
    assert await follow(tab, half)
    assert await follow(tab, done)
    assert not await follow(tab, ordered)
    assert not await follow(tab, half)
    assert not await follow(tab, done)
    live = await tab.state(LiveState)
    assert [tile.status for tile in live.orders[0].tiles] == ["succeeded", "succeeded"]
    assert live.running_count == 0


async def test_q8_a_page_that_loads_again_shows_the_truth(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await studio(browser, house)
    made = house.submit(actor)
    await house.hand_over()
    old = feed(actor)
    deliver(services, house, made.items[0].id)
    await tab.send(LiveState, "load")
    assert not await follow(tab, old)
    assert [tile.status for tile in (await tab.state(LiveState)).orders[0].tiles] == ["succeeded"]


async def test_q8_a_tab_is_known_before_it_reads_the_truth(browser: Browser, house: House) -> None:
    tab, actor = await studio(browser, house)
    assert presence.tabs[actor.user_id] == {tab.token}
    assert actor.user_id in presence.marks
    other = tab.tab(token="tab-2")
    await other.send(LiveState, "load")
    assert presence.tabs[actor.user_id] == {tab.token, other.token}


async def test_every_end_of_an_item_can_be_shown(browser: Browser, house: House, services: Services) -> None:
    """Each failure finds its sentence: one that did not would take the whole page with it."""
    tab, actor = await studio(browser, house)
    claims = [house.claim(item.id) for item in house.submit(actor, count=4).items]
    assert house.deliver(claims[0])
    bridge.run(services.leases.fail, claims[1], Permanent("bug", reference="c0ffee00"))
    bridge.run(services.leases.put_back, claims[2], Transient("model_loading", retry_after_seconds=55))
    bridge.run(services.leases.fail, claims[3], Permanent("model_unknown", model="x"))
    await tab.send(LiveState, "load")
    tiles = (await tab.state(LiveState)).orders[0].tiles
    assert [tile.status for tile in tiles] == ["succeeded", "failed", "queued", "failed"]
    assert "c0ffee00" in tiles[1].reason
    assert "55" in tiles[2].reason
    assert [bool(tile.reference) for tile in tiles] == [False, True, False, True]
