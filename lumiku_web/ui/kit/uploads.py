"""Bringing files in: the place to drop them, and a row for each with how far it is."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import icon_button
from lumiku_web.ui.kit.field import error_line
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Handler, Style, Text

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


def progress_row(
    name: Text,
    *,
    percent: rx.Var[int] | int,
    detail: Text = "",
    error: Text = "",
    is_done: rx.Var[bool] | bool = False,
    on_cancel: Handler = None,
) -> rx.Component:
    """One file on its way. `detail`: "3.2 of 8 MB". An `error` takes the place of the bar."""
    has_failed = rx.Var.create(error) != ""
    mark = rx.cond(
        has_failed,
        icon("file-x", style={"color": theme.DANGER_TEXT}),
        rx.cond(is_done, icon("circle-check", style={"color": theme.SUCCESS_TEXT}), icon("image", style={"color": theme.QUIET})),
    )
    below = rx.cond(
        has_failed,
        rx.el.span(error, role="alert", style={**theme.SMALL, "color": theme.DANGER_TEXT}),
        rx.cond(is_done, rx.fragment(), _bar(name, rx.Var.create(percent))),
    )
    stop = icon_button("x", t("upload.cancel"), on_click=on_cancel, is_small=True) if on_cancel is not None else rx.fragment()
    return rx.el.div(
        mark,
        rx.el.div(
            _name_and_detail(name, rx.cond(has_failed, "", detail)),
            below,
            style={"flex": "1", "min_width": "0", "display": "flex", "flex_direction": "column", "gap": theme.space(1)},
        ),
        stop,
        style={
            "display": "flex",
            "align_items": "center",
            "gap": theme.IN_CARD,
            "min_height": theme.CONTROL_HEIGHT,
            "padding": f"{theme.space(1)} 0",
        },
    )


def _bar(name: Text, percent: rx.Var[int]) -> rx.Component:
    filled: Style = {
        "height": "100%",
        "width": percent.to_string() + "%",
        "background": theme.TEXT,
        "border_radius": theme.RADIUS_ROUND,
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
        rx.el.span(detail, style={**theme.CAPTION, **theme.TABULAR, "color": theme.QUIET, "white_space": "nowrap"}),
        style={"display": "flex", "align_items": "baseline", "gap": theme.IN_CONTROL},
    )
