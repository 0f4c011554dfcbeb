"""Small line drawings for empty places. Two strokes: the line, and one part bolder."""

from collections.abc import Callable
from typing import Final

import reflex as rx

from lumiku_web.ui import theme

_LINE: Final = theme.CONTROL_LINE
_BOLD: Final = theme.TEXT


def drawing(name: str) -> rx.Component:
    """Draw `name` of `DRAWINGS`; says nothing to a screen reader."""
    return rx.el.svg(
        *DRAWINGS[name](),
        view_box="0 0 120 80",
        width="120",
        height="80",
        fill="none",
        stroke_width="1.5",
        stroke_linecap="round",
        stroke_linejoin="round",
        custom_attrs={"aria-hidden": "true"},
    )


def _path(d: str, stroke: str = _LINE) -> rx.Component:
    return rx.el.path(d=d, stroke=stroke)


def _head(x: int, y: int, stroke: str) -> list[rx.Component]:
    """Head and shoulders around (x, y)."""
    return [
        rx.el.circle(cx=str(x), cy=str(y - 8), r="7", stroke=stroke),
        _path(f"M{x - 14} {y + 16}c0-9 6-14 14-14s14 5 14 14", stroke),
    ]


def _frames() -> list[rx.Component]:
    """Three prints, the middle one taken."""
    return [
        rx.el.rect(x="8", y="22", width="32", height="42", rx="4", stroke=_LINE),
        rx.el.rect(x="80", y="22", width="32", height="42", rx="4", stroke=_LINE),
        rx.el.rect(x="38", y="12", width="44", height="56", rx="4", stroke=_BOLD, fill=theme.CANVAS),
        *_head(60, 42, _BOLD),
        _path("M14 54l8-9 6 6"),
        _path("M92 54l7-8 7 8"),
    ]


def _folder() -> list[rx.Component]:
    return [
        _path("M22 62V22a4 4 0 0 1 4-4h20l8 8h40a4 4 0 0 1 4 4v32a4 4 0 0 1-4 4H26a4 4 0 0 1-4-4z"),
        *_head(60, 46, _BOLD),
    ]


def _upload() -> list[rx.Component]:
    return [
        rx.el.rect(x="34", y="12", width="52", height="52", rx="4", stroke=_LINE, stroke_dasharray="4 5"),
        _path("M60 52V28m-9 8l9-9 9 9", _BOLD),
        _path("M46 72h28"),
    ]


def _lost() -> list[rx.Component]:
    """Draw a print that isn't on its nail."""
    return [
        rx.el.circle(cx="60", cy="12", r="2", stroke=_BOLD),
        _path("M60 14l-18 14m18-14l10 18", _BOLD),
        rx.el.rect(x="38", y="28", width="44", height="40", rx="4", stroke=_LINE, transform="rotate(9 60 48)"),
        _path("M53 52c2-4 12-3 13 2"),
        _path("M53 43v1m13 1v1"),
    ]


def _quiet() -> list[rx.Component]:
    """Nothing runs: a lamp that is off."""
    return [
        _path("M60 8v16"),
        _path("M44 42c0-10 7-18 16-18s16 8 16 18z"),
        _path("M54 42a6 6 0 0 0 12 0", _BOLD),
        _path("M30 68h60"),
    ]


def _heart() -> list[rx.Component]:
    """Two prints, one of them with a heart."""
    return [
        rx.el.rect(x="22", y="20", width="34", height="46", rx="4", stroke=_LINE),
        _path("M29 56l9-10 9 10"),
        rx.el.rect(x="50", y="12", width="44", height="56", rx="4", stroke=_BOLD, fill=theme.CANVAS),
        _path("M72 52l-11-11a7 7 0 0 1 11-8 7 7 0 0 1 11 8z", _BOLD),
    ]


def _bin() -> list[rx.Component]:
    """Draw a bin with nothing in it."""
    return [
        _path("M42 26l4 40a4 4 0 0 0 4 4h20a4 4 0 0 0 4-4l4-40"),
        _path("M36 24h48", _BOLD),
        _path("M52 24v-4a4 4 0 0 1 4-4h8a4 4 0 0 1 4 4v4", _BOLD),
        _path("M54 36l2 24m12-24l-2 24"),
    ]


DRAWINGS: Final[dict[str, Callable[[], list[rx.Component]]]] = {
    "frames": _frames,
    "folder": _folder,
    "upload": _upload,
    "lost": _lost,
    "quiet": _quiet,
    "heart": _heart,
    "bin": _bin,
}
