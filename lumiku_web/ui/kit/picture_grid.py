"""Pictures as on a contact sheet: rows of one height, nothing cropped, every place kept before its picture comes."""

from typing import Any

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import Picture
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.picture import drawn_badge, fading_picture
from lumiku_web.ui.kit.props import OnId, Style, Text
from lumiku_web.ui.kit.tile import whole_frame


def picture_grid(pictures: rx.Var[list[Picture]], *, on_open: OnId, label: Text, row_height_px: int = 200) -> rx.Component:
    """`on_open(image_id)` when a picture is chosen. `label` names the list."""
    filler: Style = {"content": "''", "flex": "1000000 1 0px"}  # keeps the last row from growing
    return rx.el.ul(
        rx.foreach(pictures, lambda picture: _cell(picture, on_open)),
        aria_label=label,
        style={
            "--row-height": f"{row_height_px}px",
            theme.PHONE: {"--row-height": f"{row_height_px * 3 // 5}px"},
            "display": "flex",
            "flex_wrap": "wrap",
            "gap": theme.IN_CONTROL,
            "list_style": "none",
            "margin": "0",
            "padding": "0",
            "&::after": filler,
        },
    )


def _cell(picture: rx.Var[Picture], on_open: OnId) -> rx.Component:
    ratio: Any = picture.width_px / picture.height_px
    badge = rx.el.span(drawn_badge(), style={"position": "absolute", "left": theme.space(2), "bottom": theme.space(2)})
    opener = rx.el.button(
        fading_picture(url=picture.thumb_url, blur=picture.blur, alt=picture.title, fit="cover"),
        type="button",
        on_click=on_open(picture.id),
        aria_label=t("picture.open", title=picture.title),
        style=whole_frame(),
    )
    return rx.el.li(
        opener,
        rx.cond(picture.is_drawn, badge, rx.fragment()),
        style={
            "position": "relative",
            "flex_grow": ratio,
            "flex_shrink": "1",
            "flex_basis": "calc(var(--row-height) * " + ratio.to_string() + ")",
            "aspect_ratio": ratio,
            "min_width": "0",
            "background": theme.SUNKEN,
            "border_radius": theme.RADIUS_TILE,
            "overflow": "hidden",
        },
    )
