"""The hub brings every change to whoever has a tab open, with hints or without them (Q8), and to nobody else (T5)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services, install
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.local_stack.services import EmbeddedServices
from lumiku_web.ui import hub as module
from lumiku_web.ui.hub import Hub
from lumiku_web.ui.presence import Presence, presence
from tests.factories.house import House
from tests.factories.waiting import eventually


class Silent:
    """A doorbell whose every ring is lost."""

    def ring(self, user_id: UUID, sequence: int) -> None:
        return

    def session_ended(self, session_id: UUID) -> None:
        return


class Handed(Hub):
    """Keeps what it would write to the tabs."""

    def __init__(self) -> None:
        super().__init__()
        self.feeds: list[MemberFeed] = []

    def _hand_out(self, feed: MemberFeed, **_: object) -> None:
        presence.fed(feed.user_id, feed.sequence)
        self.feeds.append(feed)


@pytest.fixture
async def hub(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Handed]:
    """Looks by itself only after an hour, unless a test says otherwise."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 3600.0)
    made = Handed()
    tasks = [asyncio.create_task(made._listen()), asyncio.create_task(made._feed())]
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    vars(presence).update(vars(Presence()))


def open_tab(actor: Actor) -> None:
    presence.register(actor.user_id, actor.session_id, f"tab-of-{actor.name}")
    presence.loaded(actor.user_id, 0)


async def heard(hub: Handed, *sequences: int) -> None:
    async def all_of_them() -> bool:
        return {feed.sequence for feed in hub.feeds} >= set(sequences)

    await eventually(all_of_them)


async def test_q8_a_hint_brings_the_change_of_its_member_only(hub: Handed, house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    open_tab(ada)
    house.submit(eve)
    made = house.submit(ada)
    await heard(hub, 1)
    assert [(feed.user_id, [order.id for order in feed.orders]) for feed in hub.feeds] == [(ada.user_id, [made.id])]
    house.submit(ada)
    await heard(hub, 1, 2)
    assert len(hub.feeds) == 2, "each change once"


async def test_q8_hints_that_were_never_published_are_repaired(
    services: Services, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.LOOK_SECONDS <= 5, "as late as this may a lost hint make a change"
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    generations = replace(services.generations, doorbell=Silent())
    install(replace(services, generations=generations))
    hub = Handed()
    feeding = asyncio.create_task(hub._feed())
    try:
        ada = house.member()
        open_tab(ada)
        House(replace(services, generations=generations)).submit(ada)
        await heard(hub, 1)
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        vars(presence).update(vars(Presence()))


async def test_q8_after_a_lost_subscription_everything_is_looked_at_again(
    hub: Handed, house: House, stack: EmbeddedServices
) -> None:
    ada = house.member()
    open_tab(ada)
    house.submit(ada)
    await heard(hub, 1)
    stack.redis.stop()
    try:
        house.submit(ada)
    finally:
        stack.redis.start()
    await heard(hub, 2)


async def test_q8_what_is_no_hint_stops_nothing(hub: Handed, house: House, services: Services) -> None:
    ada = house.member()
    open_tab(ada)
    house.submit(ada)
    await heard(hub, 1)
    for data in (b"", b"{", b'{"user": 5}', b'{"user": []}', b"\xff"):
        services.doorbell._redis.publish("lumiku:changes", data)  # pyright: ignore[reportAttributeAccessIssue]  (not of the port)
    house.submit(ada)
    await heard(hub, 2)


async def test_q8_who_has_no_tab_open_costs_nothing(hub: Handed, house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    open_tab(ada)
    presence.unregister("tab-of-Ada")
    open_tab(eve)
    house.submit(ada)
    house.submit(eve)
    await heard(hub, 1)
    assert {feed.user_id for feed in hub.feeds} == {eve.user_id}


async def test_whoever_orders_moves_the_places_of_all(hub: Handed, house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    open_tab(ada)
    house.submit(ada)
    await heard(hub, 1)
    presence.stirred.clear()
    house.submit(eve)

    async def is_stirred() -> bool:
        return presence.stirred.is_set()

    await eventually(is_stirred)
    assert len(hub.feeds) == 1, "and is fed to nobody else"


async def test_news_of_what_runs_make_a_member_hope(hub: Handed, house: House, services: Services) -> None:
    ada = house.member()
    open_tab(ada)
    made = house.submit(ada)
    await heard(hub, 1)
    Hub._hand_out(hub, hub.feeds[0], since=0)
    assert presence.hoping == {ada.user_id}
    presence.hoping.clear()
    bridge.run(services.leases.cancel, ada, made.id)
    await heard(hub, 2)
    Hub._hand_out(hub, hub.feeds[-1], since=1)
    assert presence.hoping == set(), "what it was told before is taken back by the look that was due"


async def is_locked_out(tab: str) -> None:
    async def nobodys() -> bool:
        return presence.owner_of(tab) is None

    await eventually(nobodys)


async def test_t5_no_tab_of_whoever_is_deactivated_is_fed_any_more(hub: Handed, house: House, services: Services) -> None:
    root, ada = house.member(name="Root"), house.member()
    for person in (root, ada):
        open_tab(person)
    house.submit(root)
    await heard(hub, 1)
    house.submit(ada)
    bridge.run(services.people.deactivate, root, ada.user_id)
    await is_locked_out("tab-of-Ada")
    assert presence.owner_of("tab-of-Root") == (root.user_id, root.session_id)
    assert ada.user_id not in presence.marks


async def test_t5_a_session_that_ended_without_a_hint_is_noticed(
    services: Services, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Redis is away: the look that brings lost changes asks for it, too."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    people = replace(services.people, doorbell=Silent())
    hub = Handed()
    feeding = asyncio.create_task(hub._feed())
    try:
        root, ada = house.member(name="Root"), house.member()
        for person in (root, ada):
            open_tab(person)
        bridge.run(people.end_sessions, root, ada.user_id)
        await is_locked_out("tab-of-Ada")
        assert presence.owner_of("tab-of-Root"), "nobody else is"
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        vars(presence).update(vars(Presence()))
