"""What is cancelled ends at once, whatever it was doing: its price goes back once, and nothing of it comes later (Q7, L5)."""

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from lumiku_web import bridge
from lumiku_web.adapters.queue_rq import RqQueue
from lumiku_web.adapters.redis_client import prompt_redis
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import Claim, GenerationRead, ItemStatus
from lumiku_web.domain.storage.sweeper import FileSweeper
from lumiku_web.errors import NotFound, Permanent, Transient
from lumiku_web.ids import new_id
from tests.factories.books import Books
from tests.factories.clockwork import end_lease
from tests.factories.house import House
from tests.factories.pictures import prepared
from tests.factories.reception import set_due
from tests.factories.rows import all_rows, count_of

ROUNDS = 12


def row(item_id: UUID) -> GenerationItem:
    return next(item for item in all_rows(GenerationItem) if item.id == item_id)


def cancel(leases: Leases, actor: Actor, order_id: UUID, item_id: UUID | None = None) -> GenerationRead:
    return bridge.run(leases.cancel, actor, order_id, item_id)


def statuses(order: GenerationRead) -> list[str]:
    return [item.status.value for item in order.items]


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def leases(services: Services, books: Books) -> Leases:
    return replace(services.leases, payments=books)


async def waiting(house: House, item_id: UUID) -> None:
    """Nobody has looked at it."""


async def handed_over(house: House, item_id: UUID) -> None:
    assert await house.hand_over() == 1


async def running(house: House, item_id: UUID) -> None:
    await handed_over(house, item_id)
    house.claim(item_id)


async def held_by_a_dead_worker(house: House, item_id: UUID) -> None:
    await running(house, item_id)
    end_lease(item_id)


async def waiting_for_another_attempt(house: House, item_id: UUID) -> None:
    await handed_over(house, item_id)
    busy = Transient("provider_busy", retry_after_seconds=60)
    assert bridge.run(house.services.leases.put_back, house.claim(item_id), busy)


STATES: list[Callable[[House, UUID], Awaitable[None]]] = [
    waiting,
    handed_over,
    running,
    held_by_a_dead_worker,
    waiting_for_another_attempt,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_q7_whatever_it_does_it_ends_at_once_and_its_price_goes_back_once(
    house: House, leases: Leases, books: Books, state: Callable[[House, UUID], Awaitable[None]]
) -> None:
    actor = house.member()
    made = house.submit(actor)
    (item,) = made.items
    await state(house, item.id)
    for _ in range(2):
        assert statuses(cancel(leases, actor, made.id)) == ["canceled"]
    ended = row(item.id)
    assert (ended.status, ended.lease_until, ended.not_before_at, ended.failure) == (ItemStatus.canceled, None, None, "")
    assert ended.finished_at is not None
    assert books.entries == [("release", item.id)]
    assert [event.action for event in all_rows(AuditEvent)].count("item_canceled") == 1
    assert bridge.run(leases.claim, item.id) is None
    assert await house.hand_over() == 0
    assert bridge.run(leases.repair, [item.id]) == 0


async def test_q7_a_job_that_waits_is_taken_out_of_the_queue(house: House, services: Services) -> None:
    actor = house.member()
    made = house.submit(actor, count=2)
    assert await house.hand_over() == 2
    first, second = (item.id for item in made.items)
    cancel(services.leases, actor, made.id, first)
    assert not services.queue.is_alive(first, 1)
    assert services.queue.is_alive(second, 1)


async def test_q7_what_is_cancelled_is_cancelled_while_redis_is_away(house: House, leases: Leases, books: Books) -> None:
    """The worker notices when it renews its leases; a job that is left over finds nothing to do."""
    actor = house.member()
    made = house.submit(actor)
    assert await house.hand_over() == 1
    away = replace(leases, queue=RqQueue(prompt_redis("redis://127.0.0.1:1")))
    assert statuses(cancel(away, actor, made.id)) == ["canceled"]
    assert bridge.run(leases.claim, made.items[0].id) is None
    assert books.entries == [("release", made.items[0].id)]


async def test_one_picture_is_cancelled_alone(house: House, leases: Leases, books: Books) -> None:
    actor = house.member()
    made = house.submit(actor, count=3)
    await house.hand_over()
    house.claim(made.items[1].id)
    assert statuses(cancel(leases, actor, made.id, made.items[1].id)) == ["queued", "canceled", "queued"]
    assert statuses(cancel(leases, actor, made.id, made.items[0].id)) == ["canceled", "canceled", "queued"]
    assert statuses(cancel(leases, actor, made.id)) == ["canceled"] * 3
    assert sorted(books.entries) == sorted(("release", item.id) for item in made.items)


async def test_what_has_ended_stays_as_it_is(house: House, leases: Leases, books: Books) -> None:
    actor = house.member()
    made = house.submit(actor, count=3)
    await house.hand_over()
    done, failed, open_one = made.items
    assert house.deliver(house.claim(done.id))
    bridge.run(house.services.leases.fail, house.claim(failed.id), Permanent("provider_refused"))
    for item_id in (done.id, failed.id, None):
        after = cancel(leases, actor, made.id, item_id)
    assert statuses(after) == ["succeeded", "failed", "canceled"]
    assert after.items[1].failure == "provider_refused"
    assert books.entries == [("release", open_one.id)]


async def test_every_tab_is_told(house: House, leases: Leases) -> None:
    actor = house.member()
    made = house.submit(actor, count=2)
    before = bridge.run(generations.recent, actor)[0]
    cancel(leases, actor, made.id, made.items[1].id)
    (news,) = bridge.run(generations.feed, {actor.user_id: before})
    assert [statuses(order) for order in news.orders] == [["queued", "canceled"]]
    cancel(leases, actor, made.id, made.items[1].id)
    assert bridge.run(generations.feed, {actor.user_id: news.sequence}) == [], "the second time nothing has changed"


WORDS_OF_A_LATE_WORKER: dict[str, Callable[[House, Leases, Claim], object]] = {
    "accepted": lambda _, leases, claim: bridge.run(leases.accepted, claim, "a ticket"),
    "about to store": lambda _, leases, claim: bridge.run(leases.about_to_store, claim),
    "renew": lambda _, leases, claim: bridge.run(leases.renew, {claim.item_id: claim.fence}),
    "deliver": lambda house, leases, claim: house.deliver(claim, leases=leases),
    "put back": lambda _, leases, claim: bridge.run(leases.put_back, claim, Transient("provider_busy")),
    "fail": lambda _, leases, claim: bridge.run(leases.fail, claim, Permanent("provider_refused")),
    "give back": lambda _, leases, claim: bridge.run(leases.give_back, claim),
}


@pytest.mark.parametrize("word", WORDS_OF_A_LATE_WORKER)
async def test_q7_a_worker_that_comes_late_can_say_nothing_more(house: House, leases: Leases, books: Books, word: str) -> None:
    actor = house.member()
    made = house.submit(actor)
    await house.hand_over()
    claim = house.claim(made.items[0].id)
    cancel(leases, actor, made.id)
    before = row(claim.item_id).model_dump()
    assert not WORDS_OF_A_LATE_WORKER[word](house, leases, claim)
    assert row(claim.item_id).model_dump() == before
    assert books.entries == [("release", claim.item_id)]
    assert count_of(Image) == 0


async def test_q7_a_picture_that_was_being_stored_leaves_no_file(house: House, services: Services) -> None:
    actor = house.member()
    made = house.submit(actor)
    await house.hand_over()
    claim = house.claim(made.items[0].id)
    assert bridge.run(services.leases.about_to_store, claim)
    cancel(services.leases, actor, made.id)
    gallery.store(services.storage, claim.user_id, claim.item_id, prepared())
    assert not bridge.run(services.leases.deliver, claim, prepared(), recipe={}, request_id="")
    set_due(timedelta(seconds=-1))
    await FileSweeper(bridge.call, services.storage, gallery.delete_ended_trash).once()
    assert list(services.storage.keys()) == []


async def test_q7_a_cancellation_and_four_deliveries_at_once_end_each_item_once(
    house: House, leases: Leases, books: Books
) -> None:
    """Real threads on real rows: whoever comes first has it, and the ledger hears of it once."""
    actor = house.member()
    seen: set[str] = set()
    with ThreadPoolExecutor(6) as threads:
        for number in range(ROUNDS):
            made = house.submit(actor, count=4)
            await house.hand_over()
            claims = [house.claim(item.id) for item in made.items]
            start = threading.Barrier(6)

            def deliver(claim: Claim, start: threading.Barrier = start) -> bool:
                start.wait(30)
                return house.deliver(claim, leases=leases)

            def stop(item_id: UUID | None, start: threading.Barrier = start, order_id: UUID = made.id) -> GenerationRead:
                start.wait(30)
                return cancel(leases, actor, order_id, item_id)

            delivered = [threads.submit(deliver, claim) for claim in claims]
            stopped = [threads.submit(stop, item_id) for item_id in (None, made.items[number % 4].id)]
            for one in stopped:
                one.result()
            ended = {item.id: item.status for item in all_rows(GenerationItem) if item.generation_id == made.id}
            assert [one.result() for one in delivered] == [ended[claim.item_id] == "succeeded" for claim in claims]
            seen |= set(ended.values())
    assert seen <= {"succeeded", "canceled"}
    word = {"succeeded": "capture", "canceled": "release"}
    assert sorted(books.entries) == sorted((word[item.status], item.id) for item in all_rows(GenerationItem))
    assert {image.id for image in all_rows(Image)} == {i.id for i in all_rows(GenerationItem) if i.status == "succeeded"}


async def test_q7_a_cancellation_and_a_claim_at_once_leave_nothing_running(house: House, leases: Leases, books: Books) -> None:
    actor = house.member()
    with ThreadPoolExecutor(2) as threads:
        for _ in range(ROUNDS):
            made = house.submit(actor)
            await house.hand_over()
            claimed = threads.submit(bridge.run, leases.claim, made.items[0].id)
            cancel(leases, actor, made.id)
            claimed.result()
    assert {item.status for item in all_rows(GenerationItem)} == {"canceled"}
    assert sorted(books.entries) == sorted(("release", item.id) for item in all_rows(GenerationItem))


async def test_q7_fifty_cancellations_at_once_are_one(house: House, leases: Leases, books: Books) -> None:
    actor = house.member()
    made = house.submit(actor, count=4)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: cancel(leases, actor, made.id), range(50)))
    assert {tuple(statuses(answer)) for answer in answers} == {("canceled",) * 4}
    assert sorted(books.entries) == sorted(("release", item.id) for item in made.items)


async def test_t8_nobody_cancels_somebody_elses_order_or_picture(house: House, leases: Leases, books: Books) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hers, another, his = house.submit(ada), house.submit(ada), house.submit(eve)
    asked = [
        (eve, hers.id, None),
        (eve, hers.id, hers.items[0].id),
        (eve, his.id, hers.items[0].id),
        (eve, new_id(), None),
        (ada, hers.id, another.items[0].id),
        (ada, hers.id, new_id()),
    ]
    for actor, order_id, item_id in asked:
        with pytest.raises(NotFound) as refused:
            cancel(leases, actor, order_id, item_id)
        assert (refused.value.key, refused.value.facts) == ("order_not_found", {})
    assert {item.status for item in all_rows(GenerationItem)} == {"queued"}
    assert books.entries == []
