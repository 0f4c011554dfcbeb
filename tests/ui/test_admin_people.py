"""The pages of people without a browser: what an admin sees of whom, what the buttons do, and that it is nobody else's."""

from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.models import User
from lumiku_web.domain.accounts.schemas import Actor, Role
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.ids import new_id
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.pages.admin import people_rows
from lumiku_web.ui.pages.admin.people_state import AdminPeopleState
from lumiku_web.ui.pages.admin.person_state import AdminPersonState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.factories.rows import all_rows
from tests.ui.conftest import Browser


@pytest.fixture
def root(house: House) -> tuple[Actor, str]:
    return house.sign_in(name="Root")


@pytest.fixture
def people(browser: Browser, root: tuple[Actor, str]) -> Browser:
    """A tab of the admin."""
    return browser.tab(secret=root[1], path="/admin/people")


def opened(tab: Browser, person: Actor) -> Browser:
    return tab.tab(path=f"/admin/people/{person.user_id}")


async def said(tab: Browser) -> str:
    return (await tab.state(SessionState)).notice_text


def crowd(engine: Engine, number: int) -> None:
    """So many accounts more."""
    copies = text(
        "INSERT INTO users (id, created_at, email, name, password_hash, role, state, language)"
        " SELECT gen_random_uuid(), now(), 'crowd' || n || '@example.test', 'Crowd ' || n, '', 'member', 'active', 'en'"
        " FROM generate_series(1, :number) n"
    )
    with engine.begin() as connection:
        connection.execute(copies, {"number": number})


# ---- the list


async def test_the_list_says_what_everybody_has(
    people: Browser, house: House, services: Services, root: tuple[Actor, str]
) -> None:
    ada = house.member()
    bridge.run(services.treasury.subscribe, root[0], ada.user_id, "basic")
    house.submit(ada, count=3)
    house.deliver(house.claim(house.submit(ada).items[0].id))
    await people.send(AdminPeopleState, "load")
    state = await people.state(AdminPeopleState)
    assert [row.id for row in state.people] == [str(ada.user_id), str(root[0].user_id)]
    cells = state.people[0].cells
    assert cells == ["Ada", ada.email, "Active", "Member", "Basic", "1,000,000", "4 of 50", "1", "Just now"]
    assert state.people[0].values[5:8] == [1_000_000, 4, 1]
    assert (state.has_more, state.page) == (False, 1)


async def test_the_list_takes_as_many_statements_for_fifty_as_for_one(
    people: Browser, owner_engine: Engine, services: Services
) -> None:
    counted: list[str] = []

    def count(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    await people.send(AdminPeopleState, "load")  # the first one asks PostgreSQL who it is
    event.listen(services.engine, "before_cursor_execute", count)
    await people.send(AdminPeopleState, "load")
    for_one = len(counted)
    crowd(owner_engine, 60)
    counted.clear()
    await people.send(AdminPeopleState, "load")
    event.remove(services.engine, "before_cursor_execute", count)
    assert len((await people.state(AdminPeopleState)).people) == 50
    assert len(counted) == for_one, counted


async def test_somebody_is_found_and_pages_are_walked(people: Browser, owner_engine: Engine) -> None:
    crowd(owner_engine, 60)
    await people.send(AdminPeopleState, "load")
    first = await people.state(AdminPeopleState)
    names = {row.cells[0] for row in first.people}
    assert (len(names), first.has_more) == (50, True)
    await people.send(AdminPeopleState, "following")
    second = await people.state(AdminPeopleState)
    assert (len(second.people), second.has_more, second.page) == (11, False, 2)
    assert not names & {row.cells[0] for row in second.people}
    await people.send(AdminPeopleState, "following")
    assert (await people.state(AdminPeopleState)).page == 2, "there is no third one"
    await people.send(AdminPeopleState, "load")
    assert (await people.state(AdminPeopleState)).page == 2, "whoever comes back finds the page that was open"
    for _ in range(3):
        await people.send(AdminPeopleState, "preceding")
    assert (await people.state(AdminPeopleState)).page == 1
    await people.send(AdminPeopleState, "search", form={"words": "CROWD 17"})
    assert [row.cells[0] for row in (await people.state(AdminPeopleState)).people] == ["Crowd 17"]
    await people.send(AdminPeopleState, "search", form={"words": "x" * 300})
    assert (await people.state(AdminPeopleState)).field_errors["words"]
    await people.tab(path="/admin/people?search=root").send(AdminPeopleState, "load")
    assert [row.cells[0] for row in (await people.state(AdminPeopleState)).people] == ["Root"]


# ---- one person


async def test_a_person_has_sessions_money_and_orders_and_no_wishes(people: Browser, house: House) -> None:
    ada = house.member()
    house.submit(ada, title="a secret wish", count=2)
    tab = opened(people, ada)
    updates = await tab.send(AdminPersonState, "load")
    state = await tab.state(AdminPersonState)
    assert (state.person.name, state.person.email, state.person.is_active, state.person.is_self) == (
        "Ada",
        ada.email,
        True,
        False,
    )
    assert (state.money.available, state.money.held, state.money.plan_key) == ("999,998", "2", "")
    assert [row.cells[0] for row in state.sessions] == ["test"]
    assert [row.cells[:5] for row in state.orders] == [["Illustrator", "Being made", "0 of 2", "0", "0"]]
    assert "a secret wish" not in str(updates)
    assert [key for key, _ in state.plans] == ["free", "basic", "pro", "enterprise", "pro-yearly"]


@pytest.mark.parametrize("address", ["x", "", str(new_id())])
async def test_who_does_not_exist_is_said_to_be_missing(people: Browser, address: str) -> None:
    tab = people.tab(path=f"/admin/people/{address}")
    await tab.send(AdminPersonState, "load")
    state = await tab.state(AdminPersonState)
    assert (state.is_ready, state.is_missing) == (True, True)
    await tab.send(AdminPersonState, "deactivate")
    assert await said(tab) == say("en", "error.member_not_found")


async def test_t5_deactivated_by_the_button_she_is_out_at_her_next_event(people: Browser, house: House) -> None:
    ada, secret = house.sign_in()
    hers = people.tab(token="hers", secret=secret, path="/home")
    await hers.send(LiveState, "load")
    house.submit(ada, count=2)
    tab = opened(people, ada)
    await tab.send(AdminPersonState, "load")
    await tab.send(AdminPersonState, "ask", question="deactivate")
    assert (await tab.state(AdminPersonState)).question == "deactivate"
    await tab.send(AdminPersonState, "deactivate")
    assert await said(tab) == say("en", "person.deactivated_many", name="Ada", count=2)
    state = await tab.state(AdminPersonState)
    assert (state.question, state.person.is_active, state.sessions, state.money.held) == ("", False, [], "0")
    assert {item.status for item in all_rows(GenerationItem)} == {"canceled"}
    await hers.send(LiveState, "load")
    assert (await hers.state(SessionState)).session_ended
    await tab.send(AdminPersonState, "activate")
    assert (await tab.state(AdminPersonState)).person.is_active


async def test_t5_who_gives_up_the_role_is_sent_home_and_reaches_nothing_more(
    people: Browser, house: House, root: tuple[Actor, str], redirects: Any
) -> None:
    tab = opened(people, root[0])
    await tab.send(AdminPersonState, "load")
    await tab.send(AdminPersonState, "set_role", role="member")
    assert await said(tab) == say("en", "error.last_admin")
    heir = house.member(name="Heir")
    await opened(tab, heir).send(AdminPersonState, "load")
    await tab.send(AdminPersonState, "set_role", role="admin")
    await tab.send(AdminPersonState, "load")
    await tab.send(AdminPersonState, "deactivate")
    assert await said(tab) == say("en", "error.own_account")
    assert redirects(await tab.send(AdminPersonState, "set_role", role="member")) == ["/home"]
    before = (await tab.state(AdminPersonState)).person
    await opened(tab, heir).send(AdminPersonState, "load")
    assert await said(tab) == say("en", "error.not_permitted")
    assert (await tab.state(AdminPersonState)).person == before, "nothing of the heir was read"
    assert {row.role for row in all_rows(User) if row.id == heir.user_id} == {Role.admin}


async def test_the_books_open_with_the_entries_of_a_person(people: Browser, house: House) -> None:
    from lumiku_web.ui.pages.admin.credits_state import AdminCreditsState

    ada = house.member()
    for address, email, count in ((str(ada.user_id), ada.email, 1), (str(new_id()), "", 2), ("x", "", 2)):
        tab = people.tab(path=f"/admin/credits?member={address}")
        await tab.send(AdminCreditsState, "load")
        state = await tab.state(AdminCreditsState)
        assert (state.email, len(state.entries)) == (email, count)


async def test_one_browser_is_signed_out_and_then_all(people: Browser, house: House, services: Services) -> None:
    ada = house.member()
    bridge.run(services.accounts.open_session, ada.user_id, user_agent="Mozilla/5.0 (X11; Linux) Chrome/140.0 Safari/537.36")
    tab = opened(people, ada)
    await tab.send(AdminPersonState, "load")
    rows = (await tab.state(AdminPersonState)).sessions
    assert sorted(row.cells[0] for row in rows) == ["Chrome · Linux", "test"]
    await tab.send(AdminPersonState, "sign_out", session_id="x")
    assert await said(tab) == say("en", "error.member_not_found")
    await tab.send(AdminPersonState, "sign_out", session_id=rows[0].id)
    assert len((await tab.state(AdminPersonState)).sessions) == 1
    await tab.send(AdminPersonState, "sign_out", session_id="")
    assert (await tab.state(AdminPersonState)).sessions == []


async def test_a_plan_is_given_changed_ended_and_goes_on(people: Browser, house: House) -> None:
    ada = house.member()
    tab = opened(people, ada)
    await tab.send(AdminPersonState, "load")
    await tab.send(AdminPersonState, "ask", question="plan")
    await tab.send(AdminPersonState, "choose_plan", key="basic")
    assert (await tab.state(AdminPersonState)).cost == "Begins at once; Rp\xa099,000 is to be paid."
    await tab.send(AdminPersonState, "set_plan")
    assert await said(tab) == say("en", "person.plan_set", name="Ada")
    await tab.send(AdminPersonState, "ask", question="plan")
    await tab.send(AdminPersonState, "choose_plan", key="pro")
    assert "Rp\xa099,000 of what was paid already counts." in (await tab.state(AdminPersonState)).cost
    await tab.send(AdminPersonState, "set_plan")
    money = (await tab.state(AdminPersonState)).money
    assert (money.plan, money.plan_state, money.today) == ("Pro", "Active", "0 of 100")
    await tab.send(AdminPersonState, "choose_plan", key="basic")
    assert (await tab.state(AdminPersonState)).cost.startswith("Begins on ")
    for act, status in (("canceled", "canceled"), ("resumed", "active"), ("nonsense", "active")):
        await tab.send(AdminPersonState, "act_on_plan", act=act)
        assert (await tab.state(AdminPersonState)).money.plan_status == status
    await tab.send(AdminPersonState, "act_on_plan", act="renewed")
    assert (await said(tab)).startswith("This plan is paid until")
    await tab.send(AdminPersonState, "choose_plan", key="gold")
    assert await said(tab) == say("en", "error.plan_not_found")


async def test_t7_a_member_reaches_none_of_it(browser: Browser, house: House, root: tuple[Actor, str]) -> None:
    ada = house.member()
    _, secret = house.sign_in(name="Eve")
    tab = browser.tab(secret=secret, path=f"/admin/people/{ada.user_id}")
    sent = {
        AdminPeopleState: {"load": {}, "search": {"form": {}}, "following": {}, "preceding": {}},
        AdminPersonState: {
            "load": {},
            "ask": {"question": "deactivate"},
            "deactivate": {},
            "activate": {},
            "set_role": {"role": "admin"},
            "sign_out": {"session_id": ""},
            "choose_plan": {"key": "pro"},
            "set_plan": {},
            "act_on_plan": {"act": "canceled"},
        },
    }
    for kind, handlers in sent.items():
        for handler, facts in handlers.items():
            updates = await tab.send(kind, handler, **facts)
            assert ada.email not in str(updates)
            assert await said(tab) == say("en", "error.not_permitted")
    assert (await tab.state(AdminPersonState)).person.name == ""
    assert {row.state for row in all_rows(User)} == {"active"}


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537", "Chrome · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Firefox/140.0", "Firefox · macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<script>" * 20, ("<script>" * 20)[:60]),
        ("", ""),
    ],
)
def test_browsers_are_called_as_people_call_them(agent: str, shown: str) -> None:
    assert people_rows._browser(agent) == shown
