"""What is told of a picture that is not there yet: its place is the dispatcher's, its time was measured, its reason is true."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import update

from lumiku_web import bridge
from lumiku_web.adapters.queue_rq import RqQueue
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.outlook import ORDERS, Outlook, Outlooks, Span, Why
from lumiku_web.domain.generations.schemas import Claim, GenerationRead
from lumiku_web.domain.generations.turns import Turns
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Permanent, Transient
from lumiku_web.ids import new_id
from tests.factories.house import House

ROUTE = "illustrator dicebear"


def look(*actors: Actor, capacity: int = 1, limit: int = 40) -> dict[UUID, Outlook]:
    return bridge.run(Outlooks(limit).look, [actor.user_id for actor in actors], capacity)


def only(actor: Actor, *, capacity: int = 1, limit: int = 40) -> Outlook:
    """Of the one picture that this member waits for."""
    (one,) = look(actor, capacity=capacity, limit=limit).values()
    return one


def placed(looked: dict[UUID, Outlook]) -> list[UUID]:
    """Those that wait, in the order of their places."""
    places = {item: one.place for item, one in looked.items() if one.place}
    assert sorted(places.values()) == list(range(1, len(places) + 1)), "each place once"
    return sorted(places, key=lambda item: places[item])


def items_of(*orders: GenerationRead) -> list[UUID]:
    return [item.id for order in orders for item in order.items]


def weigh(order: GenerationRead, weight: int) -> None:
    def write(uow: UnitOfWork) -> None:
        uow.session.execute(update(Generation).where(Generation.id == order.id).values(weight=weight))  # pyright: ignore[reportArgumentType]  (SQLModel)

    bridge.run(write)


def measured(actor: Actor, order: GenerationRead, *seconds: float, route: str = ROUTE) -> None:
    """Pictures that this member got by this route, each of which took so long."""

    def write(uow: UnitOfWork) -> None:
        now = utc_now()
        for position, took in enumerate(seconds, 100):
            uow.session.add(
                GenerationItem(
                    generation_id=order.id,
                    user_id=actor.user_id,
                    position=position,
                    seed=1,
                    route=route,
                    paid_with="house",
                    status="succeeded",
                    started_at=now - timedelta(seconds=took),
                    finished_at=now,
                    changed_sequence=1,
                )
            )

    bridge.run(write)


def send_elsewhere(actor: Actor) -> None:
    """Whatever this member waits for is made by another route."""

    def write(uow: UnitOfWork) -> None:
        hers = GenerationItem.user_id == actor.user_id
        uow.session.execute(update(GenerationItem).where(hers).values(route="another one"))  # pyright: ignore[reportArgumentType]  (SQLModel)

    bridge.run(write)


class Floor:
    """The queue and one worker that does one thing after the other."""

    def __init__(self, house: House, services: Services) -> None:
        assert isinstance(services.queue, RqQueue)
        self._house, self._services, self._queue = house, services, services.queue._queue
        self._turns = Turns()
        #: Handed over, in their order.
        self.handed: list[UUID] = []

    async def hand_over(self) -> None:
        await self._house.hand_over(capacity=1, turns=self._turns)
        self.handed += [item for job in self._queue.job_ids if (item := UUID(job.rpartition("-")[0])) not in self.handed]

    def begin_one(self) -> Claim:
        job = self._queue.job_ids[0]
        self._queue.remove(job)
        claim = bridge.run(self._services.leases.claim, UUID(job.rpartition("-")[0]))
        assert claim is not None
        return claim

    def end_one(self) -> None:
        bridge.run(self._services.leases.fail, self.begin_one(), Permanent("bug"))


@pytest.fixture
def floor(house: House, services: Services) -> Floor:
    return Floor(house, services)


async def test_places_are_the_order_in_which_the_dispatcher_hands_over(house: House, floor: Floor) -> None:
    """One turn of a member may stand elsewhere; who is first, and who comes after the crowd, must be true."""
    ada, eve, ivy = house.member(), house.member(name="Eve"), house.member(name="Ivy")
    orders = [*(house.submit(ada, count=4) for _ in range(3)), house.submit(eve, count=3), house.submit(ivy, count=4)]
    weigh(orders[-1], 2)
    for _ in range(3):
        await floor.hand_over()
        floor.end_one()
    gone, foreseen = list(floor.handed), placed(look(ada, eve, ivy))
    while len(floor.handed) < len(items_of(*orders)):
        floor.end_one()
        await floor.hand_over()
    in_queue = [item for item in gone if item in foreseen]
    happened = [*in_queue, *floor.handed[len(gone) :]]
    off = {happened.index(item) - place for place, item in enumerate(foreseen)}
    assert max(map(abs, off)) <= 2, f"{off}: at most one turn of each of the two others"


async def test_places_without_anything_in_flight_are_exact(house: House, floor: Floor) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    crowd, one = house.submit(ada, count=4), house.submit(eve)
    foreseen = placed(look(ada, eve))
    a, b, c, d = items_of(crowd)
    assert foreseen == [a, *items_of(one), b, c, d], "turn by turn, not first come first served"
    await floor.hand_over()
    assert floor.handed == foreseen


async def test_places_in_the_queue_are_those_of_the_queue_however_the_rows_lie(
    house: House, floor: Floor, owner_engine: Engine
) -> None:
    ada = house.member()
    crowd = items_of(house.submit(ada, count=4))
    with owner_engine.begin() as connection:
        for route in ("elsewhere", ROUTE):  # of an index: the row is written anew, behind the others
            move = text("UPDATE generation_items SET route = :route WHERE id = :id")
            connection.execute(move, {"route": route, "id": crowd[0]})
        connection.execute(text("ANALYZE generations, generation_items"))  # so small a table is read from end to end
    await floor.hand_over()
    assert floor.handed == placed(look(ada)) == crowd


async def test_what_is_in_the_queue_comes_first_and_what_runs_has_no_place(house: House, floor: Floor) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    crowd = items_of(house.submit(ada, count=4), house.submit(ada, count=4))
    await floor.hand_over()
    hers = items_of(house.submit(eve, count=2))
    floor.begin_one()
    looked = look(ada, eve)
    assert looked[crowd[0]].why is Why.running
    foreseen = placed(looked)
    assert foreseen == [*crowd[1:5], *hers, *crowd[5:]], "handed over before, then who has nothing in flight"
    for _ in foreseen:
        floor.end_one()
        await floor.hand_over()
    assert floor.handed[1:] == foreseen


def test_time_is_that_of_those_before_and_its_own(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    before = house.submit(ada, count=2)
    measured(ada, before, *(20.0 for _ in range(5)))
    house.submit(eve)
    assert (only(eve).place, only(eve).time) == (2, Span(40, 40)), "one turn and its own"
    assert only(eve, capacity=2).time == Span(20, 20), "there is room for both"


def test_time_is_as_vague_as_what_was_measured(house: House) -> None:
    ada = house.member()
    order = house.submit(ada)
    measured(ada, order, *(float(second) for second in range(10, 111)))  # a quarter within 35 s, half 60 s, nine of ten 100 s
    assert only(ada, capacity=5).time == Span(30, 120)


async def test_a_running_picture_says_how_long_such_a_one_takes(house: House, floor: Floor) -> None:
    ada = house.member()
    order = house.submit(ada)
    measured(ada, order, 12.0, 20.0, 41.0, 30.0)
    await floor.hand_over()
    floor.begin_one()
    assert (only(ada).why, only(ada).time) == (Why.running, Span(15, 40))


def test_nothing_is_promised_where_too_little_was_measured(house: House) -> None:
    ada = house.member()
    order = house.submit(ada)
    measured(ada, order, 20.0, 20.0)
    measured(ada, house.submit(house.member(name="Eve")), 20.0, 20.0, 20.0, route="another one")
    assert (only(ada).place, only(ada).time) == (1, None)


def test_times_are_read_again_after_a_while_only(house: House) -> None:
    ada = house.member()
    order = house.submit(ada)
    now = [0.0]
    outlooks = Outlooks(40, clock=lambda: now[0])

    def told() -> Span | None:
        (one,) = bridge.run(outlooks.look, [ada.user_id], 1).values()
        return one.time

    assert told() is None
    measured(ada, order, 20.0, 20.0, 20.0)
    now[0] = 29.0
    assert told() is None
    now[0] = 31.0
    assert told() is not None


def test_a_paused_route_keeps_its_items_and_takes_nobodys_place(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    house.submit(ada)
    bridge.run(routes.pause, ROUTE)
    assert only(ada).why is Why.paused
    house.submit(eve)
    send_elsewhere(eve)
    assert only(eve).place == 1
    bridge.run(routes.pause, EVERYTHING)
    assert only(eve).why is Why.paused


def test_a_slowed_route_says_when_it_goes_on(house: House) -> None:
    ada = house.member()
    house.submit(ada)
    bridge.run(routes.slow, ROUTE, "provider_busy", seconds=59.0, in_flight=4)
    assert (only(ada).why, only(ada).time, only(ada).place) == (Why.slowed, Span(60, 60), None)


async def test_what_failed_says_when_it_is_tried_again(house: House, floor: Floor, services: Services) -> None:
    ada = house.member()
    house.submit(ada)
    await floor.hand_over()
    wrong = Transient("provider_failed", retry_after_seconds=19.5)
    assert bridge.run(services.leases.put_back, floor.begin_one(), wrong)
    assert (only(ada).why, only(ada).time) == (Why.attempt, Span(20, 20))


def test_without_a_worker_no_place_is_told(house: House) -> None:
    ada = house.member()
    house.submit(ada)
    assert (only(ada, capacity=0).why, only(ada, capacity=0).place) == (Why.no_worker, None)


async def test_who_has_as_much_in_flight_as_allowed_is_told_so_and_stands_in_nobodys_way(house: House, floor: Floor) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hers = house.submit(ada, count=4)
    measured(ada, hers, *(20.0 for _ in range(3)))
    looked = look(ada, capacity=50, limit=2)
    assert [looked[item].why for item in items_of(hers)] == [Why.turn, Why.turn, Why.member_limit, Why.member_limit]
    assert looked[items_of(hers)[3]] == Outlook(ada.user_id, hers.id, Why.member_limit, None, 2, Span(40, 40))
    await floor.hand_over()
    house.submit(eve)
    assert only(eve, limit=4).place == len(floor.handed) + 1


async def test_a_route_at_its_limit_is_told_with_the_place_before_it(house: House, floor: Floor) -> None:
    ada = house.member()
    hers = house.submit(ada, count=4)
    measured(ada, hers, *(20.0 for _ in range(3)))
    bridge.run(routes.limit, ROUTE, 1)
    await floor.hand_over()
    floor.begin_one()
    looked = look(ada, capacity=50)
    told = [(looked[item].why, looked[item].place, looked[item].count) for item in items_of(hers)]
    assert told == [(Why.running, None, 0), *((Why.route_limit, place, 1) for place in (1, 2, 3))]
    assert looked[items_of(hers)[2]].time == Span(60, 60)
    eve = house.member(name="Eve")
    others = house.submit(eve, count=4)
    send_elsewhere(eve)
    assert placed(look(eve, capacity=50)) == items_of(others), "what its route keeps from its turn stands in nobody's way"


def test_only_the_newest_orders_of_those_who_ask_are_told(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    studio = house.project(ada).id
    orders = [house.submit(ada, house.order(studio, key=new_id())) for _ in range(ORDERS + 2)]
    house.submit(eve)
    looked = look(ada)
    assert {one.order_id for one in looked.values()} == {order.id for order in orders[-ORDERS:]}
    assert {one.user_id for one in looked.values()} == {ada.user_id}


def test_who_waits_for_nothing_is_told_nothing(house: House) -> None:
    assert look(house.member()) == {}
