"""Times and places in honest steps: never more exact than what is known, never another thing than what is known."""

import math

from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.domain.generations.outlook import EXACT_PLACES, STEPS, Span, told_place, told_span

#: Three times in order, in seconds, up to a day.
TIMES = st.lists(st.floats(0, STEPS[-1]), min_size=3, max_size=3).map(sorted)


@given(TIMES)
def test_a_span_holds_what_was_measured_or_says_about(times: list[float]) -> None:
    low, middle, high = times
    told = told_span(low, middle, high)
    if told.low == told.high:
        assert told.low * 2 / 3 <= low <= high <= told.high * 3 / 2
    else:
        assert told.low <= low <= high <= told.high


@given(TIMES)
def test_a_span_speaks_in_steps_and_never_of_nothing(times: list[float]) -> None:
    told = told_span(*times)
    assert told.low in {0, *STEPS}
    assert told.high in STEPS


@given(TIMES, st.floats(1, 3))
def test_what_takes_longer_is_not_told_as_shorter(times: list[float], factor: float) -> None:
    low, middle, high = times
    assert told_span(low, middle, high).high <= told_span(low, middle, min(high * factor, STEPS[-1])).high or math.isclose(
        low, high
    )


def test_spans_as_people_would_say_them() -> None:
    assert told_span(1, 2, 3) == Span(0, 10), "less than 10 s"
    assert told_span(18, 20, 26) == Span(20, 20), "about 20 s"
    assert told_span(20, 31, 58) == Span(20, 60), "20 to 60 s"
    assert told_span(5, 12, 38) == Span(0, 40), "less than 40 s"
    assert told_span(90_000, 90_000, 90_000) == Span(86_400, 86_400), "beyond a day nobody waits"


@given(st.integers(1, 100_000))
def test_a_place_is_never_told_as_a_better_one(place: int) -> None:
    told = told_place(place)
    assert place <= told <= max(place, math.ceil(place * 4 / 3) + 1)
    assert told == place or place > EXACT_PLACES
    assert told_place(told) == told


@given(st.integers(1, 100_000))
def test_who_comes_later_has_no_better_place(place: int) -> None:
    assert told_place(place) <= told_place(place + 1)
