"""Whose turn it is: start-time fair queueing over members.

Each turn of a member costs `1 / weight`, and who has spent the least is next. Who was away gets no turns for that time, and who
comes new is not behind anybody by more than one turn. Goyal, Vin, Cheng: "Start-time Fair Queuing", SIGCOMM 1996.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lumiku_web.domain.generations.schemas import Active, Waiting
from lumiku_web.domain.providers.schemas import RouteState


@dataclass
class Turns:
    """Remembers what everybody has spent since this process leads. Forgotten with it: everybody begins anew then."""

    _now: float = 0.0
    _spent: dict[UUID, float] = field(default_factory=dict[UUID, float])

    def choose(
        self,
        waiting: Sequence[Waiting],
        active: Collection[Active],
        routes: Mapping[str, RouteState],
        *,
        room: int,
        member_limit: int,
    ) -> list[UUID]:
        """At most `room` items in the order of their turns. No member and no route gets more in flight than its limit.

        `waiting`: of each member and route the oldest come first. Those that are chosen count as having had their turn.
        """
        of_member, of_route = _sums(active)
        queues: dict[UUID, list[Waiting]] = defaultdict(list)
        for item in sorted(waiting, key=lambda item: item.id, reverse=True):
            queues[item.user_id].append(item)
        self._spent = {user: spent for user, spent in self._spent.items() if user in queues or user in of_member}
        order = [(self._start(user), of_member[user], queue[-1].id, user) for user, queue in queues.items()]
        heapq.heapify(order)
        chosen: list[UUID] = []
        while order and len(chosen) < room:
            start, _, _, user = heapq.heappop(order)
            item = _next(queues[user], of_route, routes) if of_member[user] < member_limit else None
            if item is None:
                continue
            chosen.append(item.id)
            of_member[user] += 1
            of_route[item.route] += 1
            self._now = max(self._now, start)
            self._spent[user] = start + 1 / item.weight
            if queues[user]:
                heapq.heappush(order, (self._spent[user], of_member[user], queues[user][-1].id, user))
        return chosen

    def _start(self, user: UUID) -> float:
        return max(self._spent.get(user, 0.0), self._now)


def _sums(active: Collection[Active]) -> tuple[dict[UUID, int], dict[str, int]]:
    of_member: dict[UUID, int] = defaultdict(int)
    of_route: dict[str, int] = defaultdict(int)
    for some in active:
        of_member[some.user_id] += some.count
        of_route[some.route] += some.count
    return of_member, of_route


def _next(queue: list[Waiting], of_route: Mapping[str, int], routes: Mapping[str, RouteState]) -> Waiting | None:
    """The member's oldest item whose route has room. Those before it can't have a turn now, and leave the list."""
    while queue:
        item = queue.pop()
        limit = routes[item.route].limit if item.route in routes else None
        if limit is None or of_route[item.route] < limit:
            return item
    return None
