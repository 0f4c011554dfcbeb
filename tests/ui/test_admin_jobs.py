"""The page of jobs without a browser: what an admin's tab is told, when, and what the buttons do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import reflex as rx

from lumiku_web import bridge
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations.schemas import WorkerRead
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Permanent
from lumiku_web.ids import new_id
from lumiku_web.ui.hub import OpenTab
from lumiku_web.ui.kit.record_table import NO_VALUE
from lumiku_web.ui.pages.admin.jobs_rows import worker_rows
from lumiku_web.ui.pages.admin.jobs_state import AdminJobsState
from lumiku_web.ui.pages.admin.jobs_watch import HouseWatch, watch
from lumiku_web.ui.presence import presence
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.ui.conftest import Browser, open_as_admin

ROUTE = "illustrator dicebear"


@pytest.fixture(autouse=True)
def forgetful() -> None:
    """Nobody watches when a test begins."""
    watch._tabs.clear()
    watch.lately.clear()


@pytest.fixture
async def jobs(browser: Browser, house: House) -> Browser:
    """The page in a tab of the admin."""
    return await open_as_admin(browser, house, AdminJobsState, "/admin/jobs")


def opener(browser: Browser) -> OpenTab:
    """Open a tab's state as the hub does."""

    @asynccontextmanager
    async def open_tab(tab: str) -> AsyncIterator[Any]:
        async with browser.manager.modify_state(rx.BaseStateToken(ident=tab, cls=AdminJobsState)) as root:
            yield root

    return open_tab


async def said(tab: Browser) -> str:
    return (await tab.state(SessionState)).notice_text


async def failed_order(house: House, actor: Actor) -> str:
    made = house.submit(actor)
    await house.hand_over()
    bridge.run(house.services.leases.fail, house.claim(made.items[0].id), Permanent("provider_refused"))
    return str(made.id)


async def test_the_page_shows_the_house_when_it_opens(browser: Browser, house: House) -> None:
    _, secret = house.sign_in(name="Root")
    ada = house.member()
    order = await failed_order(house, ada)
    house.submit(ada)
    tab = browser.tab(secret=secret, path="/admin/jobs")
    await tab.send(AdminJobsState, "load")
    state = await tab.state(AdminJobsState)
    assert state.is_ready
    assert (state.figures.waiting, state.figures.in_flight, state.figures.failed) == ("1", "0 of 0", "1")
    assert [(row.id, row.cells[0], row.kind) for row in state.failed] == [(order, ada.email, "open")]
    assert [row.id for row in state.routes] == [ROUTE]
    assert state.routes[0].values[2] == 1


@pytest.mark.parametrize("reason", ["provider_busy", "model_loading"])
async def test_a_route_that_rests_says_why(jobs: Browser, reason: str) -> None:
    bridge.run(routes.slow, ROUTE, reason, seconds=60, in_flight=4)
    await watch.look(opener(jobs))
    (row,) = (await jobs.state(AdminJobsState)).routes
    assert (row.kind, row.cells[-1]) == ("slowed", say("en", f"jobs.slow.{reason}"))
    bridge.run(routes.pause, ROUTE)
    await watch.look(opener(jobs))
    (row,) = (await jobs.state(AdminJobsState)).routes
    assert (row.kind, row.cells[-1]) == ("paused", NO_VALUE), "now it is somebody's wish"


async def test_what_changes_is_written_and_nothing_else(jobs: Browser, house: House) -> None:
    ada = house.member()
    await watch.look(opener(jobs))
    async with jobs.manager.modify_state(rx.BaseStateToken(ident=jobs.token, cls=AdminJobsState)) as root:
        root._clean()
        (await root.get_state(AdminJobsState))._clean()
    await watch.look(opener(jobs))
    assert (await jobs.state(AdminJobsState)).dirty_vars == {"_seen_at"}, "nothing happened that is sent"
    house.submit(ada)
    await watch.look(opener(jobs))
    state = await jobs.state(AdminJobsState)
    assert state.figures.waiting == "1"
    assert state.dirty_vars == {"figures", "routes", "_seen_at"}


async def test_what_was_read_earlier_does_not_undo_what_is_shown(jobs: Browser) -> None:
    from lumiku_web.ui.pages.admin.jobs_watch import seen_now

    earlier = await seen_now()
    await jobs.send(AdminJobsState, "pause", key=EVERYTHING)
    async with jobs.manager.modify_state(rx.BaseStateToken(ident=jobs.token, cls=AdminJobsState)) as root:
        (await root.get_state(AdminJobsState))._show(earlier)
    assert (await jobs.state(AdminJobsState)).is_paused


async def test_nothing_is_read_while_nobody_watches(jobs: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await watch.look(opener(jobs))
    assert watch._awake.is_set()
    presence.unregister(jobs.token)
    await watch.look(opener(jobs))
    assert (watch._tabs, watch._awake.is_set(), len(watch.lately)) == ({}, False, 0)


async def test_a_tab_that_went_elsewhere_is_let_go(jobs: Browser) -> None:
    await jobs.tab(path="/home").send(SessionState, "dismiss_notice")
    await watch.look(opener(jobs))
    assert watch._tabs == {}


async def test_t5_who_is_no_admin_any_more_is_told_nothing_more(jobs: Browser, house: House, owner_engine: Any) -> None:
    """Though no event of theirs has asked."""
    from sqlalchemy import text

    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'member'"))
    house.submit(house.member())
    await watch.look(opener(jobs))
    assert (await jobs.state(AdminJobsState)).figures.waiting == "0"
    assert watch._tabs == {}


async def test_t7_a_member_reaches_none_of_it(browser: Browser, house: House) -> None:
    house.member(name="Root")
    ada = house.member()
    order = await failed_order(house, ada)
    _, secret = house.sign_in(name="Eve")
    tab = browser.tab(secret=secret, path="/admin/jobs")
    for handler, facts in {
        "load": {},
        "pause": {"key": EVERYTHING},
        "go_on": {"key": EVERYTHING},
        "set_limit": {"form": {"limit": "1"}},
        "cancel": {},
        "try_again": {"order_id": order},
    }.items():
        updates = await tab.send(AdminJobsState, handler, **facts)
        assert ada.email not in str(updates)
        assert await said(tab) == say("en", "error.not_permitted")
    assert not (await tab.state(AdminJobsState)).is_ready
    assert bridge.run(routes.states) == {}
    assert watch._tabs == {}


async def test_pausing_is_said_and_shown_at_once(jobs: Browser) -> None:
    await jobs.send(AdminJobsState, "pause", key=ROUTE)
    assert await said(jobs) == say("en", "jobs.paused_one", route="illustrator · dicebear")
    (route,) = (await jobs.state(AdminJobsState)).routes
    assert (route.kind, route.cells[1]) == ("paused", "Paused")
    await jobs.send(AdminJobsState, "go_on", key=ROUTE)
    (route,) = (await jobs.state(AdminJobsState)).routes
    assert (route.kind, route.tone) == ("open", "success")
    await jobs.send(AdminJobsState, "pause", key="nobody nothing")
    assert await said(jobs) == say("en", "error.route_not_found")


async def test_a_limit_is_asked_for_checked_and_set(jobs: Browser) -> None:
    await jobs.send(AdminJobsState, "ask_limit", key=ROUTE)
    for typed, key in (("x", "limit_not_a_number"), ("-1", "limit_not_a_number"), ("0", "route_limit_out_of_range")):
        await jobs.send(AdminJobsState, "set_limit", form={"limit": typed})
        state = await jobs.state(AdminJobsState)
        assert state.field_errors["limit"] == say("en", f"error.{key}", maximum=1000)
        assert state.question == "limit"
    await jobs.send(AdminJobsState, "set_limit", form={"limit": " 4 "})
    state = await jobs.state(AdminJobsState)
    assert (state.question, state.routes[0].cells[4]) == ("", "4")
    await jobs.send(AdminJobsState, "ask_limit", key=ROUTE)
    assert (await jobs.state(AdminJobsState)).asked_limit == "4"
    await jobs.send(AdminJobsState, "set_limit", form={"limit": ""})
    assert (await jobs.state(AdminJobsState)).routes[0].cells[4] == "—"


async def test_a_failed_order_is_tried_again_and_the_row_says_so(jobs: Browser, house: House) -> None:
    order = await failed_order(house, house.member())
    await jobs.send(AdminJobsState, "try_again", order_id=order)
    assert await said(jobs) == say("en", "jobs.tried_again")
    assert [row.kind for row in (await jobs.state(AdminJobsState)).failed] == ["again"]


async def test_what_is_gone_is_not_found(jobs: Browser) -> None:
    for handler, facts in {
        "hurry": {"row_id": str(new_id())},
        "ask_cancel": {"row_id": str(new_id())},
        "try_again": {"order_id": "x"},
        "cancel": {},
    }.items():
        await jobs.send(SessionState, "dismiss_notice")
        await jobs.send(AdminJobsState, handler, **facts)
        assert await said(jobs) == say("en", "error.order_not_found")


def test_a_worker_whose_loop_is_late_is_marked() -> None:
    from lumiku_web.clock import utc_now

    calm = WorkerRead("w1", "here", 1, 3, 50, 7, utc_now(), utc_now(), 4.2, "busy")
    late = WorkerRead("w2", "here", 2, 3, 50, 7, None, None, 900.0, "busy")
    rows = worker_rows([calm, late], utc_now(), "en")
    assert [(row.tone, row.cells[2]) for row in rows] == [("success", "Busy"), ("danger", "Loop is late")]
    assert rows[0].cells[3:] == ["3 of 50", "7", "0 ms", "Just now"]
    assert rows[1].cells[6] == "—"


def test_the_page_has_one_watch_however_many_tabs_it_has() -> None:
    from lumiku_web.ui.hub import hub

    assert [task for task in hub.beside if getattr(task, "__self__", None).__class__ is HouseWatch] == [watch.run]
