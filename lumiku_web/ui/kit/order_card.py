"""One card an order, one tile a picture: the same card beside the form, in the tray, and after coming back."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import OrderCard, Tile
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, secondary_button
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.picture import drawn_badge
from lumiku_web.ui.kit.props import OnId, Style, shown_if
from lumiku_web.ui.kit.surface import card
from lumiku_web.ui.kit.tile import outlook_line, reference_line, tile_view
from lumiku_web.ui.live import LiveState

#: Where there is little room: what the summary has to say grows, and must move nothing by it.
_BELOW_EACH_OTHER: Final[Style] = {"flex_direction": "column"}
_DOT_WIDTH: Final = theme.space(3)
#: The dot of whatever begins a line falls outside and is cut off.
_AFTER_A_DOT: Final[Style] = {
    "&::before": {"content": "'·' / ''", "display": "inline-block", "width": _DOT_WIDTH, "text_align": "center"}
}


def order_card(order: rx.Var[OrderCard], *, on_open: OnId | None = None, is_compact: bool = False) -> rx.Component:
    """`on_open(image_id)` for a finished tile. Compact: for the tray.

    A failure is written in its tile; in a compact card the tiles are too small for a sentence, so it stands below them. What
    runs can be cancelled and what failed can be tried again wherever the card is shown: all of it by the card, one picture by
    its tile where that is large enough.
    """

    def one_tile(tile: rx.Var[Tile], place: rx.Var[int]) -> rx.Component:
        if is_compact:
            return tile_view(tile, on_open=on_open, is_small=True)
        return tile_view(
            tile,
            number=place + 1,
            on_open=on_open,
            on_cancel=lambda item_id: LiveState.cancel(order.id, item_id),
            on_again=lambda item_id: LiveState.try_again(order.id, item_id),
        )

    least = theme.space(15) if is_compact else f"min({theme.space(40)}, calc(50% - {theme.space(1)}))"
    tiles = rx.el.div(
        rx.foreach(order.tiles, one_tile),
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fill, minmax({least}, 1fr))",
            "gap": theme.IN_CONTROL,
            "align_items": "start",
        },
    )
    below = (_outlook(order), rx.foreach(order.tiles, _failure)) if is_compact else ()
    return card(_head(order, is_compact), tiles, *below, _again(order, is_compact), is_article=True, aria_label=order.title)


def _again(order: rx.Var[OrderCard], is_compact: bool) -> rx.Component:
    """Below the tiles, far from the button that cancels: the second click of a double click must order nothing."""
    name = rx.cond(order.left_to_try == 1, t("order.try_one_again"), t("order.try_many_again", count=order.left_to_try))
    button = secondary_button(name, icon_name="rotate-cw", is_small=True, on_click=LiveState.try_again(order.id, ""))
    least = 1 if is_compact else 2  # one alone has its own button in its tile
    return rx.cond(order.left_to_try >= least, rx.el.div(button), rx.fragment())


def _outlook(order: rx.Var[OrderCard]) -> rx.Component:
    """Say it once for all tiles, which have no room for it."""
    line = rx.el.p(outlook_line(order.id), style={**theme.SMALL, "margin": "0", "color": theme.QUIET})
    return rx.cond(order.is_running, line, rx.fragment())


def _failure(tile: rx.Var[Tile]) -> rx.Component:
    """Repeat the reason where there is room; the tile has said it to a screen reader already."""
    line = rx.el.p(
        icon("circle-alert", style={"color": theme.DANGER_TEXT, "margin_top": theme.space(0.5)}),
        rx.el.span(tile.reason, " ", tile.back, " ", reference_line(tile)),
        aria_hidden="true",
        style={**theme.SMALL, "display": "flex", "gap": theme.space(1), "margin": "0", "color": theme.QUIET},
    )
    return rx.cond(tile.status == "failed", line, rx.fragment())


def _head(order: rx.Var[OrderCard], is_compact: bool) -> rx.Component:
    title = rx.el.h3(
        order.title,
        title=order.title,
        dir="auto",
        style={**theme.BODY, **theme.ONE_LINE, "font_weight": theme.STRONG, "margin": "0"},
    )
    facts = rx.el.div(
        rx.el.span(
            rx.el.span(order.summary, role="status", style={**theme.TABULAR, **_AFTER_A_DOT, "flex_shrink": "0"}),
            shown_if(order.price, rx.el.span(order.price, style={**theme.TABULAR, **theme.ONE_LINE, **_AFTER_A_DOT})),
            style={"display": "flex", "min_width": "0", "max_width": "100%"},
        ),
        rx.el.span(
            rx.el.span(order.model, style={**theme.ONE_LINE, **_AFTER_A_DOT}),
            rx.cond(order.is_drawn, drawn_badge(), rx.fragment()),
            style={"display": "flex", "align_items": "center", "gap": theme.IN_CONTROL, "max_width": "100%"},
        ),
        style={
            **theme.SMALL,
            "color": theme.QUIET,
            "display": "flex",
            "margin_inline_start": f"-{_DOT_WIDTH}",
            **(_BELOW_EACH_OTHER if is_compact else {theme.PHONE: _BELOW_EACH_OTHER}),
        },
    )
    stop = ghost_button(t("order.cancel"), icon_name="x", is_small=True, on_click=LiveState.cancel(order.id, ""))
    return rx.el.div(
        rx.el.div(title, facts, style={"min_width": "0", "flex": "1", "overflow": "hidden"}),
        rx.cond(order.is_running, stop, rx.fragment()),
        style={"display": "flex", "align_items": "start", "gap": theme.IN_CARD},
    )
