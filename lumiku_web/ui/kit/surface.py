"""What things lie on, and how they stand to each other."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.props import Style, Text, shown_if


def card(*children: object, is_article: bool = False, style: Style | None = None, **props: object) -> rx.Component:
    """Lay out a flat sheet with a hairline; its children 12 px apart."""
    element = rx.el.article if is_article else rx.el.div
    whole: Style = {
        "background": theme.SURFACE,
        "border": theme.HAIRLINE,
        "border_radius": theme.RADIUS_CARD,
        "padding": theme.space(4),
        "display": "flex",
        "flex_direction": "column",
        "gap": theme.IN_CARD,
        "min_width": "0",
        **(style or {}),
    }
    return element(*children, style=whole, **props)


def stack(*children: object, gap: str = theme.BETWEEN_BLOCKS, style: Style | None = None, **props: object) -> rx.Component:
    """Below each other."""
    whole: Style = {"display": "flex", "flex_direction": "column", "gap": gap, "min_width": "0", **(style or {})}
    return rx.el.div(*children, style=whole, **props)


def row(*children: object, gap: str = theme.IN_CONTROL, style: Style | None = None, **props: object) -> rx.Component:
    """Beside each other, wrapping where there is no room."""
    whole: Style = {
        "display": "flex",
        "flex_wrap": "wrap",
        "align_items": "center",
        "gap": gap,
        "min_width": "0",
        **(style or {}),
    }
    return rx.el.div(*children, style=whole, **props)


def section(title: Text, *children: object, action: rx.Component | None = None) -> rx.Component:
    """Show a part of a page with its heading."""
    head = row(
        rx.el.h2(title, style={**theme.LEAD, "font_weight": theme.STRONG, "margin": "0", "letter_spacing": "-0.01em"}),
        action if action is not None else rx.fragment(),
        style={"justify_content": "space-between", "min_height": theme.CONTROL_HEIGHT_SMALL},
    )
    return rx.el.section(
        head, *children, style={"display": "flex", "flex_direction": "column", "gap": theme.IN_CARD, "min_width": "0"}
    )


def page_header(title: Text, *, sub: Text = "", action: rx.Component | None = None) -> rx.Component:
    """Show the name of the page, one line about it, and its main action."""
    words = rx.el.div(
        rx.el.h1(
            title,
            dir="auto",
            style={**theme.DISPLAY, "margin": "0", "text_align": "left", "overflow_wrap": "anywhere", theme.PHONE: theme.TITLE},
        ),
        shown_if(
            sub,
            rx.el.p(
                sub,
                style={**theme.BODY, "color": theme.QUIET, "margin": f"{theme.space(1)} 0 0", "max_width": theme.READING_WIDTH},
            ),
        ),
        style={"min_width": "0", "flex": f"1 1 {theme.space(70)}"},
    )
    return rx.el.header(
        words,
        action if action is not None else rx.fragment(),
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": theme.BETWEEN_BLOCKS},
    )


def columns(*children: object, least: str = theme.space(60)) -> rx.Component:
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
    """Put the form 384 px wide at the left, the results beside it; below it where the window is narrow.

    Beside the results the form stays in sight: give it a part that scrolls (`form_panel`), and its button stays too.
    """
    beside = f"calc({theme.TOP_BAR_HEIGHT} + {theme.BETWEEN_SECTIONS})"
    in_sight: Style = {
        "position": "sticky",
        "top": beside,
        "max_height": f"calc(100dvh - {beside} - {theme.BETWEEN_SECTIONS})",
        theme.NARROW: {"position": "static", "max_height": "none"},
    }
    return rx.el.div(
        form,
        results,
        style={
            "display": "grid",
            "grid_template_columns": f"{theme.FORM_WIDTH} minmax(0, 1fr)",
            "gap": theme.BETWEEN_SECTIONS,
            "align_items": "start",
            "& > form": in_sight,
            theme.NARROW: {"grid_template_columns": "minmax(0, 1fr)"},
        },
    )


def form_panel(fields: rx.Component, button: rx.Component, *, on_submit: object, element_id: str) -> rx.Component:
    """A form whose fields scroll where there is no room for them, above its button."""
    scrolling: Style = {"overflow_y": "auto", "min_height": "0", theme.NARROW: {"overflow_y": "visible"}}
    return rx.el.form(
        rx.el.div(fields, style={**scrolling, "border_radius": theme.RADIUS_CARD, "scrollbar_gutter": "auto"}),
        button,
        on_submit=on_submit,
        id=element_id,
        style={"display": "flex", "flex_direction": "column", "gap": theme.IN_CARD, "min_width": "0"},
    )
