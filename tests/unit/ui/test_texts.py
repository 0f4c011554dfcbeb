"""Both languages say the same things, and everything that is said is in the catalogue."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import lumiku_web
from lumiku_web.ui.texts import DEFAULT_LANGUAGE, LANGUAGES, catalogue, day, number, say, spoken
from tests.factories.sources import parsed

CODE = Path(lumiku_web.__file__).parent
OTHERS = sorted(set(LANGUAGES) - {DEFAULT_LANGUAGE})
#: Function → the place of its key, and the module that it must be imported from; a method has none.
KEY_ARGUMENT = {"t": (0, "lumiku_web.ui.i18n"), "say": (1, "lumiku_web.ui.texts"), "_say": (0, "")}
#: Made of an error's key at run time, so no literal names them.
MADE = re.compile(r"error\.")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def modules() -> Iterator[ast.Module]:
    for path in sorted(CODE.rglob("*.py")):
        yield parsed(path)


def keys_asked_for() -> set[str]:
    return {key for module in modules() for key in _keys_in(module)}


def _keys_in(module: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(module))
    sources = {alias.name: node.module for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        position, source = KEY_ARGUMENT.get(name, (0, None))
        is_ours = isinstance(node.func, ast.Attribute) if source == "" else sources.get(name) == source
        if source is None or not is_ours or len(node.args) <= position:
            continue
        key = node.args[position]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def patterns() -> list[re.Pattern[str]]:
    """Every f-string that could make a key: `f"look.{name}"`."""
    return [
        re.compile("".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.]+" for part in node.values))
        for module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant) and "." in str(node.values[0].value)
    ]


def literals() -> set[str]:
    """Every string in the code: tables of keys count as use, too."""
    return {
        node.value
        for module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue(DEFAULT_LANGUAGE))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_fills_the_same_placeholders(language: str) -> None:
    for key, text in catalogue(DEFAULT_LANGUAGE).items():
        assert placeholders(catalogue(language)[key]) == placeholders(text), key


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_text_is_empty_or_has_loose_edges(language: str) -> None:
    for key, text in catalogue(language).items():
        assert text.strip() == text, key
        assert text, key


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_keys_are_in_order(language: str) -> None:
    assert list(catalogue(language)) == sorted(catalogue(language))


def test_every_key_that_code_asks_for_exists() -> None:
    assert keys_asked_for() - set(catalogue(DEFAULT_LANGUAGE)) == set()


def test_no_text_is_left_over() -> None:
    unused = set(catalogue(DEFAULT_LANGUAGE)) - literals()
    made = patterns()
    assert {key for key in unused if not MADE.match(key) and not any(one.fullmatch(key) for one in made)} == set()


def test_an_unknown_language_speaks_the_default() -> None:
    assert say("xx", "notice.dismiss") == say(DEFAULT_LANGUAGE, "notice.dismiss")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_words_that_help_nobody_are_not_used(language: str) -> None:
    for key, text in catalogue(language).items():
        assert not re.search(r"\boops\b|something went wrong|please wait", text, re.IGNORECASE), key


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("fr-FR,fr;q=0.9,id;q=0.5", "id"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        (";;,", "en"),
    ],
)
def test_a_visitor_is_spoken_to_in_the_first_language_that_both_know(header: str, language: str) -> None:
    assert spoken(header) == language


@pytest.mark.parametrize(
    ("value", "decimals", "english", "indonesian"),
    [
        (0, 0, "0", "0"),
        (1_234_567, 0, "1,234,567", "1.234.567"),
        (-1_234.5, 2, "\N{MINUS SIGN}1,234.50", "\N{MINUS SIGN}1.234,50"),
    ],
)
def test_a_number_is_written_as_people_write_it_there(value: float, decimals: int, english: str, indonesian: str) -> None:
    assert (number("en", value, decimals=decimals), number("id", value, decimals=decimals)) == (english, indonesian)


def test_a_day_is_written_with_its_month_in_words() -> None:
    assert (day("en", date(2026, 8, 1)), day("id", date(2026, 8, 1), has_year=False)) == ("1 Aug 2026", "1 Agu")
