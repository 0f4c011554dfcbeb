"""What things lie on, and how they stand to each other."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.props import Style, Text, shown_if


def card(*children: object, is_article: bool = False, **props: object) -> rx.Component:
    """A flat sheet with a hairline; its children 12 px apart."""
    element = rx.el.article if is_article else rx.el.div
    style: Style = {
        "background": theme.SURFACE,
        "border": theme.HAIRLINE,
        "border_radius": theme.RADIUS_CARD,
        "padding": theme.space(4),
        "display": "flex",
        "flex_direction": "column",
        "gap": theme.IN_CARD,
        "min_width": "0",
        **props.pop("style", {}),  # pyright: ignore
    }
    return element(*children, style=style, **props)


def stack(*children: object, gap: str = theme.BETWEEN_BLOCKS, **props: object) -> rx.Component:
    """Below each other."""
    style: Style = {"display": "flex", "flex_direction": "column", "gap": gap, "min_width": "0", **props.pop("style", {})}  # pyright: ignore
    return rx.el.div(*children, style=style, **props)


def row(*children: object, gap: str = theme.IN_CONTROL, **props: object) -> rx.Component:
    """Beside each other, wrapping where there is no room."""
    style: Style = {
        "display": "flex",
        "flex_wrap": "wrap",
        "align_items": "center",
        "gap": gap,
        "min_width": "0",
        **props.pop("style", {}),  # pyright: ignore
    }
    return rx.el.div(*children, style=style, **props)


def section(title: Text, *children: object, action: rx.Component | None = None) -> rx.Component:
    """A part of a page with its heading."""
    head = row(
        rx.el.h2(title, style={**theme.LEAD, "font_weight": theme.STRONG, "margin": "0", "letter_spacing": "-0.01em"}),
        action if action is not None else rx.fragment(),
        style={"justify_content": "space-between", "min_height": theme.CONTROL_HEIGHT_SMALL},
    )
    return rx.el.section(
        head, *children, style={"display": "flex", "flex_direction": "column", "gap": theme.IN_CARD, "min_width": "0"}
    )


def page_header(title: Text, *, sub: Text = "", action: rx.Component | None = None) -> rx.Component:
    """The name of the page, one line about it, and its main action."""
    words = rx.el.div(
        rx.el.h1(title, style={**theme.DISPLAY, "margin": "0", "overflow_wrap": "anywhere", theme.PHONE: theme.TITLE}),
        shown_if(
            sub,
            rx.el.p(
                sub,
                style={**theme.BODY, "color": theme.QUIET, "margin": f"{theme.space(1)} 0 0", "max_width": theme.READING_WIDTH},
            ),
        ),
        style={"min_width": "0", "flex": "1 1 280px"},
    )
    return rx.el.header(
        words,
        action if action is not None else rx.fragment(),
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": theme.BETWEEN_BLOCKS},
    )


def columns(*children: object, least: str = "240px") -> rx.Component:
    """As many equal columns as fit, each at least `least` wide, one on a phone."""
    return rx.el.div(
        *children,
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fill, minmax(min({least}, 100%), 1fr))",
            "gap": theme.BETWEEN_BLOCKS,
        },
    )


def form_and_results(form: rx.Component, results: rx.Component) -> rx.Component:
    """The form 384 px wide at the left, the results beside it; below it where the window is narrow."""
    return rx.el.div(
        form,
        results,
        style={
            "display": "grid",
            "grid_template_columns": f"{theme.FORM_WIDTH} minmax(0, 1fr)",
            "gap": theme.BETWEEN_SECTIONS,
            "align_items": "start",
            theme.NARROW: {"grid_template_columns": "minmax(0, 1fr)"},
        },
    )
