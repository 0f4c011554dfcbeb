"""Lucide at our two sizes and one stroke."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.props import Style


def icon(name: str, *, is_large: bool = False, style: Style | None = None, **props: object) -> rx.Component:
    """Show an icon beside a text that says the same: hidden from screen readers."""
    size = theme.ICON_LARGE if is_large else theme.ICON
    whole: Style = {"flex_shrink": "0", **(style or {})}
    return rx.icon(name, size=size, stroke_width=theme.ICON_STROKE, aria_hidden="true", style=whole, **props)


def turning_icon() -> rx.Component:
    """Something goes on and nobody knows how long."""
    return icon("loader-circle", style={"animation": f"lk-turn {theme.BREATH} infinite linear"})
