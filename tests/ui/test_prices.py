"""The price in the form: what a tab shows, what it sends back, and what happens when it is not true any more."""

from typing import Any

import pytest
import reflex as rx

from lumiku_web import bridge
from lumiku_web.apps.avatar_creator.state import AvatarState
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing.schemas import Price, Tier
from lumiku_web.domain.catalog.schemas import ModelChange
from lumiku_web.domain.generations.models import Generation
from lumiku_web.domain.generations.service import feed
from lumiku_web.ids import new_id
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.cards import PriceTag
from lumiku_web.ui.hub import follow_on_page
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.pages.home.state import HomeState
from lumiku_web.ui.prices import read_price
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of
from tests.ui.conftest import Browser


@pytest.fixture
def root(house: House) -> Actor:
    """Who changes prices."""
    return house.member(name="Root")


async def opened(browser: Browser, house: House) -> tuple[Actor, Browser]:
    """Somebody with the form of the Avatar Creator open, as its page opens it."""
    actor, secret = house.sign_in(name="Eve")
    house.project(actor)
    tab = browser.tab(secret=secret, path="/apps/avatar-creator")
    for state, handler in ((LiveState, "load"), (AppState, "load_form"), (AvatarState, "load")):
        await tab.send(state, handler)
    return actor, tab


async def tag(tab: Browser) -> PriceTag:
    return (await tab.state(AvatarState)).price


async def choices(tab: Browser) -> dict[str, bool]:
    return {model.key: model.is_open for model in (await tab.state(AvatarState)).models}


def change(services: Services, root: Actor, **facts: Any) -> None:
    known = {"credits": 1, "quota": 1, "tier": "free", "is_enabled": True, "is_beta": False}
    bridge.run(services.registry.change_model, root, "illustrator", ModelChange(**{**known, **facts}))


def subscribe(services: Services, root: Actor, actor: Actor, plan: str = "basic") -> None:
    bridge.run(services.treasury.subscribe, root, actor.user_id, plan)


def spend(services: Services, root: Actor, actor: Actor, *, keep: int) -> None:
    """Leave so many credits."""
    has = bridge.run(services.payments.standings, [actor.user_id])[actor.user_id].available
    bridge.run(services.treasury.adjust, root, actor.user_id, keep - has, key=new_id(), reason="for a test")


async def pushed(tab: Browser, actor: Actor) -> None:
    """What the hub does when it has heard that the member's number moved on."""
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=LiveState)) as whole:
        live = await whole.get_state(LiveState)
        (news,) = bridge.run(feed, {actor.user_id: live._sequence})
        live._follow(news)
        await follow_on_page(whole, news)


async def test_the_price_is_there_when_the_form_opens_and_changes_with_the_count(browser: Browser, house: House) -> None:
    _, tab = await opened(browser, house)
    known = await tag(tab)
    assert (known.shown, known.count, known.credits, known.balance_after) == ("1/1", 2, 2, known.balance - 2)
    updates = await tab.send(AvatarState, "set_count", count=4)
    assert "price" in str(updates[0].delta)
    assert (await tag(tab)).credits == 4


async def test_a_push_of_what_the_person_has_changes_the_price(
    browser: Browser, house: House, services: Services, root: Actor
) -> None:
    actor, tab = await opened(browser, house)
    spend(services, root, actor, keep=1)
    await pushed(tab, actor)
    known = await tag(tab)
    assert (known.why_not, known.balance, known.missing) == ("credits_short", 1, 1)
    subscribe(services, root, actor)
    await pushed(tab, actor)
    known = await tag(tab)
    assert (known.why_not, known.by_quota, known.quota, known.quota_limit, known.quota_after) == ("", 2, 2, 50, 48)


async def test_l12_a_price_edited_while_the_form_is_open_is_told_and_nothing_is_ordered(
    browser: Browser, house: House, services: Services, root: Actor
) -> None:
    _, tab = await opened(browser, house)
    form = {"words": "a baker", "price": (await tag(tab)).shown}
    change(services, root, credits=7)
    await tab.send(AvatarState, "generate", form=form)
    said = say("en", "error.price_changed", model="Illustrator", credits=7, quota=1)
    assert (await tab.state(SessionState)).notice_text == said
    assert count_of(Generation) == 0
    known = await tag(tab)
    assert (known.shown, known.credits) == ("7/1", 14)
    await tab.send(AvatarState, "generate", form={**form, "price": known.shown})
    assert [row.credits_price for row in all_rows(Generation)] == [7]


async def test_models_of_a_greater_plan_are_shown_closed_and_open_with_the_plan(
    browser: Browser, house: House, services: Services, root: Actor
) -> None:
    change(services, root, tier="basic")
    actor, tab = await opened(browser, house)
    assert await choices(tab) == {"illustrator": False}
    known = await tag(tab)
    assert (known.why_not, known.tier) == ("model_not_in_plan", "basic")
    subscribe(services, root, actor)
    await pushed(tab, actor)
    assert await choices(tab) == {"illustrator": True}
    assert (await tag(tab)).why_not == ""


@pytest.mark.parametrize(
    ("state", "tier", "why"),
    [("off", "free", "app_off"), ("coming_soon", "free", "app_coming_soon"), ("on", "pro", "app_not_in_plan")],
)
async def test_an_app_that_is_closed_says_so_in_the_form_and_orders_nothing(
    browser: Browser, house: House, services: Services, root: Actor, state: str, tier: str, why: str
) -> None:
    _, tab = await opened(browser, house)
    assert (await tag(tab)).why_not == ""
    bridge.run(services.registry.switch_app, root, "avatar-creator", state, tier)
    await tab.send(AvatarState, "generate", form={"words": "a baker", "price": "1/1"})
    assert count_of(Generation) == 0
    assert (await tab.state(SessionState)).notice_text == say("en", f"error.{why}", tier=tier)
    assert (await tag(tab)).why_not == why


@pytest.mark.parametrize("key", ["flux-2-pro", "photomaker-pro", "x", {"a": 1}, None, ""])
async def test_a_model_that_can_not_be_used_is_not_chosen(browser: Browser, house: House, key: object) -> None:
    _, tab = await opened(browser, house)
    await tab.send(AppState, "choose_model", key=key)
    assert (await tab.state(AvatarState)).model == "illustrator"
    assert (await tag(tab)).shown == "1/1"


async def test_apps_are_marked_on_the_dashboard(browser: Browser, house: House, services: Services, root: Actor) -> None:
    _, secret = house.sign_in(name="Eve")
    tab = browser.tab(secret=secret, path="/home")
    for state, tier, mark in (
        ("on", "free", ""),
        ("beta", "free", "beta"),
        ("coming_soon", "pro", "coming_soon"),
        ("off", "free", "off"),
        ("beta", "pro", "locked"),
    ):
        bridge.run(services.registry.switch_app, root, "avatar-creator", state, tier)
        await tab.send(LiveState, "load")
        await tab.send(HomeState, "load")
        assert (await tab.state(HomeState)).app_marks["avatar-creator"] == mark


@pytest.mark.parametrize("shown", ["", "8", "8/1/1", "-8/1", "a/b", "8.5/1", "9" * 10 + "/1", "٨/1", {"a": 1}, None])
def test_what_is_no_price_is_none(shown: object) -> None:
    assert read_price(shown) is None


def test_a_price_comes_back_as_it_was_shown() -> None:
    assert read_price("15/3") == Price(15, 3)
    assert [tier.rank for tier in Tier] == [0, 1, 2, 3]
