"""One picture of an order, from waiting to there: the place never changes its shape."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import Tile
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import icon_button, secondary_button
from lumiku_web.ui.kit.icon import icon, turning_icon
from lumiku_web.ui.kit.picture import fading_picture, frame
from lumiku_web.ui.kit.props import OnId, Style, shown_if
from lumiku_web.ui.outlook import OutlookState

_CENTRE: Final[Style] = {
    **theme.CAPTION,
    "position": "absolute",
    "inset": "0",
    "display": "flex",
    "flex_direction": "column",
    "align_items": "center",
    "justify_content": "center",
    "gap": theme.space(1),
    "padding": theme.space(2),
    "text_align": "center",
    "color": theme.QUIET,
    "overflow": "hidden",
}
_LINES: Final[Style] = {
    "display": "flex",
    "flex_direction": "column",
    "align_items": "center",
    "gap": theme.space(1),
    "min_width": "0",
    "max_width": "100%",
}
_CLAMP: Final[Style] = {
    "display": "-webkit-box",
    "-webkit-box-orient": "vertical",
    "-webkit-line-clamp": "4",
    "overflow": "hidden",
    "overflow_wrap": "anywhere",
}


def tile_view(
    tile: rx.Var[Tile],
    *,
    number: rx.Var[int] | int = 1,
    on_open: OnId | None = None,
    on_cancel: OnId | None = None,
    on_again: OnId | None = None,
    is_small: bool = False,
) -> rx.Component:
    """Show a tile in any of its states. `on_open(image_id)` when a finished picture is chosen.

    `on_cancel(id)` while it waits or runs, `on_again(id)` where it failed; `number` tells these buttons from those of its
    neighbours. Small: only the icon is seen and there is no room for buttons, the sentence is still read out; whoever uses it
    says elsewhere why something failed.
    """
    inside = rx.match(
        tile.status,
        ("queued", _still("clock", rx.cond(tile.reason != "", tile.reason, t("tile.waiting")), is_small, outlook_line(tile.id))),
        ("running", _working(tile, t("tile.running"), is_small)),
        ("saving", _working(tile, t("tile.saving"), is_small)),
        ("succeeded", _done(tile, on_open)),
        ("failed", _failed(tile, _again(tile, number, on_again), is_small)),
        ("trashed", _still("trash-2", t("tile.trashed"), is_small)),
        ("deleted", _still("image-off", t("tile.deleted"), is_small)),
        ("canceled", _still("circle-slash", t("tile.canceled"), is_small, _back(tile))),
        _still("circle-help", tile.status, is_small),
    )
    stop = _stop(tile, number, on_cancel)
    return frame(inside, stop, width_px=tile.width_px, height_px=tile.height_px, custom_attrs={"data-status": tile.status})


def _stop(tile: rx.Var[Tile], number: rx.Var[int] | int, on_cancel: OnId | None) -> rx.Component:
    """In a corner where no button that orders anything ever comes: a click that is late must cost nothing."""
    if on_cancel is None:
        return rx.fragment()
    button = icon_button("x", t("tile.cancel", number=number), is_small=True, on_click=on_cancel(tile.id))
    place: Style = {"position": "absolute", "top": theme.space(1), "inset_inline_end": theme.space(1), "z_index": "1"}
    return rx.cond((tile.status == "queued") | (tile.status == "running"), rx.el.div(button, style=place), rx.fragment())


def _again(tile: rx.Var[Tile], number: rx.Var[int] | int, on_again: OnId | None) -> rx.Component:
    if on_again is None:
        return rx.fragment()
    name = t("tile.try_again", number=number)
    button = secondary_button(
        t("order.try_one_again"), icon_name="rotate-cw", is_small=True, aria_label=name, on_click=on_again(tile.id)
    )
    return rx.cond(tile.can_be_tried, button, rx.fragment())


def _words(*lines: rx.Component, is_small: bool) -> rx.Component:
    return rx.el.span(*lines, class_name="lk-unseen" if is_small else "", style={} if is_small else _LINES)


def outlook_line(item_or_order_id: rx.Var[str]) -> rx.Component:
    """Say when it comes and why it waits; too often to be read out. The line keeps its place while there is nothing to say."""
    style: Style = {**theme.TABULAR, **_CLAMP, "&:empty::before": {"content": r"'\200b'"}}
    return rx.el.span(OutlookState.lines.get(item_or_order_id, ""), aria_live="off", style=style)


def _still(icon_name: str, text: object, is_small: bool, *more: rx.Component) -> rx.Component:
    words = _words(rx.el.span(text, style=_CLAMP), *more, is_small=is_small)
    return rx.el.div(icon(icon_name), words, role="status", style=_CENTRE)


def _working(tile: rx.Var[Tile], text: rx.Var[str], is_small: bool) -> rx.Component:
    """Pulse honestly: the provider reports no progress, so there is no bar."""
    breath: Style = {
        "position": "absolute",
        "inset": "0",
        "background": theme.PRESSED,
        "animation": f"lk-breathe {theme.BREATH} infinite",
    }
    lines = (
        rx.el.span(text, style={"font_weight": theme.MEDIUM}),
        shown_if(tile.reason, rx.el.span(tile.reason, style=_CLAMP)),
        outlook_line(tile.id),
    )
    return rx.fragment(
        rx.el.div(aria_hidden="true", style=breath),
        rx.el.div(
            turning_icon() if is_small else rx.fragment(),
            _words(*lines, is_small=is_small),
            role="status",
            style={**_CENTRE, "color": theme.TEXT},
        ),
    )


def _done(tile: rx.Var[Tile], on_open: OnId | None) -> rx.Component:
    shown = fading_picture(url=tile.thumb_url, blur=tile.blur, alt=t("tile.done"), fit="cover")
    if on_open is None:
        return shown
    return rx.el.button(shown, type="button", on_click=on_open(tile.image_id), aria_label=t("tile.open"), style=whole_frame())


def whole_frame() -> Style:
    """Style a button as large as its frame; the focus ring stays inside, where nothing cuts it off."""
    return {
        "position": "absolute",
        "inset": "0",
        "padding": "0",
        "border": "0",
        "background": "transparent",
        "cursor": "zoom-in",
        "border_radius": theme.RADIUS_TILE,
        "&:focus-visible": {"outline_offset": f"-{theme.FOCUS_WIDTH}", "z_index": "1"},
        "&:focus-visible::after": {
            "content": "''",
            "position": "absolute",
            "inset": "0",
            "border": theme.ring(theme.FOCUS),
            "border_radius": theme.RADIUS_TILE,
        },
    }


def _failed(tile: rx.Var[Tile], again: rx.Component, is_small: bool) -> rx.Component:
    reason = rx.el.span(
        rx.cond(tile.reason != "", tile.reason, t("tile.failed")), title=tile.reason, style={**_CLAMP, "color": theme.TEXT}
    )
    said = rx.el.div(
        icon("circle-alert", style={"color": theme.DANGER_TEXT, **({} if is_small else {theme.PHONE: {"display": "none"}})}),
        _words(reason, _back(tile), reference_line(tile), is_small=is_small),
        role="status",
        style={**_LINES, "width": "100%", "overflow": "hidden"},  # in a low tile the words give way, never the button
    )
    return rx.el.div(said, again, style={**_CENTRE, "background": theme.DANGER_TINT})


def _back(tile: rx.Var[Tile]) -> rx.Component:
    return shown_if(tile.back, rx.el.span(tile.back))


def reference_line(tile: rx.Var[Tile]) -> rx.Component:
    """Show what support needs; one click selects it whole."""
    code = rx.el.code(tile.reference, style={"user_select": "all", "font_family": theme.FONT_MONO, "overflow_wrap": "anywhere"})
    return shown_if(tile.reference, rx.el.span(t("tile.reference"), " ", code))
