"""Yes or no, with its label at the right."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.field import help_line
from lumiku_web.ui.kit.props import Flag, Style, Text


def check_field(
    label: Text, *, control_id: str, default_checked: Flag, help_text: Text = "", is_beside_a_field: bool = False
) -> rx.Component:
    """For a form, which sends "on" under `control_id` if it is checked. Beside a field it stands at the height of its control."""
    box = rx.el.input(
        type="checkbox",
        id=control_id,
        name=control_id,
        default_checked=default_checked,
        aria_describedby=f"{control_id}-help",
        style={"width": theme.space(4), "height": theme.space(4), "margin": f"{theme.space(0.5)} 0", "flex_shrink": "0"},
    )
    line = rx.el.label(
        box,
        rx.el.span(label),
        html_for=control_id,
        style={
            **theme.BODY,
            "display": "flex",
            "gap": theme.IN_CONTROL,
            "cursor": "pointer",
            "padding": f"{theme.space(1)} 0",
            theme.TOUCH: {"padding": f"{theme.space(2.5)} 0"},
        },
    )
    lower: Style = {"padding_top": theme.space(7), theme.PHONE: {"padding_top": "0"}} if is_beside_a_field else {}
    return rx.el.div(line, help_line(control_id, help_text), style={"min_width": "0", **lower})
