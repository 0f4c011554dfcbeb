"""What an admin does about people, and nobody else: T5 in PostgreSQL."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import update

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.models import SignInSession, User
from lumiku_web.domain.accounts.operations import People
from lumiku_web.domain.accounts.schemas import AccountState, Actor, Role
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import ItemStatus
from lumiku_web.errors import Conflict, InvalidInput, NotFound, NotPermitted, SignInRequired
from lumiku_web.ids import new_id
from tests.factories.at_once import at_once
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of


@pytest.fixture
def people(services: Services) -> People:
    return services.people


@pytest.fixture
def ada(root: Actor, house: House) -> Actor:
    return house.member()


@pytest.fixture
def other(root: Actor, house: House, people: People) -> Actor:
    """Another admin."""
    _, secret = house.sign_in(name="Grace")
    grace = bridge.run(house.services.accounts.actor, secret)
    bridge.run(people.set_role, root, grace.user_id, Role.admin)
    return bridge.run(house.services.accounts.actor, secret)


def row_of(person: Actor) -> User:
    return next(row for row in all_rows(User) if row.id == person.user_id)


def acts(action: Action) -> list[AuditEvent]:
    return [event for event in all_rows(AuditEvent) if event.action == action]


def statuses() -> list[str]:
    return sorted(item.status for item in all_rows(GenerationItem))


def wallet(house: House, person: Actor) -> tuple[int, int]:
    standing = bridge.run(house.services.payments.standings, [person.user_id])[person.user_id]
    return standing.available, standing.held


# ---- who may


ACTS: list[Callable[[People], tuple[Any, ...]]] = [
    lambda can: (can.search,),
    lambda can: (can.get, new_id()),
    lambda can: (can.sessions, new_id()),
    lambda can: (can.end_sessions, new_id()),
    lambda can: (can.deactivate, new_id()),
    lambda can: (can.activate, new_id()),
    lambda can: (can.set_role, new_id(), "admin"),
]
NAMES = ["search", "get", "sessions", "end sessions", "deactivate", "activate", "set role"]


@pytest.mark.parametrize("act", ACTS, ids=NAMES)
def test_t7_a_member_may_do_none_of_it(people: People, ada: Actor, act: Callable[[People], tuple[Any, ...]]) -> None:
    do, *arguments = act(people)
    before = count_of(AuditEvent)
    with pytest.raises(NotPermitted):
        bridge.run(do, ada, *arguments)
    assert count_of(AuditEvent) == before


@pytest.mark.parametrize("act", [ACTS[1], *ACTS[4:]], ids=[NAMES[1], *NAMES[4:]])
def test_who_does_not_exist_is_not_found(people: People, root: Actor, act: Callable[[People], tuple[Any, ...]]) -> None:
    do, *arguments = act(people)
    with pytest.raises(NotFound, match="member_not_found"):
        bridge.run(do, root, *arguments)


def test_t5_who_was_an_admin_when_the_page_asked_may_be_none_any_more(
    people: People, root: Actor, other: Actor, ada: Actor
) -> None:
    """The role is looked at again under its lock."""
    bridge.run(people.set_role, root, other.user_id, Role.member)
    assert other.is_admin, "as of its event"
    for act in (people.deactivate, people.activate):
        with pytest.raises(NotPermitted):
            bridge.run(act, other, ada.user_id)
    with pytest.raises(NotPermitted):
        bridge.run(people.set_role, other, root.user_id, Role.member)


# ---- search


def test_people_are_found_by_a_part_of_name_or_address(people: People, root: Actor, house: House) -> None:
    eve = house.member(name="Eve 100%_sure")
    for words in ("eve", " EVE ", "100%", "%_s", eve.email[:5].upper()):
        assert [one.id for one in bridge.run(people.search, root, words).people] == [eve.user_id], words
    for words in ("%", "_", "\\", "x\x00y", "'; DROP TABLE users"):
        assert {one.id for one in bridge.run(people.search, root, words).people} <= {eve.user_id}, words
    assert len(bridge.run(people.search, root).people) == 2
    with pytest.raises(InvalidInput, match="too_long"):
        bridge.run(people.search, root, "x" * 300)


def test_pages_hold_everybody_once_newest_first(people: People, root: Actor, house: House) -> None:
    everybody = [root.user_id, *(house.member(name=f"M{number}").user_id for number in range(6))]
    seen: list[UUID] = []
    after = None
    while True:
        page = bridge.run(people.search, root, "", after, 3)
        seen += [one.id for one in page.people]
        after = page.after
        if after is None:
            break
    assert seen == everybody[::-1]
    assert bridge.run(people.search, root, "", None, 7).after is None, "a page that is full is not the last one for that"


def test_a_person_says_when_they_were_last_seen(people: People, root: Actor, ada: Actor, services: Services) -> None:
    assert abs((bridge.run(people.get, root, ada.user_id).last_seen_at or utc_now()) - utc_now()) < timedelta(minutes=1)
    bridge.run(people.end_sessions, root, ada.user_id)
    found = bridge.run(people.get, root, ada.user_id)
    assert (found.last_seen_at, found.role, found.state, found.email) == (None, Role.member, AccountState.active, ada.email)


# ---- sessions


def test_t4_an_admin_ends_one_session_or_all(people: People, root: Actor, house: House, services: Services) -> None:
    ada, first = house.sign_in()
    second = bridge.run(services.accounts.open_session, ada.user_id, user_agent="phone")
    third = bridge.run(services.accounts.open_session, ada.user_id, user_agent="tablet")
    listed = bridge.run(people.sessions, root, ada.user_id)
    assert {one.user_agent for one in listed} == {"test", "phone", "tablet"}
    phone = next(one for one in listed if one.user_agent == "phone")
    assert bridge.run(people.end_sessions, root, root.user_id, phone.id) == 0, "it is not theirs"
    assert bridge.run(people.end_sessions, root, ada.user_id, phone.id) == 1
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, second)
    assert bridge.run(services.accounts.actor, first).user_id == ada.user_id
    assert bridge.run(people.end_sessions, root, ada.user_id) == 2
    for secret in (first, third):
        with pytest.raises(SignInRequired):
            bridge.run(services.accounts.actor, secret)
    assert {event.actor_id for event in acts(Action.signed_out)} == {root.user_id}


def test_sessions_that_have_ended_are_not_listed(people: People, root: Actor, ada: Actor, services: Services) -> None:
    def grow_old(uow: UnitOfWork) -> None:
        uow.session.execute(update(SignInSession).values(last_seen_at=utc_now() - services.accounts.session_idle))

    bridge.run(grow_old)
    assert bridge.run(people.sessions, root, ada.user_id) == []
    assert bridge.run(services.accounts.ended, {ada.session_id, root.session_id}) == {ada.session_id, root.session_id}


def test_whose_session_is_over_is_known_without_a_hint(people: People, root: Actor, ada: Actor, services: Services) -> None:
    known = {ada.session_id, root.session_id}
    assert bridge.run(services.accounts.ended, known) == set()
    bridge.run(people.deactivate, root, ada.user_id)
    assert bridge.run(services.accounts.ended, known) == {ada.session_id}


# ---- deactivate


async def test_t5_whoever_is_deactivated_is_out_with_everything_that_was_being_made(
    people: People, root: Actor, house: House, services: Services
) -> None:
    ada, secret = house.sign_in()
    before = wallet(house, ada)
    running = house.submit(ada, count=2, model="illustrator")
    await house.hand_over()
    claim = house.claim(running.items[0].id)
    house.submit(ada, count=3)
    assert wallet(house, ada)[1] > 0
    eve = house.submit(house.member(name="Eve"))
    assert bridge.run(people.deactivate, root, ada.user_id) == 5
    assert {item.status for item in all_rows(GenerationItem) if item.user_id == ada.user_id} == {ItemStatus.canceled}
    assert {item.status for item in all_rows(GenerationItem) if item.generation_id == eve.id} <= {"queued"}
    assert wallet(house, ada) == before, "L3: everything that was held is back"
    assert not house.deliver(claim), "a late picture is dropped"
    assert wallet(house, ada) == before
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)
    with pytest.raises(SignInRequired, match="deactivated"):
        bridge.run(services.accounts.open_session, ada.user_id, user_agent="")
    (said,) = acts(Action.account_deactivated)
    assert (said.actor_id, said.subject_id, said.facts) == (root.user_id, ada.user_id, {"sessions": 1, "pictures": 5})


def test_t5_what_was_on_its_way_is_refused(people: People, root: Actor, ada: Actor, house: House) -> None:
    """Its event was let in just before."""
    studio = house.project(ada).id
    made = house.submit(ada, house.order(studio))
    bridge.run(people.deactivate, root, ada.user_id)
    with pytest.raises(NotPermitted, match="account_deactivated"):
        house.submit(ada, house.order(studio))
    with pytest.raises(NotPermitted, match="account_deactivated"):
        bridge.run(house.services.generations.try_again, ada, made.id)
    with pytest.raises(NotPermitted, match="account_deactivated"):
        bridge.run(house.services.operations.try_again, root, made.id)
    with pytest.raises(NotPermitted, match="account_deactivated"):
        house.photo(ada, studio)


def test_deactivated_twice_is_once_and_activated_again_is_as_before(
    people: People, root: Actor, ada: Actor, house: House, services: Services
) -> None:
    for _ in range(2):
        bridge.run(people.deactivate, root, ada.user_id)
    for _ in range(2):
        bridge.run(people.activate, root, ada.user_id)
    assert (len(acts(Action.account_deactivated)), len(acts(Action.account_activated))) == (1, 1)
    secret = bridge.run(services.accounts.open_session, ada.user_id, user_agent="")
    assert bridge.run(services.accounts.actor, secret).user_id == ada.user_id
    assert house.submit(ada).items


def test_t5_no_session_from_before_comes_back_with_the_account(
    people: People, root: Actor, house: House, services: Services
) -> None:
    ada, secret = house.sign_in()
    bridge.run(people.deactivate, root, ada.user_id)
    bridge.run(people.activate, root, ada.user_id)
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)


def test_nobody_deactivates_themself(people: People, root: Actor, other: Actor) -> None:
    """Nobody could let the last one in again, and of two it is the other's to decide."""
    for admin in (root, other):
        with pytest.raises(Conflict, match="own_account"):
            bridge.run(people.deactivate, admin, admin.user_id)


# ---- roles


def test_a_role_is_given_and_taken(people: People, root: Actor, house: House, services: Services) -> None:
    ada, secret = house.sign_in()
    for role in (Role.admin, Role.admin, Role.member):
        bridge.run(people.set_role, root, ada.user_id, role)
        assert bridge.run(services.accounts.actor, secret).role is role, "T5: from the next event on"
    assert [event.facts["role"] for event in acts(Action.role_changed)] == ["admin", "member"]
    for wrong in ("", "root", "ADMIN"):
        with pytest.raises(InvalidInput, match="role_unknown"):
            bridge.run(people.set_role, root, ada.user_id, wrong)


def test_t5_the_last_admin_keeps_the_role(people: People, root: Actor, ada: Actor, other: Actor) -> None:
    bridge.run(people.set_role, root, root.user_id, Role.member)
    assert row_of(root).role == Role.member, "there is another one"
    with pytest.raises(Conflict, match="last_admin"):
        bridge.run(people.set_role, other, other.user_id, Role.member)


def test_t5_a_deactivated_admin_does_not_count(people: People, root: Actor, other: Actor) -> None:
    bridge.run(people.deactivate, root, other.user_id)
    with pytest.raises(Conflict, match="last_admin"):
        bridge.run(people.set_role, root, root.user_id, Role.member)


DEMOTE, DEACTIVATE = "demote", "deactivate"


@pytest.mark.parametrize("how", [(DEMOTE, DEMOTE), (DEACTIVATE, DEACTIVATE), (DEMOTE, DEACTIVATE)], ids="+".join)
@pytest.mark.parametrize("whom", ["each other", "themselves"])
def test_t5_two_admins_at_once_leave_one(people: People, root: Actor, other: Actor, how: tuple[str, str], whom: str) -> None:
    victims = (other, root) if whom == "each other" else (root, other)

    def act(number: int) -> str:
        actor, victim = (root, other)[number], victims[number]
        if how[number] == DEMOTE:
            bridge.run(people.set_role, actor, victim.user_id, Role.member)
        else:
            bridge.run(people.deactivate, actor, victim.user_id)
        return ""

    answers = at_once(act, range(2))
    left = [row for row in all_rows(User) if row.role == Role.admin and row.state == AccountState.active]
    assert left, answers
    if whom == "each other":
        assert sorted(answers) == ["", "not_permitted"], "whoever came second was none any more"
    assert set(answers) <= {"", "not_permitted", "last_admin", "own_account"}


def test_t5_orders_that_race_with_the_deactivation_leave_nothing_behind(
    people: People, root: Actor, ada: Actor, house: House
) -> None:
    """Eight tabs order while an admin deactivates: what was taken is cancelled, what came later is refused."""
    studio = house.project(ada).id
    before = wallet(house, ada)
    start = threading.Barrier(9)

    def order(_: int) -> str:
        wanted = house.order(studio, count=2)
        start.wait()
        try:
            house.submit(ada, wanted)
        except NotPermitted as refused:
            return refused.key
        return ""

    def lock_out() -> str:
        start.wait()
        bridge.run(people.deactivate, root, ada.user_id)
        return "done"

    with ThreadPoolExecutor(9) as threads:
        orders = [threads.submit(order, number) for number in range(8)]
        assert threads.submit(lock_out).result() == "done"
        assert {made.result() for made in orders} <= {"", "account_deactivated"}
    assert set(statuses()) <= {ItemStatus.canceled}
    assert wallet(house, ada) == before


async def test_t5_deliveries_that_race_with_the_deactivation_neither_hang_nor_are_lost(
    people: People, root: Actor, ada: Actor, house: House
) -> None:
    """A worker that holds an item wants the wallet next; the deactivation wants both."""
    made = [house.submit(ada, count=4) for _ in range(2)]
    await house.hand_over()
    claims = [house.claim(item.id) for order in made for item in order.items]
    before = sum(wallet(house, ada))
    start = threading.Barrier(9)

    def deliver(number: int) -> bool:
        start.wait()
        return house.deliver(claims[number])

    def lock_out() -> int:
        start.wait()
        return bridge.run(people.deactivate, root, ada.user_id)

    with ThreadPoolExecutor(9) as threads:
        ends = [threads.submit(deliver, number) for number in range(8)]
        cancelled = threads.submit(lock_out).result()
        delivered = sum(end.result() for end in ends)
    assert cancelled + delivered == 8
    assert statuses().count(ItemStatus.canceled) == cancelled
    assert statuses().count(ItemStatus.succeeded) == delivered
    assert wallet(house, ada) == (before - delivered, 0), "the illustrator asks one credit for each"
