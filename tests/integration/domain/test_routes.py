"""What is known of a route."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import RouteState

KEY = "bfl flux-2-pro"


def state() -> RouteState:
    return bridge.run(routes.states)[KEY]


@pytest.fixture(autouse=True)
def _house(services: Services) -> None:
    """Everything here needs one."""


def test_a_route_of_which_nothing_is_known_has_no_row() -> None:
    bridge.run(routes.answered, KEY)
    assert bridge.run(routes.states) == {}


def test_a_pause_begins_once() -> None:
    bridge.run(routes.pause, KEY)
    first = state().paused_at
    bridge.run(routes.pause, KEY)
    assert first is not None
    assert state().paused_at == first


def test_a_pause_and_its_end_leave_the_bound_of_the_admin() -> None:
    bridge.run(routes.limit, KEY, 3)
    bridge.run(routes.slow, KEY, "provider_busy", seconds=60, in_flight=8)
    bridge.run(routes.pause, KEY)
    assert state().limit == 3
    bridge.run(routes.resume, KEY)
    assert state() == RouteState(KEY, concurrency_limit=3)


def test_the_lower_bound_counts() -> None:
    bridge.run(routes.limit, KEY, 3)
    bridge.run(routes.slow, KEY, "provider_busy", seconds=60, in_flight=4)
    assert state().limit == 2
    bridge.run(routes.limit, KEY, None)
    assert (state().concurrency_limit, state().limit) == (None, 2)


def test_a_longer_rest_and_a_lower_number_stay() -> None:
    bridge.run(routes.slow, KEY, "model_loading", seconds=300, in_flight=4)
    before = state()
    bridge.run(routes.slow, KEY, "provider_busy", seconds=1, in_flight=40)
    after = state()
    assert (after.slowed_until, after.allowed, after.slow_reason) == (before.slowed_until, 2, "provider_busy")
    assert not after.is_closed(utc_now() + timedelta(hours=1))


def test_a_route_that_answers_again_and_again_is_free_in_the_end() -> None:
    bridge.run(routes.slow, KEY, "provider_busy", seconds=1, in_flight=1)
    grown = [state().allowed]
    while grown[-1] is not None:
        bridge.run(routes.answered, KEY)
        grown.append(state().allowed)
    assert grown == [*range(1, routes.FREE_FROM), None]


@pytest.mark.parametrize("change", ["concurrency_limit = 0", "allowed = 0", "key = repeat('x', 301)"])
def test_l10_the_database_itself_refuses_what_makes_no_sense(owner_engine: Engine, change: str) -> None:
    bridge.run(routes.limit, KEY, 1)
    with owner_engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"UPDATE provider_routes SET {change}"))  # noqa: S608 (our own table)
