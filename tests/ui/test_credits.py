"""The page of credits: what can be had, what one decides, and the statement page by page, one's own only (T8)."""

from datetime import timedelta
from typing import Any

import reflex as rx

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.subscriptions import Billing
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.projects.models import Project
from lumiku_web.ids import new_id
from lumiku_web.ui.cards import StatementRow
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.pages.credits.rows import months_back
from lumiku_web.ui.pages.credits.state import PAGE, CreditsState, StatementState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.ui.conftest import Browser


async def opened(browser: Browser, house: House, name: str = "Ada") -> tuple[Browser, Actor]:
    """A member on the page, everything loaded."""
    actor, secret = house.sign_in(name=name)
    tab = browser.tab(secret=secret, path="/credits", token=f"tab-of-{name}")
    await tab.send(LiveState, "load")
    await tab.send(CreditsState, "load")
    await tab.send(StatementState, "load")
    return tab, actor


async def rows(tab: Browser) -> list[StatementRow]:
    return (await tab.state(StatementState)).rows


async def notice(tab: Browser) -> str:
    return (await tab.state(SessionState)).notice_text


async def save(tab: Browser, **form: Any) -> dict[str, str]:
    await tab.send(CreditsState, "set_spending", form=form)
    return (await tab.state(CreditsState)).field_errors


def subscribe(services: Services, admin: Actor, user: Actor, plan: str) -> None:
    bridge.run(services.treasury.subscribe, admin, user.user_id, plan)


async def test_a_plan_stands_with_the_models_of_its_tier(browser: Browser, house: House) -> None:
    tab, _ = await opened(browser, house)
    plans = {plan.key: plan for plan in (await tab.state(CreditsState)).plans}
    assert list(plans) == ["free", "basic", "pro", "enterprise", "pro-yearly"]
    assert (plans["basic"].price_minor, plans["basic"].currency, plans["basic"].daily_quota) == (99_000, "IDR", 50)
    assert "Illustrator" in plans["free"].models
    assert plans["pro-yearly"].is_yearly


async def test_a_statement_is_newest_first_and_says_what_for(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await opened(browser, house)
    made = house.submit(actor, count=2, title="a florist")
    await house.hand_over()
    assert house.deliver(house.claim(made.items[0].id))
    bridge.run(services.leases.cancel, actor, made.id)
    bridge.run(services.treasury.grant, actor, actor.user_id, 5, key=new_id(), reason="for a good question")
    await tab.send(StatementState, "newest")
    shown = await rows(tab)
    assert [(row.kind, row.available, row.held, row.balance) for row in shown] == [
        ("grant", 5, 0, 1_000_004),
        ("release", 1, -1, 999_999),
        ("capture", 0, -1, 999_998),
        ("hold", -2, 2, 999_998),
        ("sign_up", 1_000_000, 0, 1_000_000),
    ]
    assert [row.what_for for row in shown] == ["for a good question", "a florist", "a florist", "a florist", ""]
    assert {row.href for row in shown[1:4]} == {f"/projects/{made.project_id}"}


async def test_what_an_order_was_for_is_not_known_any_more_once_it_is_gone(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor = await opened(browser, house)
    made = house.submit(actor)
    bridge.run(services.leases.cancel, actor, made.id)
    bridge.run(lambda uow: uow.session.delete(uow.session.get_one(Project, made.project_id)))
    await tab.send(StatementState, "newest")
    assert [(row.kind, row.what_for, row.href) for row in await rows(tab)][:2] == [("release", "", ""), ("hold", "", "")]


async def test_lists_of_what_came_what_went_and_what_is_held(browser: Browser, house: House) -> None:
    tab, actor = await opened(browser, house)
    made = house.submit(actor)
    await house.hand_over()
    assert house.deliver(house.claim(made.items[0].id))
    for show, kinds in (("in", ["sign_up"]), ("out", ["capture"]), ("held", ["hold"]), ("all", ["capture", "hold", "sign_up"])):
        await tab.send(StatementState, "filter_kinds", show=show)
        assert [row.kind for row in await rows(tab)] == kinds
    await tab.send(StatementState, "filter_kinds", show="nothing of the kind")
    assert len(await rows(tab)) == 3, "what there is not changes nothing"


async def test_a_month_is_a_month(browser: Browser, house: House) -> None:
    tab, _ = await opened(browser, house)
    state = await tab.state(StatementState)
    assert state.months[0] == utc_now().strftime("%Y-%m")
    await tab.send(StatementState, "filter_month", month=state.months[0])
    assert len(await rows(tab)) == 1
    await tab.send(StatementState, "filter_month", month=state.months[1])
    assert await rows(tab) == []
    await tab.send(StatementState, "filter_month", month="1999-99")
    assert len(await rows(tab)) == 1, "any other is all time"


def test_months_go_back_over_the_new_year() -> None:
    assert months_back(utc_now().replace(year=2027, month=2, day=1).date(), 4) == ["2027-02", "2027-01", "2026-12", "2026-11"]


async def test_a_long_statement_is_turned_page_by_page_and_never_grows(
    browser: Browser, house: House, services: Services
) -> None:
    tab, actor = await opened(browser, house)
    for number in range(2 * PAGE + 10):
        bridge.run(services.treasury.grant, actor, actor.user_id, 1, key=new_id(), reason=f"gift {number}")
    await tab.send(StatementState, "newest")
    first = await rows(tab)
    seen = [row.id for row in first]
    for expected in (PAGE, 11):
        await tab.send(StatementState, "older")
        shown = await rows(tab)
        assert len(shown) == expected
        seen += [row.id for row in shown]
    assert len(set(seen)) == len(seen) == 2 * PAGE + 11
    state = await tab.state(StatementState)
    assert (state.has_older, state.has_newer) == (False, True)
    await tab.send(StatementState, "older")
    assert len(await rows(tab)) == 11, "there is no page behind the last one"
    await tab.send(StatementState, "newer")
    assert [row.id for row in await rows(tab)] == seen[PAGE : 2 * PAGE]
    for _ in range(2):
        await tab.send(StatementState, "newer")
        assert await rows(tab) == first


async def test_t8_nobody_reads_the_statement_of_another(browser: Browser, house: House) -> None:
    tab, ada = await opened(browser, house)
    house.submit(ada, title="her secret")
    other, _ = await opened(browser, house, "Eve")
    assert "her secret" not in str(await rows(other))
    assert [row.kind for row in await rows(other)] == ["sign_up"]
    await tab.send(StatementState, "newest")
    assert len(await rows(tab)) == 2


async def test_whoever_reads_is_told_that_there_is_more_and_loses_no_line(browser: Browser, house: House) -> None:
    tab, actor = await opened(browser, house)
    before = await rows(tab)
    house.submit(actor)
    (news,) = bridge.run(generations.feed, {actor.user_id: 0})
    async with tab.manager.modify_state(rx.BaseStateToken(ident=tab.token, cls=StatementState)) as root:
        assert (await root.get_state(LiveState))._follow(news)
        (await root.get_state(StatementState))._on_feed(news)
    assert (await tab.state(StatementState)).is_stale
    assert await rows(tab) == before
    await tab.send(StatementState, "newest")
    assert [row.kind for row in await rows(tab)] == ["hold", "sign_up"]
    assert not (await tab.state(StatementState)).is_stale


async def test_one_ends_ones_own_plan_and_lets_it_go_on(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await opened(browser, house)
    subscribe(services, actor, actor, "basic")
    for act, status in (("cancel", "canceled"), ("resume_plan", "active")):
        await tab.send(CreditsState, "ask", question=act)
        assert (await tab.state(CreditsState)).question == act
        await tab.send(CreditsState, act)
        await tab.send(LiveState, "load")
        assert (await tab.state(LiveState)).purse.status == status
        assert (await tab.state(CreditsState)).question == ""
    assert await notice(tab) == say("en", "plan.was_resumed")


async def test_a_plan_that_is_not_there_is_not_ended(browser: Browser, house: House) -> None:
    tab, _ = await opened(browser, house)
    for act in ("cancel", "resume_plan"):
        await tab.send(CreditsState, act)
        assert await notice(tab) == say("en", "error.plan_missing")


async def test_a_plan_that_was_not_paid_in_time_can_not_simply_go_on(browser: Browser, house: House, services: Services) -> None:
    tab, actor = await opened(browser, house)
    then = Payments(lambda _: utc_now() - timedelta(days=40))
    bridge.run(type(services.treasury)(services.doorbell, then).subscribe, actor, actor.user_id, "basic")
    bridge.run(Billing(services.doorbell, services.payments).advance)
    await tab.send(LiveState, "load")
    assert (await tab.state(LiveState)).purse.status == "suspended"
    await tab.send(CreditsState, "resume_plan")
    assert await notice(tab) == say("en", "error.plan_unpaid")


async def test_bounds_of_ones_own_are_kept_and_refused_beside_the_field(browser: Browser, house: House) -> None:
    tab, _ = await opened(browser, house)
    assert await save(tab, cap="500", uses_credits="on") == {"cap": ""}
    await tab.send(LiveState, "load")
    purse = (await tab.state(LiveState)).purse
    assert (purse.has_cap, purse.cap, purse.uses_credits) == (True, 500, True)
    for typed in ("-1", "1.5", "many", "9" * 30):
        assert (await save(tab, cap=typed))["cap"]
    await tab.send(LiveState, "load")
    assert (await tab.state(LiveState)).purse.cap == 500
    assert await save(tab, cap=" ", uses_credits=False) == {"cap": ""}
    await tab.send(LiveState, "load")
    purse = (await tab.state(LiveState)).purse
    assert (purse.has_cap, purse.uses_credits) == (False, False)
