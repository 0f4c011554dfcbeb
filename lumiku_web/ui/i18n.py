"""Texts in pages: every language is compiled into the page, and the session's language picks one without a round trip."""

import re
from functools import reduce
from typing import Final

import reflex as rx
from reflex.vars import NumberVar
from reflex_base.vars.function import FunctionStringVar

from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import DEFAULT_LANGUAGE, LANGUAGES, catalogue

#: A moment without a value, before the server has said it, is an empty text.
_NUMBER: Final = FunctionStringVar.create("((value, language) => Number(value).toLocaleString(language))")
_MONEY: Final = FunctionStringVar.create("""((minor, currency, language) => {
  const has_cents = !["IDR", "JPY", "KRW", "VND"].includes(currency);
  const amount = has_cents ? minor / 100 : minor;
  const form = { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: 0 };
  return amount.toLocaleString(language, form);
})""")
_MOMENT: Final = FunctionStringVar.create("((iso, form, language) => iso ? new Date(iso).toLocaleString(language, form) : '')")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def t(key: str, **values: object) -> rx.Var[str]:
    """The text `key` in the session's language. `values` fill its placeholders; they may be Vars.

    Raises KeyError while the page is compiled if a language lacks the key or the call lacks a placeholder.
    """
    others = [(language, _filled(catalogue(language)[key], values)) for language in LANGUAGES if language != DEFAULT_LANGUAGE]
    return rx.match(SessionState.language, *others, _filled(catalogue(DEFAULT_LANGUAGE)[key], values)).to(str)


def number(value: object) -> rx.Var[str]:
    """A number as people write it: 1,240 in English, 1.240 in Indonesian."""
    return _NUMBER.call(value, SessionState.language).to(str)


def money(minor: object, currency: object) -> rx.Var[str]:
    """An amount in the smallest unit of its currency: "Rp 99.000"."""
    return _MONEY.call(minor, currency, SessionState.language).to(str)


def day(iso: object) -> rx.Var[str]:
    """The day of a moment where the browser is: "22 Nov 2026"."""
    return _MOMENT.call(iso, {"dateStyle": "medium"}, SessionState.language).to(str)


def moment(iso: object) -> rx.Var[str]:
    """A moment where the browser is: "22 Nov 2026, 14:05"."""
    return _MOMENT.call(iso, {"dateStyle": "medium", "timeStyle": "short"}, SessionState.language).to(str)


def time_of_day(iso: object) -> rx.Var[str]:
    """A moment of today or tomorrow where the browser is: "07:00"."""
    return _MOMENT.call(iso, {"timeStyle": "short"}, SessionState.language).to(str)


def _filled(text: str, values: dict[str, object]) -> rx.Var[str]:
    parts = _PLACEHOLDER.split(text)  # literal, name, literal, name, …
    pieces = [rx.Var.create(p) if i % 2 == 0 else _shown(rx.Var.create(values[p])) for i, p in enumerate(parts)]
    return reduce(lambda a, b: a + b, (p for i, p in enumerate(pieces) if i % 2 or parts[i]), rx.Var.create(""))


def _shown(value: rx.Var[object]) -> rx.Var[str]:
    """Of a number as JSON, since Reflex's other way makes an empty text of 0; of a text without quotation marks."""
    return value.to_string(use_json=isinstance(value, NumberVar))
