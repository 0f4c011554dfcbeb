"""Rules of an order that need no database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.domain.catalog.schemas import AppManifest, JobKind, Params
from lumiku_web.domain.generations.policy import (
    BACK_OFF,
    COUNT_MAX,
    SEED_MAX,
    check_order,
    item_seed,
    request_hash,
    wait_before_retry,
)
from lumiku_web.domain.generations.schemas import Order
from lumiku_web.errors import InvalidInput
from lumiku_web.ids import new_id


class Wanted(Params):
    words: str = ""


KIND = JobKind("portrait", Wanted)
APP = AppManifest("some-app", "t", "s", "i", 1, (KIND,))
ORDER = Order(new_id(), new_id(), APP, KIND, Wanted(words="a baker"), "a baker", 1, 7, "flux-dev")


@pytest.mark.parametrize("count", [1, COUNT_MAX])
def test_counts_within_bounds_pass(count: int) -> None:
    check_order(replace(ORDER, count=count))


@pytest.mark.parametrize("count", [0, -1, COUNT_MAX + 1, 10**30, True, 1.5, "2", None])
def test_l10_any_other_count_is_refused(count: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_order(replace(ORDER, count=count))
    assert (refused.value.key, refused.value.field) == ("count_out_of_range", "count")


@pytest.mark.parametrize("seed", [0, SEED_MAX])
def test_seeds_within_bounds_pass(seed: int) -> None:
    check_order(replace(ORDER, seed=seed))


@pytest.mark.parametrize("seed", [-1, SEED_MAX + 1, True, 0.5, "7", None])
def test_l10_any_other_seed_is_refused(seed: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_order(replace(ORDER, seed=seed))
    assert (refused.value.key, refused.value.field) == ("seed_out_of_range", "seed")


@given(st.integers(0, SEED_MAX), st.integers(1, COUNT_MAX))
def test_pictures_of_one_order_have_different_seeds_within_bounds(seed: int, count: int) -> None:
    seeds = [item_seed(replace(ORDER, seed=seed), position) for position in range(count)]
    assert seeds[0] == seed
    assert len(set(seeds)) == count
    assert all(0 <= one <= SEED_MAX for one in seeds)


OTHER_WISHES: dict[str, Callable[[Order], Order]] = {
    "project": lambda o: replace(o, project_id=new_id()),
    "app": lambda o: replace(o, app=replace(o.app, slug="other-app")),
    "kind": lambda o: replace(o, kind=replace(o.kind, name="other")),
    "words": lambda o: replace(o, params=Wanted(words="a butcher")),
    "version": lambda o: replace(o, params=Wanted(words="a baker", version=2)),
    "count": lambda o: replace(o, count=2),
    "seed": lambda o: replace(o, seed=8),
    "model": lambda o: replace(o, model="flux-schnell"),
}


@pytest.mark.parametrize("what", OTHER_WISHES)
def test_l7_whatever_is_paid_for_makes_another_wish(what: str) -> None:
    assert request_hash(OTHER_WISHES[what](ORDER)) != request_hash(ORDER)


def test_l7_the_same_wish_is_the_same_whatever_its_key_and_card() -> None:
    assert request_hash(replace(ORDER, key=new_id(), title="other words on the card")) == request_hash(ORDER)


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 1), (0.2, 1), (30.0, 30), (600.0, 600), (86_400.0, 600), (-5.0, 1)])
def test_q5_a_provider_that_names_a_time_gets_it_within_bounds(asked: float, seconds: int) -> None:
    assert wait_before_retry(1, asked) == timedelta(seconds=seconds)


@given(st.integers(-3, 50))
def test_q5_without_a_named_time_the_wait_grows_up_to_a_bound(attempt: int) -> None:
    base = BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1]
    assert timedelta(seconds=base * 0.8) <= wait_before_retry(attempt, None) <= timedelta(seconds=base * 1.2)
