"""What a member has stands in every tab, as new as the orders in it, and nothing newer is overwritten (Q8)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
import reflex as rx
from sqlalchemy import Connection, Engine, event

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing.operations import Treasury
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.schemas import Cycle, PlanRead, Standing, SubscriptionStatus, Tier, Window
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import EventKind
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.errors import Permanent
from lumiku_web.ids import new_id
from lumiku_web.ui import hub as module
from lumiku_web.ui import showing
from lumiku_web.ui.cards import Purse
from lumiku_web.ui.hub import Hub
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.session import SessionState
from tests.factories.house import House
from tests.factories.waiting import eventually
from tests.ui.conftest import Browser

SIGN_UP = 1_000_000


async def home(browser: Browser, house: House) -> tuple[Browser, Actor]:
    """A member's open page."""
    actor, secret = house.sign_in()
    tab = browser.tab(secret=secret)
    await tab.send(LiveState, "load")
    return tab, actor


def feed(actor: Actor, since: int = 0) -> MemberFeed:
    (one,) = bridge.run(generations.feed, {actor.user_id: since})
    return one


async def follow(tab: Browser, news: MemberFeed) -> bool:
    """Apply news to an open tab, as the hub does under the tab's lock."""
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=LiveState)) as root:
        return (await root.get_state(LiveState))._follow(news)


async def purse(tab: Browser) -> Purse:
    return (await tab.state(LiveState)).purse


def change(services: Services, actor: Actor, amount: int) -> None:
    """Credits come or go by somebody's hand, and the member is told."""

    def move(uow: UnitOfWork) -> None:
        ledger.adjust(uow, actor.user_id, amount, key=f"test:{new_id()}", actor_id=None, reason="for a test")
        record_change(uow, services.doorbell, actor.user_id)

    bridge.run(move)


def subscribe(services: Services, actor: Actor, plan: str, *, ago: timedelta = timedelta(0)) -> None:
    """By the admin, who is the first member of the test, so long ago; nobody has renewed it since."""
    then = Payments(lambda _: utc_now() - ago)
    bridge.run(Treasury(services.doorbell, then).subscribe, actor, actor.user_id, plan)
    bridge.run(services.billing.advance)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Everything that is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_a_page_begins_with_what_its_member_has(browser: Browser, house: House) -> None:
    tab, _ = await home(browser, house)
    shown = await purse(tab)
    assert (shown.words, shown.figures, shown.available, shown.held) == ("1,000,000 credits", "1,000,000", SIGN_UP, 0)
    assert shown.sentence == "You have 1,000,000 credits. Open credits and plan."
    await tab.send(SessionState, "set_language", language="id")
    await tab.send(LiveState, "load")
    assert (await purse(tab)).words == "1.000.000 kredit"


async def test_what_is_held_used_and_given_back_is_told_with_its_picture(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor = await home(browser, house)
    made = house.submit(actor, count=3)
    await follow(tab, feed(actor))
    shown = await purse(tab)
    assert (shown.available, shown.held) == (SIGN_UP - 3, 3)
    assert shown.sentence.startswith("You have 999,997 credits. 3 credits more are held")
    await house.hand_over()
    assert house.deliver(house.claim(made.items[0].id))
    bridge.run(services.leases.fail, house.claim(made.items[1].id), Permanent("provider_refused"))
    bridge.run(services.leases.cancel, actor, made.id)
    await follow(tab, feed(actor))
    shown = await purse(tab)
    assert (shown.available, shown.held) == (SIGN_UP - 1, 0)
    (card,) = (await tab.state(LiveState)).orders
    assert card.price == "1 credit"
    assert [tile.back for tile in card.tiles] == ["", "Your credit is back.", "Your credit is back."]


async def test_q8_credits_that_move_by_themselves_reach_a_tab(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    change(services, actor, 24)
    news = feed(actor)
    assert news.orders == ()
    assert await follow(tab, news)
    assert (await purse(tab)).available == SIGN_UP + 24


async def test_q8_what_is_older_never_overwrites_what_is_newer(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    change(services, actor, 5)
    five = feed(actor)
    change(services, actor, 7)
    twelve = feed(actor)
    assert await follow(tab, twelve)
    assert not await follow(tab, five)
    assert (await purse(tab)).available == SIGN_UP + 12
    change(services, actor, 1)
    await tab.send(LiveState, "load")
    assert not await follow(tab, twelve)
    assert (await purse(tab)).available == SIGN_UP + 13


async def test_a_purse_that_did_not_change_is_not_sent_again(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    made = house.submit(actor)
    await follow(tab, feed(actor))
    before = await purse(tab)
    await house.hand_over()
    house.claim(made.items[0].id)
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=LiveState)) as root:
        live = await root.get_state(LiveState)
        root._clean()
        assert live._follow(feed(actor))
        assert "purse" not in live.dirty_vars
        assert "orders" in live.dirty_vars
    assert await purse(tab) == before


async def test_a_member_with_a_plan_sees_the_quota_first(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    subscribe(services, actor, "free")
    await follow(tab, feed(actor))
    assert ((await purse(tab)).words, (await purse(tab)).figures) == ("10 of 10 today · 1,000,000", "10/10 · 1000k")
    made = house.submit(actor, count=3)
    await follow(tab, feed(actor))
    shown = await purse(tab)
    assert (shown.words, shown.day.held, shown.available) == ("7 of 10 today · 1,000,000", 3, SIGN_UP)
    assert (await tab.state(LiveState)).orders[0].price == "3 of the daily quota"
    bridge.run(services.leases.cancel, actor, made.id)
    await follow(tab, feed(actor))
    assert (await purse(tab)).quota_left == 10
    (card,) = (await tab.state(LiveState)).orders
    assert {tile.back for tile in card.tiles} == {"Your quota has it back."}
    assert card.price == "Nothing was charged"


async def test_an_order_can_take_quota_and_credits(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    subscribe(services, actor, "free")
    bridge.run(services.billing.set_spending, actor, cap=None, uses_credits=True)
    for _ in range(3):
        house.submit(actor, count=4)
    await follow(tab, feed(actor))
    assert (await tab.state(LiveState)).orders[0].price == "2 of the daily quota + 2 credits"
    assert (await purse(tab)).words == f"0 of 10 today · {SIGN_UP - 2:,}"


async def test_what_the_house_gives_is_free(browser: Browser, house: House, services: Services) -> None:
    admin = house.member(name="Grace")
    tab, actor = await home(browser, house)
    wanted = house.order(house.project(actor).id)
    made = bridge.run(services.generations.submit, actor, wanted, given_by=admin.user_id)
    await follow(tab, feed(actor))
    assert (await tab.state(LiveState)).orders[0].price == "Free"
    bridge.run(services.leases.cancel, actor, made.id)
    await follow(tab, feed(actor))
    (card,) = (await tab.state(LiveState)).orders
    assert [tile.back for tile in card.tiles] == [""]


async def test_it_warns_where_nothing_can_be_ordered(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    assert (await purse(tab)).tone == ""
    change(services, actor, -SIGN_UP)
    await follow(tab, feed(actor))
    assert ((await purse(tab)).words, (await purse(tab)).tone) == ("0 credits", "warning")

    def owe(uow: UnitOfWork) -> None:
        ledger.give(uow, EventKind.purchase, actor.user_id, 20, key=f"buy:{actor.user_id}")
        ledger.adjust(uow, actor.user_id, -15, key=f"spend:{actor.user_id}", actor_id=None, reason="spent")
        ledger.take_back(uow, EventKind.refund, actor.user_id, 20, key=f"back:{actor.user_id}")
        record_change(uow, services.doorbell, actor.user_id)

    bridge.run(owe)
    await follow(tab, feed(actor))
    shown = await purse(tab)
    assert (shown.available, shown.owed, shown.tone) == (0, 15, "danger")
    assert "You owe 15 credits" in shown.sentence


async def test_a_suspended_plan_shows_credits_and_says_whose_plan_it_is(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor = await home(browser, house)
    subscribe(services, actor, "basic", ago=timedelta(days=40))
    await follow(tab, feed(actor))
    shown = await purse(tab)
    assert (shown.words, shown.has_plan, shown.status, shown.plan_title) == ("1,000,000 credits", False, "suspended", "Basic")


@pytest.mark.parametrize("count", [1, 4])
def test_what_members_have_is_one_statement_more_however_many_they_are(house: House, services: Services, count: int) -> None:
    members = [house.member(name=f"Member{number}") for number in range(count)]
    idle = house.member(name="Idle")
    for member in members:
        change(services, member, 1)
    with statements(services.engine) as seen:
        feeds = bridge.run(generations.feed, {one.user_id: 0 for one in [*members, idle]})
    assert {one.user_id: one.standing and one.standing.available for one in feeds} == {
        member.user_id: SIGN_UP + 1 for member in members
    }
    assert sum("wallets" in statement for statement in seen) == 1
    with statements(services.engine) as seen:
        assert bridge.run(generations.feed, {idle.user_id: 0}) == []
    assert not any("wallets" in statement for statement in seen), "nothing is read for who has no news"


async def renew(tab: Browser, standing: Standing) -> Purse:
    """As the hub does when a day begins."""
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=LiveState)) as root:
        (await root.get_state(LiveState))._renew(standing)
    return await purse(tab)


async def test_a_new_day_brings_new_quota_without_any_change(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await home(browser, house)
    subscribe(services, actor, "free")
    house.submit(actor, count=4)
    assert await follow(tab, feed(actor))
    assert (await purse(tab)).words.startswith("6 of 10")
    tomorrow = Payments(lambda _: utc_now() + timedelta(days=1))
    begun = bridge.run(tomorrow.standings, [actor.user_id])[actor.user_id]
    assert (await renew(tab, begun)).words.startswith("10 of 10")
    change(services, actor, 5)
    after = bridge.run(tomorrow.standings, [actor.user_id])[actor.user_id]
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=LiveState)) as root:
        assert (await root.get_state(LiveState))._follow(replace(feed(actor), standing=after))
    assert (await renew(tab, begun)).available == SIGN_UP + 5, "what was read before those news changes nothing"


async def test_the_hub_tells_all_who_are_there_of_a_new_day(
    browser: Browser, house: House, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Standing] = {}

    class Noting(Hub):
        async def _write_standing(self, tab: str, standing: Standing) -> None:
            told[tab] = standing

    tab, actor = await home(browser, house)
    await tab.tab(token="tab-2").send(LiveState, "load")
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.02)
    days = iter([date(2026, 11, 22)])
    monkeypatch.setattr(module, "_day_of_all", lambda: next(days, date(2026, 11, 23)))
    watching = asyncio.create_task(Noting()._watch_day())
    try:

        async def is_told() -> bool:
            return set(told) == {"tab-1", "tab-2"}

        await eventually(is_told)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert {standing.user_id for standing in told.values()} == {actor.user_id}


@pytest.mark.parametrize(
    ("available", "figures"),
    [(0, "10/10 · 0"), (9_999, "10/10 · 9,999"), (12_599, "10/10 · 12k"), (9_999_999, "10/10 · 9999k"), (10**9, "10/10 · 1000M")],
)
def test_on_a_phone_much_is_rounded_down_beside_a_quota(available: int, figures: str) -> None:
    plan = PlanRead("free", "Free", Tier.free, 0, "IDR", Cycle.month, 10, 300, 1)
    standing = Standing(new_id(), available, plan=plan, status=SubscriptionStatus.active, day=Window(10), month=Window(300))
    assert showing.purse(standing, "en").figures == figures
