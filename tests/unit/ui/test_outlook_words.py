"""Place, time and reason in words, in every language."""
# ruff: noqa: RUF001 (a span has an en dash)

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.domain.generations.outlook import STEPS, Outlook, Span, Why, told_place, told_span
from lumiku_web.ids import new_id
from lumiku_web.ui.outlook import made_lines, whole, words
from lumiku_web.ui.texts import LANGUAGES

ADA, ORDER = new_id(), new_id()
TIMES = st.lists(st.floats(0, STEPS[-1]), min_size=3, max_size=3).map(lambda times: told_span(*sorted(times)))
PLACES = st.integers(1, 20_000).map(told_place)
OUTLOOKS = st.builds(
    Outlook,
    st.just(ADA),
    st.just(ORDER),
    st.sampled_from(list(Why)),
    st.none() | PLACES,
    st.integers(1, 100),
    st.none() | TIMES,
)


def outlook(why: Why = Why.turn, place: int | None = None, time: Span | None = None, *, count: int = 0) -> Outlook:
    return Outlook(ADA, ORDER, why, place, count, time)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (outlook(place=12), "Place 12"),
        (outlook(place=40, time=Span(120, 120)), "Place about 40 · about 2 min"),
        (outlook(place=1, time=Span(0, 10)), "Place 1 · less than 10 s"),
        (outlook(place=3, time=Span(60, 180)), "Place 3 · 1–3 min"),
        (outlook(place=3, time=Span(40, 180)), "Place 3 · 40 s–3 min"),
        (outlook(place=3, time=Span(1800, 7200)), "Place 3 · 30 min–2 h"),
        (outlook(Why.running, time=Span(20, 40)), "Usually 20–40 s"),
        (outlook(Why.running), ""),
        (outlook(Why.member_limit, time=Span(90, 90), count=40), "Your 40 others run first · about 90 s"),
        (outlook(Why.route_limit, place=2, count=1), "This model makes 1 at a time · place 2"),
        (outlook(Why.slowed, time=Span(60, 60)), "The provider asked for a pause: on in about 60 s"),
        (outlook(Why.attempt, time=Span(0, 10)), "Next try in less than 10 s"),
        (outlook(Why.paused), "Paused by an admin"),
        (outlook(Why.no_worker), "Waits for a worker"),
    ],
)
def test_it_is_said_as_a_person_would(told: Outlook, line: str) -> None:
    assert words(told, "en") == line


@given(OUTLOOKS, st.sampled_from(sorted(LANGUAGES)))
def test_every_outlook_has_words_and_none_speaks_of_nothing(told: Outlook, language: str) -> None:
    line = words(told, language)
    assert (line != "") or told.time is None
    assert not {"0 s", "0", "None"} & set(line.replace("·", " ").split())
    assert "{" not in line


@given(st.lists(OUTLOOKS, min_size=1, max_size=8))
def test_an_order_is_told_once_and_by_its_first_place(told: list[Outlook]) -> None:
    lines = made_lines({UUID(int=number): one for number, one in enumerate(told)}, "en")
    assert lines.keys() <= {str(UUID(int=number)) for number in range(len(told))} | {str(ORDER)}
    waiting = [one.place for one in told if one.place and one.why is not Why.running]
    assert whole(told).place == min(waiting, default=whole(told).place)


def test_an_order_takes_as_long_as_its_last_picture() -> None:
    first, last = outlook(Why.running, time=Span(20, 30)), outlook(place=4, time=Span(40, 60))
    assert words(whole([first, last]), "en") == "Place 4 · 40–60 s"
    assert words(whole([first, outlook(place=4)]), "en") == "Place 4", "of one of them nobody knows"
