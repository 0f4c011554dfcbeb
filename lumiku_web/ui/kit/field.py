"""A control with its label, its help and what is wrong with it, tied together for screen readers."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Text, shown_if


def field(
    label: Text,
    control: rx.Component,
    *,
    control_id: str,
    help_text: Text = "",
    error: Text = "",
    aside: rx.Component | None = None,
) -> rx.Component:
    """`control` must have the id `control_id` and `**described(control_id, …)`, as the wrappers of `kit.inputs` have.

    `aside` stands at the right of the label: "Optional", a counter, a link.
    """
    return rx.el.div(
        rx.el.div(
            rx.el.label(label, html_for=control_id, style={**theme.SMALL, "font_weight": theme.MEDIUM}),
            aside if aside is not None else rx.fragment(),
            style={"display": "flex", "justify_content": "space-between", "align_items": "baseline", "gap": theme.IN_CONTROL},
        ),
        control,
        help_line(control_id, help_text),
        error_line(control_id, error),
        style={"display": "flex", "flex_direction": "column", "gap": theme.space(1), "min_width": "0"},
    )


def help_line(control_id: str, text: Text) -> rx.Component:
    """Say what one should know before filling the field."""
    return shown_if(text, rx.el.p(text, id=f"{control_id}-help", style={**theme.SMALL, "color": theme.QUIET, "margin": "0"}))


def error_line(control_id: str, text: Text) -> rx.Component:
    """Say what is wrong and what to do, read out when it appears."""
    return shown_if(
        text,
        rx.el.p(
            icon("circle-alert", style={"margin_top": theme.space(0.5)}),
            rx.el.span(text),
            id=f"{control_id}-error",
            role="alert",
            style={**theme.SMALL, "color": theme.DANGER_TEXT, "margin": "0", "display": "flex", "gap": theme.space(1)},
        ),
    )


def described(control_id: str, error: Text) -> dict[str, object]:
    """Return the props that tie a control to its help and error lines."""
    return {
        "aria_describedby": f"{control_id}-help {control_id}-error",
        "aria_invalid": rx.cond(rx.Var.create(error) != "", "true", "false"),
    }
