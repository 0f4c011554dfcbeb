"""One number that matters, what it did lately, and the list behind it."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.props import Style, Text, shown_if


def figure_card(label: Text, value: Text, *, change: Text = "", href: Text = "", path: Text = "") -> rx.Component:
    """`change`: "12 more than yesterday". `path`: an SVG path in a box of 100 by 24, the line below the number."""
    line = rx.el.svg(
        rx.el.path(
            d=path, fill="none", stroke=theme.QUIET, stroke_width="1.5", custom_attrs={"vectorEffect": "non-scaling-stroke"}
        ),
        view_box="0 0 100 24",
        preserve_aspect_ratio="none",
        width="100%",
        height="24",
        custom_attrs={"aria-hidden": "true"},
    )
    has_link = isinstance(href, rx.Var) or bool(href)
    inside = (
        rx.el.span(
            label,
            icon("arrow-up-right") if has_link else rx.fragment(),
            style={**theme.SMALL, "color": theme.QUIET, "display": "flex", "justify_content": "space-between"},
        ),
        rx.el.span(value, style={**theme.DISPLAY, **theme.TABULAR, "overflow_wrap": "anywhere", theme.PHONE: theme.TITLE}),
        shown_if(path, line),
        shown_if(change, rx.el.span(change, style={**theme.SMALL, "color": theme.QUIET})),
    )
    style: Style = {
        "display": "flex",
        "flex_direction": "column",
        "gap": theme.space(1),
        "padding": theme.space(4),
        "background": theme.SURFACE,
        "border": theme.HAIRLINE,
        "border_radius": theme.RADIUS_CARD,
        "min_width": "0",
    }
    if has_link:
        return plain_link(*inside, href=href, style={**style, "&:hover": {"border_color": theme.CONTROL_LINE}})
    return rx.el.div(*inside, style=style)
