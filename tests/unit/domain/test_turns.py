"""Whose turn it is, whatever Hypothesis makes of members, weights, routes and limits (Q4)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, count
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from lumiku_web.domain.generations.schemas import Active, Waiting
from lumiku_web.domain.generations.turns import Turns
from lumiku_web.domain.providers.schemas import RouteState

HEAVY = UUID(int=0)
PEOPLE = [UUID(int=number) for number in range(1, 11)]
ROUTES = ["hf dev", "hf schnell", "bfl dev"]

members = st.sampled_from([HEAVY, *PEOPLE[:4]])
orders = st.lists(st.tuples(members, st.sampled_from(ROUTES), st.integers(1, 5)), min_size=1, max_size=60)
limits = st.fixed_dictionaries({}, optional={route: st.integers(1, 4) for route in ROUTES})


@dataclass
class Studio:
    """A house in which every item takes some looks of the dispatcher."""

    member_limit: int = 1000
    limits: dict[str, int] = field(default_factory=dict[str, int])
    turns: Turns = field(default_factory=Turns)
    waiting: list[Waiting] = field(default_factory=list[Waiting])
    running: list[Waiting] = field(default_factory=list[Waiting])
    #: In the order of their turns.
    begun: list[Waiting] = field(default_factory=list[Waiting])
    ids: "count[int]" = field(default_factory=lambda: count(100))

    def order(self, user: UUID, number: int = 1, *, route: str = ROUTES[0], weight: int = 1) -> None:
        self.waiting += [Waiting(UUID(int=next(self.ids)), user, route, weight) for _ in range(number)]

    def look(self, room: int) -> list[Waiting]:
        known = {item.id: item for item in self.waiting}
        sums = Counter((item.user_id, item.route) for item in self.running)
        active = [Active(user, route, number, number) for (user, route), number in sums.items()]
        routes = {route: RouteState(route, concurrency_limit=limit) for route, limit in self.limits.items()}
        chosen = [
            known[one] for one in self.turns.choose(self.waiting, active, routes, room=room, member_limit=self.member_limit)
        ]
        self.begun += chosen
        self.running += chosen
        self.waiting = [item for item in self.waiting if item not in chosen]
        return chosen

    def finish(self, number: int | None = None) -> None:
        self.running = self.running[number:] if number is not None else []


def shares(items: Sequence[Waiting]) -> dict[UUID, float]:
    """Turns of each member, by weight."""
    spent: dict[UUID, float] = defaultdict(float)
    for item in items:
        spent[item.user_id] += 1 / item.weight
    return spent


@given(room=st.integers(1, 60), looks_before=st.integers(0, 5), ends=st.integers(1, 60))
@settings(max_examples=60)
def test_q4_who_orders_one_picture_starts_within_two_turns_of_who_ordered_a_thousand(
    room: int, looks_before: int, ends: int
) -> None:
    studio = Studio()
    studio.order(HEAVY, 1000)
    for _ in range(looks_before):
        studio.look(room)
        studio.finish(ends)
    before = len(studio.begun)
    for user in PEOPLE:
        studio.order(user)
    while any(item.user_id != HEAVY for item in studio.waiting):
        studio.look(room)
        studio.finish(ends)
    since = [item.user_id for item in studio.begun[before:]]
    assert all(since[: since.index(user)].count(HEAVY) <= 2 for user in PEOPLE)


@given(
    weights=st.lists(st.integers(1, 10), min_size=2, max_size=5),
    late=st.lists(st.integers(0, 40), min_size=5, max_size=5),
    room=st.integers(1, 7),
)
@settings(max_examples=60)
def test_q4_turns_are_shared_by_weight_from_the_moment_somebody_comes(weights: list[int], late: list[int], room: int) -> None:
    """The bound of the paper, from every moment on, between any two who wait all the time. Who was away gets no burst."""
    studio = Studio()
    came: dict[UUID, int] = {}
    for look in range(60):
        for user, weight, at in zip(PEOPLE, weights, late, strict=False):
            if at == look:
                came[user] = len(studio.begun)
                studio.order(user, 60 * room, weight=weight)
        studio.look(room)
        studio.finish()
    weight_of = dict(zip(PEOPLE, weights, strict=False))
    for (one, since), (other, as_well) in combinations(came.items(), 2):
        for begin in range(max(since, as_well), len(studio.begun), 7):
            spent = shares(studio.begun[begin:])
            assert abs(spent[one] - spent[other]) <= 1 / weight_of[one] + 1 / weight_of[other] + 1e-9


@given(wanted=orders, bounds=limits, member_limit=st.integers(1, 5), room=st.integers(1, 9), ends=st.integers(1, 4))
@settings(max_examples=150)
def test_q4_limits_hold_and_everybody_comes_to_his_turn(
    wanted: list[tuple[UUID, str, int]], bounds: dict[str, int], member_limit: int, room: int, ends: int
) -> None:
    studio = Studio(member_limit, bounds)
    for user, route, weight in wanted:
        studio.order(user, route=route, weight=weight)
    for _ in range(len(wanted) + 1):
        assert len(studio.look(room)) <= room
        assert max(Counter(item.user_id for item in studio.running).values(), default=0) <= member_limit
        running = Counter(item.route for item in studio.running)
        assert all(running[route] <= limit for route, limit in bounds.items())
        studio.finish(ends)
    assert studio.waiting == []
    for user in {user for user, _, _ in wanted}:
        for route in ROUTES:
            own = [item.id for item in studio.begun if (item.user_id, item.route) == (user, route)]
            assert own == sorted(own), "the oldest come first"


def test_q4_a_full_route_holds_up_nobody_who_asks_by_another() -> None:
    studio = Studio(limits={ROUTES[0]: 1})
    studio.order(HEAVY, 5, route=ROUTES[0])
    studio.order(HEAVY, 1, route=ROUTES[1])
    studio.order(PEOPLE[0], 1, route=ROUTES[2])
    assert sorted(item.route for item in studio.look(10)) == sorted(ROUTES)


def test_q4_who_has_all_that_one_may_have_gets_no_more_until_something_ends() -> None:
    studio = Studio(member_limit=2)
    studio.order(HEAVY, 5)
    assert [len(studio.look(10)), len(studio.look(10))] == [2, 0]
    studio.finish(1)
    assert len(studio.look(10)) == 1


def test_what_nobody_asks_for_any_more_is_forgotten() -> None:
    studio = Studio()
    for number in range(50):
        studio.order(UUID(int=1000 + number))
        studio.look(1)
        studio.finish()
    studio.look(1)
    assert len(studio.turns._spent) <= 1
