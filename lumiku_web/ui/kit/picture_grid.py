"""Pictures as on a contact sheet: rows of one height, nothing cropped, every place kept before its picture comes."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.ui import theme
from lumiku_web.ui.cards import Picture, Tail, TailKind
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import secondary_button
from lumiku_web.ui.kit.icon import icon, turning_icon
from lumiku_web.ui.kit.in_view import coming_near
from lumiku_web.ui.kit.picture import UrlOf, drawn_badge, fading_picture, file_url, tile_id
from lumiku_web.ui.kit.props import PAGE_CONTENT, Flag, Handler, OnId, Style, Text
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.tile import whole_frame
from lumiku_web.ui.picture_viewer import PictureList
from lumiku_web.ui.picture_window import PAGES

#: Makes the event of a heart: of which picture, and whether it is to be a favourite.
OnMark = Callable[[rx.Var[str], rx.Var[bool]], Any]
#: Something at the foot of each picture.
Foot = Callable[[rx.Var[Picture]], rx.Component]

_IN_CORNER: Style = {"position": "absolute", "left": theme.space(2), "bottom": theme.space(2)}


def pages_of(state: type[PictureList]) -> list[rx.Var[list[Picture]]]:
    """All pages of a list, for one grid."""
    return [getattr(state, f"page_{number}") for number in range(PAGES)]


def picture_grid(
    *pages: rx.Var[list[Picture]],
    on_open: OnId,
    label: Text,
    row_height_px: int = 200,
    on_mark: OnMark | None = None,
    foot: Foot | None = None,
    url_of: UrlOf = file_url,
) -> rx.Component:
    """`on_open(image_id)` when a picture is chosen. `label` names the list."""
    filler: Style = {"content": "''", "flex": "1000000 1 0px"}  # keeps the last row from growing

    def cell(picture: rx.Var[Picture]) -> rx.Component:
        return _cell(picture, on_open, on_mark, foot, url_of)

    return rx.el.ul(
        *(rx.foreach(page, cell) for page in pages),
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


def _cell(picture: rx.Var[Picture], on_open: OnId, on_mark: OnMark | None, foot: Foot | None, url_of: UrlOf) -> rx.Component:
    ratio: Any = picture.width_px / picture.height_px
    opener = rx.el.button(
        fading_picture(url=url_of(picture.id, Variant.thumb), blur=picture.blur, alt=picture.title, fit="cover"),
        type="button",
        on_click=on_open(picture.id),
        aria_label=t("picture.open", title=picture.title),
        custom_attrs={"id": tile_id(picture.id)},  # as a prop it would become a ref, of which a list has none
        style=whole_frame(),
    )
    badge = rx.cond(picture.is_drawn, rx.el.span(drawn_badge(), style=_IN_CORNER), rx.fragment())
    return rx.el.li(
        opener,
        foot(picture) if foot is not None else badge,
        _heart(picture, on_mark) if on_mark is not None else rx.fragment(),
        key=picture.id,
        custom_attrs={"data-picture": picture.id},
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
            "content_visibility": "auto",
        },
    )


def _heart(picture: rx.Var[Picture], on_mark: OnMark) -> rx.Component:
    """In sight where it is set, and wherever a mouse or the focus is; under a finger, the lightbox has one."""
    label = rx.cond(picture.is_favourite, t("picture.unmark", title=picture.title), t("picture.mark", title=picture.title))
    style: Style = {
        "position": "absolute",
        "top": "0",
        "right": "0",
        "width": theme.CONTROL_HEIGHT,
        "height": theme.CONTROL_HEIGHT,
        "display": "grid",
        "place_items": "center",
        "padding": "0",
        "border": "0",
        "background": "transparent",
        "cursor": "pointer",
        "opacity": rx.cond(picture.is_favourite, "1", "0"),
        "transition": f"opacity {theme.MOVE}",
        "li:hover > &, li:focus-within > &": {"opacity": "1"},
        "&:focus-visible": {"outline_offset": f"-{theme.FOCUS_WIDTH}"},
        theme.TOUCH: {"visibility": rx.cond(picture.is_favourite, "visible", "hidden")},
    }
    return rx.el.button(
        rx.el.span(icon("heart", style={"fill": rx.cond(picture.is_favourite, "currentColor", "none")}), style=_disc()),
        type="button",
        on_click=on_mark(picture.id, ~picture.is_favourite),
        aria_label=label,
        aria_pressed=picture.is_favourite,
        title=label,
        style=style,
    )


def _disc() -> Style:
    return {
        "display": "grid",
        "place_items": "center",
        "width": theme.space(7),
        "height": theme.space(7),
        "border_radius": theme.RADIUS_ROUND,
        "background": theme.SCRIM,
        "color": theme.ON_PICTURE,
    }


def grid_tail(tail: rx.Var[Tail], *, on_more: OnId, on_older: Handler, is_long: Flag = True) -> rx.Component:
    """What stands below a grid. `on_more(after)` loads the next page, ahead of need or when the button is pressed."""
    more = rx.fragment(
        coming_near(on_more(tail.after)),
        secondary_button(t("pictures.show_more"), on_click=on_more(tail.after)),
    )
    failed = rx.fragment(
        rx.el.span(t("pictures.not_loaded"), role="status"),
        secondary_button(t("pictures.try_again"), icon_name="rotate-cw", on_click=on_more(tail.after)),
    )
    full = secondary_button(t("pictures.older"), icon_name="arrow-down", on_click=[on_older, rx.scroll_to(PAGE_CONTENT)])
    state = rx.match(
        tail.kind,
        (TailKind.more.value, more),
        (TailKind.loading.value, rx.fragment(turning_icon(), rx.el.span(t("pictures.loading"), role="status"))),
        (TailKind.failed.value, failed),
        (TailKind.full.value, full),
        rx.cond(is_long, rx.el.span(t("pictures.all")), rx.fragment()),
    )
    return rx.el.div(
        state,
        style={
            **theme.SMALL,
            "color": theme.QUIET,
            "display": "flex",
            "flex_wrap": "wrap",
            "align_items": "center",
            "justify_content": "center",
            "gap": theme.IN_CARD,
            "min_height": theme.space(16),
        },
    )


def grid_skeleton(row_height_px: int = 200) -> rx.Component:
    """Two rows that are about to be there."""
    rows = [skeleton(height=f"{row_height_px}px", is_tile=True) for _ in range(8)]
    return rx.el.div(
        *rows,
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fill, minmax({theme.space(35)}, 1fr))",
            "gap": theme.IN_CONTROL,
        },
    )


def endless_grid(
    state: Any, *, label: Text, nothing: rx.Component, foot: Foot | None = None, row_height_px: int = 200
) -> rx.Component:
    """The whole list of a `PictureViewer`, page after page; `nothing` where it is empty."""
    back = rx.el.div(secondary_button(t("pictures.newest"), icon_name="arrow-up", on_click=state.show_newest))
    grid = picture_grid(
        *pages_of(state),
        on_open=state.open_picture,
        label=label,
        on_mark=None if foot is not None else state.set_favourite,
        foot=foot,
        row_height_px=row_height_px,
    )
    some = rx.el.div(
        rx.cond(state.tail.is_newest, rx.fragment(), back),
        grid,
        grid_tail(state.tail, on_more=state.load_more, on_older=state.show_older, is_long=state.page_1.length() > 0),
        style={"display": "flex", "flex_direction": "column", "gap": theme.BETWEEN_BLOCKS},
    )
    return rx.cond(state.tail.is_empty, nothing, some)
