"""What people type: kept as they meant it, bounded, and without marks that could disguise it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.errors import InvalidInput
from lumiku_web.typed_text import many_lines, one_line

FAMILY = "👩‍👩‍👧‍👦"
DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_4000_characters_pass_a_limit_of_4000_and_nothing_is_cut() -> None:
    words = "ä" * 4000
    assert many_lines(words, field="words", limit=4000) == words


def test_one_character_too_many_is_refused_with_both_numbers() -> None:
    with pytest.raises(InvalidInput) as refused:
        many_lines("x" * 2001, field="words", limit=2000)
    assert (refused.value.key, refused.value.field) == ("too_long", "words")
    assert refused.value.facts == {"limit": 2000, "length": 2001}


def test_an_emoji_of_several_people_stays_one_emoji() -> None:
    assert one_line(f"  {FAMILY} Ada ", field="name", limit=100) == f"{FAMILY} Ada"


@pytest.mark.parametrize("words", ["سيدة من بغداد", "אישה מחיפה", "नमस्ते", "日本の女性", "Đặng Thị"])
def test_every_script_stays_as_it_was_typed(words: str) -> None:
    assert one_line(words, field="name", limit=100) == unicodedata.normalize("NFC", words)


@pytest.mark.parametrize("mark", DIRECTION_MARKS)
def test_marks_that_turn_the_text_around_them_are_taken_out(mark: str) -> None:
    assert one_line(f"nuf{mark}exe.png", field="name", limit=100) == "nufexe.png"


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_taken_out(control: str) -> None:
    assert one_line(f"A{control}da", field="name", limit=100) == "Ada"


def test_two_ways_to_type_an_accent_are_one_text() -> None:
    assert one_line("Ame\u0301lie", field="name", limit=100) == one_line("Am\u00e9lie", field="name", limit=100)


def test_white_space_folds_in_a_name_and_line_breaks_stay_in_words() -> None:
    assert one_line(" Ada \t\n  Lovelace ", field="name", limit=100) == "Ada Lovelace"
    assert many_lines("one  \r\n\r\ntwo\rthree", field="words", limit=100) == "one\n\ntwo\nthree"


@pytest.mark.parametrize("nothing", ["", "   ", "\u202e", "\u200b", "\u200d\ufeff", None, 7, ["x"], {"a": 1}])
def test_a_name_that_nobody_can_see_is_no_name(nothing: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        one_line(nothing, field="name", limit=100)
    assert refused.value.key == "required"


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = many_lines(text, field="words", limit=10_000)
    assert many_lines(once, field="words", limit=10_000) == once
    assert unicodedata.normalize("NFC", once) == once


@given(st.text(max_size=300))
def test_no_line_break_gets_into_a_name(text: str) -> None:
    line = one_line(text, field="name", limit=10_000, required=False)
    assert line.splitlines() in ([], [line])
    assert line == line.strip()
