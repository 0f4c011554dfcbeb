"""Bringing files in: the place to drop them, and a row for each with how far it is."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.field import error_line
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Style, Text

#: For `rx.upload(…, drag_active_style=kit.DRAG_ACTIVE)`.
DRAG_ACTIVE: Final[Style] = {
    "background": theme.ACCENT_TINT,
    "outline": theme.ring(theme.ACCENT),
    "outline_offset": f"-{theme.FOCUS_WIDTH}",
}
#: For `rx.upload(drop_zone_words(…), style=kit.DROP_AREA)`.
DROP_AREA: Final[Style] = {
    "display": "flex",
    "flex_direction": "column",
    "align_items": "center",
    "gap": theme.space(1),
    "padding": theme.space(6),
    "border": "0",
    "border_radius": theme.RADIUS_CARD,
    "text_align": "center",
    "cursor": "pointer",
    "transition": f"background-color {theme.MOVE}",
    "&:hover": {"background": theme.HOVER},
}


def drop_zone(upload: rx.Component, *, error: Text = "") -> rx.Component:
    """Put the skin around an `rx.upload`; `error` says why files were not taken."""
    edge: Style = {
        "border": theme.line(theme.CONTROL_LINE, "dashed"),
        "border_radius": theme.RADIUS_CARD,
        "background": theme.SURFACE,
        # rx.upload draws a border of its own.
        "& > *": {"border": "0"},
    }
    return rx.el.div(
        rx.el.div(upload, style=edge),
        error_line("drop-zone", error),
        style={"display": "flex", "flex_direction": "column", "gap": theme.space(2)},
    )


def drop_zone_words(title: Text, help_text: Text) -> rx.Component:
    """Say what stands inside: what to do, what is taken and how large."""
    return rx.fragment(
        icon("image-up", is_large=True, style={"color": theme.QUIET}),
        rx.el.span(title, style={**theme.BODY, "font_weight": theme.MEDIUM}),
        rx.el.span(help_text, style={**theme.SMALL, "color": theme.QUIET}),
    )


def upload_summary(text: Text, action: rx.Component, *, is_shown: rx.Var[bool] | bool = True) -> rx.Component:
    """Say how many there are by now, above their rows. It is read out when it changes, also when it is not shown any more."""
    seen: Style = {
        "display": "flex",
        "align_items": "center",
        "justify_content": "space-between",
        "gap": theme.IN_CONTROL,
        "min_height": theme.CONTROL_HEIGHT_SMALL,
    }
    return rx.el.div(
        rx.el.span(text, role="status", style={**theme.SMALL, **theme.TABULAR, "color": theme.QUIET}),
        rx.cond(is_shown, action, rx.fragment()),
        class_name=rx.cond(is_shown, "", "lk-unseen"),
        style={"&:not(.lk-unseen)": seen},
    )


def progress_row(
    name: Text,
    *,
    percent: rx.Var[int] | int = 0,
    detail: Text = "",
    thumb_url: Text = "",
    error: Text = "",
    note: Text = "",
    actions: rx.Component | None = None,
    close: rx.Component | None = None,
) -> rx.Component:
    """One file on its way. `detail`: "3.2 of 8 MB". An `error` or a `note` takes the place of the bar; `close` ends it."""
    said = rx.cond(
        rx.Var.create(error) != "",
        rx.el.span(error, role="alert", style={**theme.SMALL, "color": theme.DANGER_TEXT, "overflow_wrap": "anywhere"}),
        rx.cond(
            rx.Var.create(note) != "",
            rx.el.span(note, role="status", style={**theme.SMALL, "color": theme.QUIET, "overflow_wrap": "anywhere"}),
            _bar(name, rx.Var.create(percent)),
        ),
    )
    words: Style = {
        "flex": f"1 1 {theme.space(45)}",
        "min_width": "0",
        "min_height": theme.CONTROL_HEIGHT,
        "display": "flex",
        "flex_direction": "column",
        "justify_content": "center",
        "gap": theme.space(1),
    }
    beside: Style = {"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": theme.IN_CONTROL}
    return rx.el.div(
        _thumb(thumb_url, rx.Var.create(error) != ""),
        rx.el.div(
            rx.el.div(_name_and_detail(name, detail), said, style=words),
            actions if actions is not None else rx.fragment(),
            style={**beside, "flex": "1", "min_width": "0"},
        ),
        rx.el.div(close if close is not None else rx.fragment(), style={**_square(), "display": "grid", "place_items": "center"}),
        style={"display": "flex", "align_items": "flex-start", "gap": theme.IN_CARD, "padding": f"{theme.space(1)} 0"},
    )


def _thumb(url: Text, has_failed: rx.Var[bool]) -> rx.Component:
    """A square of 40 px: the picture as soon as there is one."""
    mark = rx.cond(has_failed, icon("file-x", style={"color": theme.DANGER_TEXT}), icon("image", style={"color": theme.QUIET}))
    return rx.el.div(
        rx.cond(
            rx.Var.create(url),
            rx.el.img(src=url, alt="", style={**_square(), "object_fit": "cover", "display": "block"}),
            mark,
        ),
        style={**_square(), "display": "grid", "place_items": "center", "background": theme.SUNKEN},
    )


def _square() -> Style:
    side = theme.CONTROL_HEIGHT
    return {"width": side, "height": side, "flex_shrink": "0", "border_radius": theme.RADIUS_TILE}


def _bar(name: Text, percent: rx.Var[int]) -> rx.Component:
    filled: Style = {
        "height": "100%",
        "width": percent.to_string() + "%",
        "background": theme.TEXT,
        "border_radius": theme.RADIUS_ROUND,
        "transition": f"width {theme.MOVE}",
    }
    return rx.el.div(
        rx.el.div(style=filled),
        role="progressbar",
        aria_label=name,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=percent,
        style={"height": theme.space(1), "background": theme.PRESSED, "border_radius": theme.RADIUS_ROUND, "overflow": "hidden"},
    )


def _name_and_detail(name: Text, detail: Text) -> rx.Component:
    return rx.el.div(
        rx.el.span(name, title=name, style={**theme.BODY, **theme.ONE_LINE, "flex": "1"}),
        rx.el.span(detail, style={**theme.CAPTION, **theme.TABULAR, **theme.ONE_LINE, "color": theme.QUIET, "max_width": "60%"}),
        style={"display": "flex", "align_items": "baseline", "gap": theme.IN_CONTROL},
    )
