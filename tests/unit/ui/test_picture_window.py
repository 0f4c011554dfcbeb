"""A window on a long list shows what the list has there, whatever comes, changes and goes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.domain.gallery.schemas import Cursor
from lumiku_web.ui.cards import Picture, TailKind
from lumiku_web.ui.picture_window import PAGES, Row, Window

_DAY = datetime(2026, 11, 22, tzinfo=UTC)
SIZE = 3


def row(number: int, *, title: str = "") -> Row:
    """The greater the number, the newer the picture; two share a moment."""
    at = Cursor(_DAY + timedelta(minutes=number // 2), UUID(int=number))
    return Row(at, Picture(str(number), title, "", 1, 1))


def numbers(window: Window) -> list[int]:
    return [int(one.picture.id) for one in window.rows]


def page_of(there: set[int], after: Cursor | None) -> tuple[list[Row], Cursor | None]:
    """As the database reads it."""
    rest = sorted((n for n in there if after is None or row(n).key < (after.at, after.image_id)), reverse=True)
    rows = [row(n) for n in rest[:SIZE]]
    return rows, rows[-1].place if len(rest) > SIZE else None


def opened(there: set[int], pages: int = 1) -> Window:
    window = Window().extended(*page_of(there, None))
    for _ in range(pages - 1):
        if window.following:
            window = window.extended(*page_of(there, window.following))
    return window


@given(
    there=st.sets(st.integers(0, 39)),
    steps=st.lists(st.tuples(st.sampled_from(["come", "go", "more", "again"]), st.integers(0, 39)), max_size=30),
)
def test_the_window_is_the_beginning_of_the_list_whatever_happens(there: set[int], steps: list[tuple[str, int]]) -> None:
    window = opened(there)
    for step, number in steps:
        if step == "come":
            there.add(number)
            window = window.with_row(row(number)).cut(SIZE)
        elif step == "go":
            there.discard(number)
            window = window.without(str(number)).cut(SIZE)
        elif step == "again" and number in there:
            window = window.with_row(row(number, title="changed"))
        elif step == "more" and window.following and not window.is_full:
            window = window.extended(*page_of(there, window.following))
        newest = sorted(there, reverse=True)
        assert numbers(window) == newest[: len(window.rows)]
        assert len(window.pages) <= PAGES
        assert all(len(page) <= 2 * SIZE for page in window.pages)
        if window.following is None:
            assert numbers(window) == newest


def test_a_page_that_comes_twice_is_shown_once() -> None:
    window = opened(set(range(7)))
    rows, following = page_of(set(range(7)), window.following)
    assert numbers(window.extended(rows, following).extended(rows, following)) == [6, 5, 4, 3, 2, 1]


def test_only_the_page_of_a_change_is_another_one() -> None:
    """The others need not be sent again."""
    window = opened(set(range(9)), pages=3)
    changed = window.with_row(row(4, title="favourite"))
    assert [changed.page(n) is window.page(n) for n in range(3)] == [True, False, True]
    gone = window.without("0")
    assert [gone.page(n) is window.page(n) for n in range(3)] == [True, True, False]
    assert window.without("77").pages == window.pages


def test_a_window_that_is_full_says_so_and_the_next_one_goes_on_after_it() -> None:
    there = set(range(SIZE * PAGES + 5))
    window = opened(there, pages=PAGES)
    assert window.is_full
    assert window.tail().kind == TailKind.full
    assert window.following is not None
    older = Window(before=window.following).extended(*page_of(there, window.following))
    assert numbers(older) == [4, 3, 2]
    assert not older.tail().is_newest
    assert numbers(older.with_row(row(25))) == [4, 3, 2], "it lies before this window"
    assert numbers(older.without("3").with_row(row(3))) == [4, 3, 2]


def test_neighbours_are_known_by_place_also_of_a_picture_that_is_gone() -> None:
    window = opened({5, 4, 2, 1, 0}, pages=2)
    gone = row(3).place
    before, after = window.previous(gone), window.next(gone)
    assert before is not None
    assert after is not None
    assert (before.picture.id, after.picture.id) == ("4", "2")
    assert window.previous(row(5).place) is None
    assert window.next(row(0).place) is None


def test_a_position_is_only_told_of_a_list_that_is_there_as_a_whole() -> None:
    whole = opened({3, 2, 1}, pages=2)
    assert whole.position("2") == (2, 3)
    assert whole.position("7") is None
    assert opened({4, 3, 2, 1}).position("4") is None


def test_the_tail_says_what_is_below() -> None:
    assert opened(set()).tail().is_empty
    assert opened(set(range(9))).tail().kind == TailKind.more
    end = opened(set(range(3))).tail()
    assert (end.kind, end.after, end.is_empty) == (TailKind.end, "", False)
    emptied = opened(set(range(9)))
    for number in range(9):
        emptied = emptied.without(str(number))
    assert not emptied.tail().is_empty, "more is there, and comes"
