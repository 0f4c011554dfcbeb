"""The words of the product: one catalogue a language, the same keys in each (a test compares them).

Keys are dotted and flat, `page.element`; placeholders are `{name}`.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final[dict[str, str]] = {"en": "English", "id": "Bahasa Indonesia"}
DEFAULT_LANGUAGE: Final = "en"

_FOLDER = Path(__file__).with_name("catalogue")


def spoken(accept_language: str) -> str:
    """The first language of an Accept-Language header that Lumiku speaks; its weights are in order with every browser."""
    asked = [part.split(";")[0].strip().lower()[:2] for part in accept_language.split(",")]
    return next((language for language in asked if language in LANGUAGES), DEFAULT_LANGUAGE)


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language by key. Raises FileNotFoundError for a language that is not in `LANGUAGES`."""
    texts: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def say(language: str, key: str, **facts: object) -> str:
    """The text `key` in `language`, its placeholders filled. Raises KeyError for a key that does not exist."""
    texts = catalogue(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    return texts[key].format(**facts)


def number(language: str, value: float, *, decimals: int = 0) -> str:
    """As people write it there: 1,240.50 in English, 1.240,50 in Indonesian; with a real minus sign."""
    text = f"{abs(value):,.{decimals}f}"
    if language == "id":
        text = text.translate({ord(","): ".", ord("."): ","})
    return text if value >= 0 else f"\N{MINUS SIGN}{text}"


def day(language: str, on: date, *, has_year: bool = True) -> str:
    """22 Nov 2026."""
    short = f"{on.day} {say(language, f'month.{on.month}')}"
    return f"{short} {on.year}" if has_year else short
