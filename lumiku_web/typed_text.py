"""What a person typed, made fit to keep (one Unicode form, no invisible control characters, bounded), and for a spreadsheet."""

import unicodedata
from typing import Final

from lumiku_web.errors import InvalidInput

#: Marks that turn the direction of the text around them (Unicode UAX #9): they could disguise a name.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: With one of them begins what a spreadsheet takes for a formula. Tables that the browser saves are told of them, too.
FORMULA_MARKS: Final = "=+-@\t\r"


def one_line(text: object, *, field: str, limit: int, required: bool = True) -> str:
    """A name: NFC, inner white space folded, at most `limit` characters.

    Raises: InvalidInput(`required` | `too_long`).
    """
    return _bounded(" ".join(_visible(text).split()), field=field, limit=limit, required=required)


def many_lines(text: object, *, field: str, limit: int, required: bool = False) -> str:
    """Own words: NFC, line breaks kept, at most `limit` characters. Raises as `one_line`."""
    lines = _visible(text).replace("\r\n", "\n").splitlines()
    return _bounded("\n".join(line.rstrip() for line in lines).strip(), field=field, limit=limit, required=required)


def no_formula(text: str) -> str:
    """As it stands in a file for spreadsheets: before what would be taken for a formula comes an apostrophe."""
    return f"'{text}" if text.startswith(tuple(FORMULA_MARKS)) else text


def _visible(text: object) -> str:
    normal = unicodedata.normalize("NFC", text if isinstance(text, str) else "")
    return "".join(c for c in normal if c in "\n\r\t" or not (unicodedata.category(c) in {"Cc", "Cs"} or c in _DIRECTION_MARKS))


def _bounded(text: str, *, field: str, limit: int, required: bool) -> str:
    if required and not _shows_something(text):
        raise InvalidInput("required", field=field)
    if len(text) > limit:
        raise InvalidInput("too_long", field=field, limit=limit, length=len(text))
    return text


def _shows_something(text: str) -> bool:
    """A name of joiners and zero-width spaces alone looks like none."""
    return any(unicodedata.category(c) not in {"Cf", "Zs"} for c in text)
