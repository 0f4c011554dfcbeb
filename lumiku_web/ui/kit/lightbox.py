"""One picture, large, with its facts and the way to download it."""

from typing import Any

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import Fact, Picture
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import icon_button
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.picture import drawn_badge, fading_picture
from lumiku_web.ui.kit.props import Flag, Handler, Style


def lightbox(
    picture: rx.Var[Picture],
    *,
    is_open: Flag,
    on_close: Handler,
    on_previous: Handler = None,
    on_next: Handler = None,
    actions: rx.Component | None = None,
) -> rx.Component:
    """Escape and the cross close it. `actions` stand below the facts. The state keeps the picture while it closes."""
    turn = rx.fragment(
        icon_button("chevron-left", t("lightbox.previous"), on_click=on_previous) if on_previous is not None else rx.fragment(),
        icon_button("chevron-right", t("lightbox.next"), on_click=on_next) if on_next is not None else rx.fragment(),
    )
    bar = rx.el.div(
        turn,
        icon_button("x", t("lightbox.close"), on_click=on_close),
        style={
            "position": "absolute",
            "top": theme.space(2),
            "right": theme.space(2),
            "z_index": "1",
            "display": "flex",
            "background": theme.RAISED,
            "border_radius": theme.RADIUS_CONTROL,
        },
    )
    content = rx.dialog.content(
        bar,
        rx.el.div(_stage(picture), _side(picture, actions), style=_layout()),
        aria_describedby="",
        style={
            "max_width": theme.LIGHTBOX_WIDTH,
            "padding": "0",
            "overflow": "auto",
            "max_height": theme.LIGHTBOX_HEIGHT,
            "position": "relative",
        },
    )
    return rx.dialog.root(content, open=is_open, on_open_change=on_close)


def _layout() -> Style:
    return {
        "display": "grid",
        "grid_template_columns": f"minmax(0, 1fr) {theme.LIGHTBOX_SIDE}",
        theme.NARROW: {"grid_template_columns": "minmax(0, 1fr)"},
    }


def _stage(picture: rx.Var[Picture]) -> rx.Component:
    ratio: Any = picture.width_px / picture.height_px
    return rx.el.div(
        rx.el.div(
            fading_picture(url=picture.preview_url, blur=picture.blur, alt=picture.title, fit="contain"),
            key=picture.id,
            style={"position": "relative", "width": "100%", "max_height": theme.LIGHTBOX_HEIGHT, "aspect_ratio": ratio},
        ),
        style={"background": theme.SUNKEN, "display": "grid", "place_items": "center", "min_width": "0"},
    )


def _side(picture: rx.Var[Picture], actions: rx.Component | None) -> rx.Component:
    download = rx.el.a(
        icon("download"),
        t("lightbox.download"),
        href=picture.original_url,
        download=True,
        style={
            **theme.BODY,
            "font_weight": theme.MEDIUM,
            "display": "flex",
            "align_items": "center",
            "justify_content": "center",
            "gap": theme.IN_CONTROL,
            "min_height": theme.CONTROL_HEIGHT,
            "border": theme.CONTROL_BORDER,
            "border_radius": theme.RADIUS_CONTROL,
            "color": theme.TEXT,
            "text_decoration": "none",
            "&:hover": {"background": theme.HOVER},
        },
    )
    title = rx.dialog.title(
        picture.title, style={**theme.LEAD, "font_weight": theme.STRONG, "margin": "0", "overflow_wrap": "anywhere"}
    )
    return rx.el.div(
        title,
        rx.cond(picture.is_drawn, rx.el.div(drawn_badge()), rx.fragment()),
        rx.el.dl(rx.foreach(picture.facts, _fact), style={"margin": "0", "display": "grid", "gap": theme.IN_CONTROL}),
        download,
        actions if actions is not None else rx.fragment(),
        style={
            "display": "flex",
            "flex_direction": "column",
            "gap": theme.BETWEEN_BLOCKS,
            "padding": theme.space(4),
            "padding_top": theme.space(14),
            "min_width": "0",
            theme.NARROW: {"padding_top": theme.space(4)},
        },
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label, style={**theme.CAPTION, "color": theme.QUIET}),
        rx.el.dd(fact.value, style={**theme.BODY, **theme.TABULAR, "margin": "0", "overflow_wrap": "anywhere"}),
    )
