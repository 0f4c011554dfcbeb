"""What changed for a member since a mark: complete, of one moment, and nobody else's (Q8)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from redis import Redis

from lumiku_web import bridge
from lumiku_web.adapters.doorbell_redis import CHANNEL, Hint, read_hint
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.schemas import MemberFeed
from lumiku_web.domain.notifications.service import record_change, sequences
from lumiku_web.ids import new_id
from lumiku_web.local_stack.services import EmbeddedServices
from tests.factories.house import House
from tests.factories.waiting import wait_for


def feed(*members: Actor, mark: int = 0) -> dict[UUID, MemberFeed]:
    return {one.user_id: one for one in bridge.run(generations.feed, {member.user_id: mark for member in members})}


def sequence_of(actor: Actor) -> int:
    return bridge.run(sequences, [actor.user_id])[actor.user_id]


def deliver(services: Services, house: House, item_id: UUID) -> None:
    assert house.deliver(house.claim(item_id))


def test_q8_every_change_of_a_member_has_the_next_number(house: House, services: Services) -> None:
    actor = house.member()
    assert sequence_of(actor) == 0
    project = house.project(actor)
    order = house.submit(actor, house.order(project.id))
    assert sequence_of(actor) == 1
    deliver(services, house, order.items[0].id)
    assert sequence_of(actor) == 3
    house.photo(actor, project.id)
    assert sequence_of(actor) == 4


def test_q8_a_mark_brings_what_came_after_it_and_nothing_else(house: House, services: Services) -> None:
    actor = house.member()
    project = house.project(actor)
    old = house.submit(actor, house.order(project.id))
    before = sequence_of(actor)
    new = house.submit(actor, house.order(project.id, count=2))
    deliver(services, house, new.items[1].id)
    photo = house.photo(actor, project.id)
    news = feed(actor, mark=before)[actor.user_id]
    assert [order.id for order in news.orders] == [new.id]
    assert [item.image.id for item in news.orders[0].items if item.image] == [new.items[1].id]
    assert [image.id for image in news.pictures] == [new.items[1].id, photo]
    assert news.sequence == sequence_of(actor)
    assert old.id not in {order.id for order in news.orders}


def test_q8_a_stale_mark_brings_everything_whole(house: House, services: Services) -> None:
    actor = house.member()
    project = house.project(actor)
    orders = [house.submit(actor, house.order(project.id, count=2)) for _ in range(3)]
    photos = [house.photo(actor, project.id) for _ in range(2)]
    news = feed(actor, mark=0)[actor.user_id]
    assert [order.id for order in news.orders] == [order.id for order in reversed(orders)]
    assert all(len(order.items) == 2 for order in news.orders)
    assert [image.id for image in news.pictures] == photos


def test_q8_who_is_up_to_date_hears_nothing(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    house.submit(ada)
    assert feed(ada, mark=sequence_of(ada)) == {}
    assert set(feed(ada, eve)) == {ada.user_id}
    assert bridge.run(generations.feed, {}) == []
    assert bridge.run(generations.feed, {new_id(): 0}) == []


def test_t8_q8_one_read_for_many_keeps_members_apart(house: House, services: Services) -> None:
    members = [house.member(name=f"Member{n}") for n in range(4)]
    hers = {m.user_id: house.submit(m).id for m in members}
    photos = {m.user_id: house.photo(m, house.project(m).id) for m in members}
    news = feed(*members)
    assert {user: [order.id for order in one.orders] for user, one in news.items()} == {u: [o] for u, o in hers.items()}
    assert {user: [image.id for image in one.pictures] for user, one in news.items()} == {u: [p] for u, p in photos.items()}


def test_q8_the_number_and_the_orders_are_of_one_moment(house: House, services: Services) -> None:
    actor = house.member()
    order = house.submit(actor)
    read, go_on = threading.Event(), threading.Event()

    class Halting(UnitOfWork):
        """Waits after its first read until somebody else has committed."""

        def snapshot(self) -> None:
            super().snapshot()
            assert sequences(self, [actor.user_id]) == {actor.user_id: 1}
            read.set()
            assert go_on.wait(60)

    def look() -> tuple[int, str]:
        from sqlmodel import Session

        with Session(services.engine) as session:
            sequence, orders = generations.recent(Halting(session), actor)
            return sequence, orders[0].items[0].status

    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look)
        assert read.wait(60)
        deliver(services, house, order.items[0].id)
        go_on.set()
        assert looking.result(60) == (1, "queued")
    assert bridge.run(generations.recent, actor)[0] == 3


def test_q8_numbers_become_visible_in_their_order(house: House, services: Services) -> None:
    """A later number is never committed before an earlier one: otherwise a mark would jump over a change."""
    actor = house.member()
    project = house.project(actor)
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        mark = 0
        while not done.is_set():
            for one in bridge.run(generations.feed, {actor.user_id: mark}):
                mark = one.sequence
                seen.extend(1 for _ in one.orders)

    with ThreadPoolExecutor(9) as threads:
        looking = threads.submit(look)
        made = list(threads.map(lambda _: house.submit(actor, house.order(project.id)).id, range(40)))
        wait_for(lambda: len(seen) >= len(made), what="every order in the feed")
        done.set()
        looking.result(60)
    assert len(seen) == len(set(made)) == 40


def test_recent_forgets_what_ended_long_ago_and_keeps_what_runs(house: House, services: Services) -> None:
    from tests.factories.clockwork import end_long_ago

    actor = house.member()
    ended, running = house.submit(actor), house.submit(actor)
    deliver(services, house, ended.items[0].id)
    assert [order.id for order in bridge.run(generations.recent, actor)[1]] == [running.id, ended.id]
    end_long_ago(ended.items[0].id)
    assert [order.id for order in bridge.run(generations.recent, actor)[1]] == [running.id]


def test_q8_the_doorbell_rings_after_the_commit_with_ids_only(house: House, stack: EmbeddedServices) -> None:
    actor = house.member()
    client = Redis.from_url(stack.redis_url)
    with client.pubsub(ignore_subscribe_messages=False) as channel:
        channel.subscribe(CHANNEL)
        assert wait_for(lambda: channel.get_message(timeout=1))["type"] == "subscribe"
        house.submit(actor, params={"words": "my secret wish"})
        message = wait_for(lambda: channel.get_message(timeout=1))
        assert read_hint(message["data"]) == Hint(user_id=actor.user_id)
        assert b"secret" not in message["data"]
    client.close()


def test_q8_a_change_that_is_rolled_back_rings_for_nobody(house: House, services: Services, stack: EmbeddedServices) -> None:
    undone, done = house.member(), house.member()

    def change_and_break(uow: UnitOfWork) -> None:
        record_change(uow, services.doorbell, undone.user_id)
        raise RuntimeError("power cut")

    with Redis.from_url(stack.redis_url) as client, client.pubsub() as channel:
        channel.subscribe(CHANNEL)
        assert wait_for(lambda: channel.get_message(timeout=1))["type"] == "subscribe"
        with pytest.raises(RuntimeError, match="power cut"):
            bridge.run(change_and_break)
        house.submit(done)
        assert read_hint(wait_for(lambda: channel.get_message(timeout=1))["data"]) == Hint(user_id=done.user_id)
