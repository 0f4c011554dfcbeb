"""Events as any client can send them: refused without a session, without a right, and for what is somebody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from reflex.state import StateUpdate
from reflex_base.registry import RegistrationContext

from lumiku_web import bridge
from lumiku_web.apps.avatar_creator.state import AvatarState
from lumiku_web.bootstrap import Services
from lumiku_web.domain.generations.models import Generation
from lumiku_web.domain.projects.models import Project
from lumiku_web.ids import new_id
from lumiku_web.ui.app_state import AppState
from lumiku_web.ui.guard import Access, access_of
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.pages.admin.state import AdminState
from lumiku_web.ui.pages.gallery.state import GalleryState
from lumiku_web.ui.pages.home.state import HomeState
from lumiku_web.ui.pages.project.state import ProjectState
from lumiku_web.ui.pages.projects.state import ProjectsState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of
from tests.ui.conftest import Browser

Redirects = Callable[[list[StateUpdate]], list[str]]
HANDLERS = RegistrationContext.get().event_handlers
OURS = {name: one for name, one in HANDLERS.items() if one.handler.state.__module__.startswith("lumiku_web.")}
CLOSED = {name: one for name, one in OURS.items() if access_of(one.handler.fn) is not Access.public}


async def test_an_event_tells_a_tab_nothing_that_it_knows(browser: Browser, house: House) -> None:
    """Who it is was asked before; what is computed from that is the same, too."""
    _, secret = house.sign_in()
    tab = browser.tab(secret=secret)
    await tab.send(AvatarState, "load")
    updates = await tab.send(SessionState, "dismiss_notice")
    assert [set(update.delta) for update in updates if update.delta] == [{SessionState.get_full_name()}]


@pytest.mark.parametrize("name", CLOSED, ids=lambda name: ".".join(name.rsplit(".", 2)[-2:]))
async def test_t7_no_visitor_gets_past_the_gatekeeper(browser: Browser, redirects: Redirects, name: str) -> None:
    handler = CLOSED[name].handler
    arguments = dict.fromkeys(handler.fn.__code__.co_varnames[1 : handler.fn.__code__.co_argcount], "1")
    updates = await browser.send(handler.state, handler.fn.__name__, **arguments)
    assert redirects(updates) == ["/sign-in"]
    assert [update.delta for update in updates if update.delta] == []


@pytest.mark.parametrize("state", sorted({one.handler.state for one in OURS.values()}, key=lambda s: s.__name__))
async def test_t7_nobody_sets_vars_from_outside(browser: Browser, house: House, state: Any) -> None:
    _, secret = house.sign_in()
    tab = browser.tab(secret=secret)
    for var in ("user_name", "is_admin", "project_id", "notice_tone", "_user_id"):
        await tab.send(state, "setvar", var_name=var, value="forged")
    known = await tab.state(state)
    assert "forged" not in [getattr(known, name) for name in known.get_fields() if hasattr(known, name)]
    assert (await tab.state(SessionState)).notice_text == say("en", "error.not_permitted")


async def test_t7_an_admins_handler_is_refused_to_a_member(browser: Browser, house: House) -> None:
    _, root = house.sign_in()
    _, secret = house.sign_in(name="Eve")
    member = browser.tab(secret=secret, path="/admin")
    await member.send(AdminState, "load")
    assert not (await member.state(AdminState)).is_ready
    assert (await member.state(SessionState)).notice_text == say("en", "error.not_permitted")
    admin = browser.tab(secret=root, token="tab-2", path="/admin")
    await admin.send(AdminState, "load")
    assert (await admin.state(AdminState)).is_ready
    assert (await admin.state(AdminState)).check.at == "", "nobody has looked at the books yet"


async def test_t5_who_loses_the_role_loses_it_at_the_next_event(browser: Browser, house: House, owner_engine: Any) -> None:
    from sqlalchemy import text

    _, secret = house.sign_in()
    tab = browser.tab(secret=secret, path="/admin")
    await tab.send(AdminState, "load")
    assert (await tab.state(SessionState)).is_admin
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'member'"))
    await tab.send(AdminState, "load")
    assert not (await tab.state(SessionState)).is_admin
    assert (await tab.state(SessionState)).notice_text == say("en", "error.not_permitted")


async def test_t8_somebody_elses_project_is_missing(browser: Browser, house: House) -> None:
    ada, (_, secret) = house.member(), house.sign_in(name="Eve")
    hers = house.project(ada, "Secret plans")
    for project_id in (hers.id, new_id(), "x"):
        tab = browser.tab(secret=secret, path=f"/projects/{project_id}")
        updates = await tab.send(ProjectState, "load")
        state = await tab.state(ProjectState)
        assert (state.is_missing, state.name, state.page_0) == (True, "", [])
        assert "Secret plans" not in str(updates)
        await tab.send(ProjectState, "rename", form={"name": "mine now"})
    assert [project.name for project in all_rows(Project)] == ["Secret plans"]


async def test_t8_somebody_elses_project_can_not_be_chosen_or_ordered_into(browser: Browser, house: House) -> None:
    ada, (eve, secret) = house.member(), house.sign_in(name="Eve")
    hers, own = house.project(ada), house.project(eve)
    tab = browser.tab(secret=secret, path=f"/apps/avatar-creator?project={hers.id}")
    await tab.send(AppState, "load_form")
    assert (await tab.state(AvatarState)).project_id == str(own.id)
    await tab.send(AvatarState, "choose_project", project_id=str(hers.id))
    state = await tab.state(AvatarState)
    assert (state.project_id, state.page_0) == (str(own.id), [])
    assert (await tab.state(SessionState)).notice_text == say("en", "error.project_not_found")


async def test_t8_a_project_that_the_browser_claims_is_checked_when_it_is_used(browser: Browser, house: House) -> None:
    ada, (eve, secret) = house.member(), house.sign_in(name="Eve")
    hers = house.project(ada)
    house.project(eve)
    tab = browser.tab(secret=secret, path="/apps/avatar-creator")
    await tab.send(AppState, "load_form")
    async with browser.manager.modify_state(_token(tab, AvatarState)) as root:
        (await root.get_state(AvatarState)).project_id = str(hers.id)
    await tab.send(AvatarState, "generate", form={"words": "a baker"})
    assert count_of(Generation) == 0
    assert (await tab.state(SessionState)).notice_text == say("en", "error.project_not_found")


@pytest.mark.parametrize("state", [HomeState, ProjectState, AvatarState])
async def test_t8_somebody_elses_picture_does_not_open(browser: Browser, house: House, services: Services, state: Any) -> None:
    ada, (_, secret) = house.member(), house.sign_in(name="Eve")
    hers = house.photo(ada, house.project(ada).id)
    tab = browser.tab(secret=secret)
    for image_id in (str(hers), str(new_id()), "x", {"a": 1}, None):
        updates = await tab.send(state, "open_picture", image_id=image_id)
        assert "/files/" not in str(updates)
    known = await tab.state(state)
    assert not known.is_viewer_open
    assert (await tab.state(SessionState)).notice_text == say("en", "error.picture_not_found")


async def test_the_owner_opens_her_picture(browser: Browser, house: House, services: Services) -> None:
    ada, secret = house.sign_in()
    image_id = house.photo(ada, house.project(ada).id)
    tab = browser.tab(secret=secret)
    await tab.send(HomeState, "load")
    await tab.send(HomeState, "open_picture", image_id=str(image_id))
    state = await tab.state(HomeState)
    assert state.is_viewer_open
    assert state.shown.picture.id == str(image_id)


async def test_what_was_filled_for_one_person_is_never_shown_to_another(browser: Browser, house: House) -> None:
    (ada, hers), (_, eves) = house.sign_in(), house.sign_in(name="Eve")
    house.submit(ada, params={"words": "my secret wish"}, title="my secret wish")
    tab = browser.tab(secret=hers)
    assert "my secret wish" in str(await tab.send(LiveState, "load"))
    taken_over = tab.tab(secret=eves)
    assert "my secret wish" not in str(await taken_over.send(LiveState, "load"))
    assert (await taken_over.state(LiveState)).orders == []
    assert (await taken_over.state(SessionState)).user_name == "Eve"


async def test_a_session_that_ended_asks_to_sign_in_and_shows_nothing_more(browser: Browser, house: House) -> None:
    ada, secret = house.sign_in()
    tab = browser.tab(secret=secret)
    await tab.send(LiveState, "load")
    bridge.run(house.services.accounts.sign_out, secret)
    house.submit(ada, title="ordered elsewhere")
    updates = await tab.send(LiveState, "load")
    assert "ordered elsewhere" not in str(updates)
    assert (await tab.state(SessionState)).session_ended
    await tab.send(ProjectsState, "create", form={"name": "too late"})
    assert [project.name for project in all_rows(Project)] == ["Studio"]


async def test_a_double_click_makes_one_project(browser: Browser, house: House) -> None:
    _, secret = house.sign_in()
    tab = browser.tab(secret=secret, path="/projects")
    await tab.send(ProjectsState, "load")
    for _ in range(2):
        await tab.send(ProjectsState, "create", form={"name": "Studio"})
    assert count_of(Project) == 1


async def test_without_a_database_an_event_says_so_and_nothing_typed_is_lost(browser: Browser, house: House, stack: Any) -> None:
    _, secret = house.sign_in()
    tab = browser.tab(secret=secret, path="/projects")
    await tab.send(ProjectsState, "load")
    stack.postgres.stop()
    try:
        await tab.send(ProjectsState, "create", form={"name": "Studio"})
        session = await tab.state(SessionState)
        assert session.notice_text == say("en", "error.database_unreachable")
        assert not session.session_ended
    finally:
        stack.postgres.start()
    await tab.send(ProjectsState, "create", form={"name": "Studio"})
    assert count_of(Project) == 1


def _token(tab: Browser, state: Any) -> Any:
    import reflex as rx

    return rx.BaseStateToken(ident=tab.token, cls=state)


async def test_what_was_said_on_one_page_is_not_said_on_the_next(browser: Browser, house: House) -> None:
    """But for what can be taken back."""
    ada, secret = house.sign_in()
    image_id = house.photo(ada, house.project(ada).id)
    here, there = (browser.tab(secret=secret, path=path) for path in ("/gallery", "/home"))
    await here.send(GalleryState, "open_picture", image_id=str(new_id()))
    await here.send(GalleryState, "load")
    assert (await here.state(SessionState)).notice_text == say("en", "error.picture_not_found")
    await there.send(HomeState, "load")
    assert (await there.state(SessionState)).notice_text == ""
    await here.send(GalleryState, "put_in_trash", image_id=str(image_id))
    await there.send(HomeState, "load")
    assert (await there.state(SessionState)).notice_action == say("en", "trash.undo")
    assert (await there.state(SessionState)).notice_text == say("en", "trash.put_there")
