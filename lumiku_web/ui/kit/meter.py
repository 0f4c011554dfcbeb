"""How much of a bound is used: a bar, and the same in words."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import Gauge
from lumiku_web.ui.kit.props import Style, Text


def meter(gauge: rx.Var[Gauge], *, label: Text, value: Text, note: Text = "") -> rx.Component:
    """`value` says it in words, at the right of the label; `note` stands below. What is held is paler than what is used."""
    bar = rx.el.div(
        _part(gauge.used, gauge.limit, theme.TEXT),
        _part(gauge.held, gauge.limit, theme.CONTROL_LINE),
        aria_label=label,
        custom_attrs={
            "role": "meter",
            "aria-valuemin": 0,
            "aria-valuemax": gauge.limit,
            "aria-valuenow": gauge.used + gauge.held,
            "aria-valuetext": value,
        },
        style={
            "display": "flex",
            "height": theme.space(2),
            "background": theme.PRESSED,
            "border_radius": theme.RADIUS_ROUND,
            "overflow": "hidden",
        },
    )
    head = rx.el.div(
        rx.el.span(label, style={"font_weight": theme.MEDIUM}),
        rx.el.span(value, style={**theme.TABULAR, "color": theme.QUIET, "text_align": "right"}),
        style={"display": "flex", "justify_content": "space-between", "gap": theme.IN_CONTROL},
    )
    below: Style = {**theme.SMALL, **theme.TABULAR, "color": theme.QUIET, "margin": "0", "min_height": theme.space(5)}
    return rx.el.div(
        head, bar, rx.el.p(note, style=below), style={"display": "flex", "flex_direction": "column", "gap": theme.space(1.5)}
    )


def _part(amount: rx.Var[int], limit: rx.Var[int], colour: str) -> rx.Component:
    percent = rx.cond(limit > 0, amount * 100 / limit, 0)
    return rx.el.div(style={"width": f"{percent}%", "background": colour, "transition": f"width {theme.MOVE}"})
