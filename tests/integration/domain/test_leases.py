"""One item in a worker: whoever claims it last is the only one who may say how it ended."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations.models import GenerationItem
from lumiku_web.domain.generations.schemas import Claim
from lumiku_web.errors import Permanent, Transient
from tests.factories.books import Books
from tests.factories.clockwork import end_lease, make_due
from tests.factories.house import House
from tests.factories.pictures import prepared
from tests.factories.rows import all_rows, count_of

FAILED = Transient("provider_failed", retry_after_seconds=30)
BUSY = Transient("provider_busy", retry_after_seconds=30)
REFUSED = Permanent("provider_refused")


def row(item_id: UUID) -> GenerationItem:
    return next(item for item in all_rows(GenerationItem) if item.id == item_id)


@pytest.fixture
def item(house: House) -> UUID:
    return house.dispatch(house.submit(house.member()).items[0].id)


def deliver(services: Services, claim: Claim) -> bool:
    return House(services).deliver(claim, recipe={"seed": 7}, request_id="r-1")


ENDS: dict[str, Callable[[Services, Claim], object]] = {
    "deliver": deliver,
    "put_back": lambda services, claim: bridge.run(services.leases.put_back, claim, FAILED),
    "put_back_slowed": lambda services, claim: bridge.run(services.leases.put_back, claim, BUSY),
    "fail": lambda services, claim: bridge.run(services.leases.fail, claim, REFUSED),
    "give_back": lambda services, claim: bridge.run(services.leases.give_back, claim),
}


def test_a_claim_takes_the_item_for_one_attempt(house: House, item: UUID) -> None:
    claim = house.claim(item)
    assert (claim.attempt, row(item).status, row(item).attempt) == (1, "running", 1)
    assert row(item).lease_until is not None
    assert bridge.run(house.services.leases.claim, item) is None


def test_q1_twenty_workers_that_claim_one_item_at_once_get_one_claim(services: Services, item: UUID) -> None:
    start = threading.Barrier(20)

    def claim(_: int) -> Claim | None:
        start.wait()
        return bridge.run(services.leases.claim, item)

    with ThreadPoolExecutor(20) as threads:
        claims = [claim for claim in threads.map(claim, range(20)) if claim]
    assert [claim.attempt for claim in claims] == [1]
    assert row(item).attempt == 1


def test_q1_twenty_workers_that_take_over_one_lost_item_get_one_claim(house: House, services: Services, item: UUID) -> None:
    house.claim(item)
    end_lease(item)
    assert bridge.run(services.leases.claim, item) is None, "the sweeper takes it back, and nobody else"
    house.dispatch(item)
    with ThreadPoolExecutor(20) as threads:
        claims = [claim for claim in threads.map(lambda _: bridge.run(services.leases.claim, item), range(20)) if claim]
    assert [claim.attempt for claim in claims] == [2]


def test_delivery_ends_the_item_with_its_picture(house: House, services: Services, item: UUID) -> None:
    claim = house.claim(item)
    assert deliver(services, claim)
    ended, (image,) = row(item), all_rows(Image)
    assert (ended.status, ended.lease_until, ended.provider_request_id) == ("succeeded", None, "r-1")
    assert ended.finished_at is not None
    assert (image.id, image.user_id, image.recipe) == (item, claim.user_id, {"seed": 7})
    assert image.changed_sequence == ended.changed_sequence


@pytest.mark.parametrize("late", ENDS)
def test_q1_an_attempt_whose_lease_was_taken_over_can_say_nothing_more(
    house: House, services: Services, item: UUID, late: str
) -> None:
    first = house.claim(item)
    end_lease(item)
    second = house.claim(item)
    before = row(item)
    assert not ENDS[late](services, first)
    assert bridge.run(services.leases.renew, {item: first.fence}) == set()
    assert row(item) == before
    assert deliver(services, second)
    assert not ENDS[late](services, first)
    assert row(item).status == "succeeded"
    assert count_of(Image) == 1


@pytest.mark.parametrize("late", ENDS)
def test_q1_an_attempt_that_was_given_back_can_say_nothing_more(house: House, services: Services, item: UUID, late: str) -> None:
    first = house.claim(item)
    bridge.run(services.leases.give_back, first)
    second = house.claim(item)
    assert second.attempt == first.attempt, "an attempt that was given back does not count"
    before = row(item)
    assert not ENDS[late](services, first)
    assert bridge.run(services.leases.renew, {item: first.fence}) == set()
    assert row(item) == before
    assert bridge.run(services.leases.renew, {item: second.fence}) == {item}


@pytest.mark.parametrize("again", ENDS)
@pytest.mark.parametrize("end", ["deliver", "fail"])
def test_q1_what_has_ended_has_ended(house: House, services: Services, item: UUID, end: str, again: str) -> None:
    claim = house.claim(item)
    assert ENDS[end](services, claim)
    before = row(item)
    assert not ENDS[again](services, claim)
    assert bridge.run(services.leases.claim, item) is None
    assert row(item) == before


def test_q5_put_back_waits_as_long_as_the_provider_asked(house: House, services: Services, item: UUID) -> None:
    claim = house.claim(item)
    assert bridge.run(services.leases.put_back, claim, FAILED)
    waiting = row(item)
    assert (waiting.status, waiting.failure, waiting.failure_facts) == ("queued", "provider_failed", {"seconds": 30})
    house.dispatch(item)
    assert bridge.run(services.leases.claim, item) is None, "not due yet"
    make_due(item)
    assert house.claim(item).attempt == 2


def test_q7_put_back_for_the_last_time_is_the_end(house: House, services: Services, item: UUID) -> None:
    for attempt in range(1, 4):
        claim = house.claim(item)
        assert (claim.attempt, claim.max_attempts) == (attempt, 3)
        assert bridge.run(services.leases.put_back, claim, FAILED)
        if attempt < 3:
            make_due(item)
    assert (row(item).status, row(item).failure) == ("failed", "provider_failed")
    assert bridge.run(services.leases.claim, item) is None


def test_q7_what_was_given_back_waits_for_its_next_turn_and_the_attempt_does_not_count(
    house: House, services: Services, item: UUID
) -> None:
    for dispatch in range(1, 6):
        claim = house.claim(item)
        assert (claim.attempt, claim.dispatch) == (1, dispatch)
        bridge.run(services.leases.give_back, claim)
        assert (row(item).status, row(item).dispatched_at) == ("queued", None)
        assert bridge.run(services.leases.claim, item) is None, "a job of before must not claim it under the same fence"


def test_q3_the_ticket_of_one_attempt_is_the_next_ones(house: House, services: Services, item: UUID) -> None:
    first = house.claim(item)
    assert first.ticket == ""
    assert bridge.run(services.leases.accepted, first, '{"id": "1"}\n')
    bridge.run(services.leases.put_back, first, FAILED)
    make_due(item)
    second = house.claim(item)
    assert second.ticket == '{"id": "1"}\n'
    end_lease(item)
    assert house.claim(item).ticket == second.ticket


def test_q3_a_ticket_of_another_route_is_worth_nothing(house: House, services: Services, item: UUID) -> None:
    claim = house.claim(item)
    elsewhere = replace(claim, model=claim.model.model_copy(update={"provider_model": "another"}))
    assert bridge.run(services.leases.accepted, elsewhere, "1")
    bridge.run(services.leases.give_back, claim)
    assert house.claim(item).ticket == ""


@pytest.mark.parametrize("end", ENDS)
def test_q1_an_attempt_that_has_ended_keeps_no_ticket(house: House, services: Services, item: UUID, end: str) -> None:
    claim = house.claim(item)
    assert bridge.run(services.leases.accepted, claim, "first")
    before = row(item).provider_ticket
    ENDS[end](services, claim)
    assert not bridge.run(services.leases.accepted, claim, "late")
    assert row(item).provider_ticket == before


def test_what_a_picture_cost_is_kept_with_its_item(house: House, services: Services) -> None:
    costs = (None, 25_000)
    items = [item.id for item in house.submit(house.member(), count=2).items]
    for item, cost in zip(items, costs, strict=True):
        claim = house.claim(item)
        bridge.run(services.leases.about_to_store, claim)
        facts = {"recipe": {}, "request_id": "", "cost_microusd": cost}
        assert bridge.run(services.leases.deliver, claim, prepared(), **facts)
    assert [row(item).provider_cost_microusd for item in items] == list(costs)


def test_a_failure_keeps_the_facts_of_its_sentence(house: House, services: Services, item: UUID) -> None:
    claim = house.claim(item)
    bridge.run(services.leases.fail, claim, Permanent("model_unknown", detail="404: no", model="x", odd=object()))
    assert (row(item).failure, row(item).failure_facts) == ("model_unknown", {"model": "x"})


def test_l5_each_item_is_captured_or_released_once_and_never_both(house: House, services: Services) -> None:
    books = Books()
    leases = replace(services.leases, payments=books)
    items = [item.id for item in house.submit(house.member(), count=4).items]
    claims = [house.claim(item) for item in items]
    for claim in claims[:3]:
        for _ in range(2):
            house.deliver(claim, leases=leases)
    for _ in range(2):
        bridge.run(leases.fail, claims[3], REFUSED)
    assert sorted(books.entries) == sorted([*(("capture", item) for item in items[:3]), ("release", items[3])])


def test_two_sweepers_number_the_changes_of_two_members_in_one_order(house: House, services: Services) -> None:
    rung: list[UUID] = []

    class Bell:
        def ring(self, user_id: UUID, sequence: int) -> None:
            rung.append(user_id)

        def session_ended(self, session_id: UUID) -> None:
            raise AssertionError

    ada, eve = house.member(), house.member(name="Eve")
    items = [house.submit(actor).items[0].id for actor in (eve, ada, eve, ada)]
    for item in items:
        house.claim(item)
        end_lease(item)
    assert bridge.run(replace(services.leases, doorbell=Bell()).repair, items) == 4
    assert rung == sorted([ada.user_id, ada.user_id, eve.user_id, eve.user_id])


def test_renewing_prolongs_only_what_is_held(house: House, services: Services) -> None:
    held, ended, waiting = (item.id for item in house.submit(house.member(), count=3).items)
    claims = {item: house.claim(item) for item in (held, ended)}
    deliver(services, claims[ended])
    end_lease(held)
    fences = {item: claim.fence for item, claim in claims.items()}
    assert bridge.run(services.leases.renew, {**fences, waiting: (0, 1)}) == {held}
    assert bridge.run(services.leases.repair, [held]) == 0, "its lease runs again"
    assert bridge.run(services.leases.renew, {}) == set()


def test_q1_a_lease_that_was_taken_over_is_not_prolonged(house: House, services: Services) -> None:
    (item,) = house.submit(house.member()).items
    first = house.claim(item.id)
    end_lease(item.id)
    second = house.claim(item.id)
    assert bridge.run(services.leases.renew, {item.id: first.fence}) == set()
    assert bridge.run(services.leases.renew, {item.id: second.fence}) == {item.id}
    bridge.run(services.leases.give_back, second)
    third = house.claim(item.id)
    assert bridge.run(services.leases.renew, {item.id: second.fence}) == set()
    assert bridge.run(services.leases.renew, {item.id: third.fence}) == {item.id}
