"""Texts in pages: every language is compiled into the page, and the session's language picks one without a round trip."""

import re
from functools import reduce

import reflex as rx
from reflex.vars import NumberVar

from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import DEFAULT_LANGUAGE, LANGUAGES, catalogue

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def t(key: str, **values: object) -> rx.Var[str]:
    """The text `key` in the session's language. `values` fill its placeholders; they may be Vars.

    Raises KeyError while the page is compiled if a language lacks the key or the call lacks a placeholder.
    """
    others = [(language, _filled(catalogue(language)[key], values)) for language in LANGUAGES if language != DEFAULT_LANGUAGE]
    return rx.match(SessionState.language, *others, _filled(catalogue(DEFAULT_LANGUAGE)[key], values))


def _filled(text: str, values: dict[str, object]) -> rx.Var[str]:
    parts = _PLACEHOLDER.split(text)  # literal, name, literal, name, …
    pieces = [rx.Var.create(p) if i % 2 == 0 else _shown(rx.Var.create(values[p])) for i, p in enumerate(parts)]
    return reduce(lambda a, b: a + b, (p for i, p in enumerate(pieces) if i % 2 or parts[i]), rx.Var.create(""))


def _shown(value: rx.Var[object]) -> rx.Var[str]:
    """Of a number as JSON, since Reflex's other way makes an empty text of 0; of a text without quotation marks."""
    return value.to_string(use_json=isinstance(value, NumberVar))
