"""One card an order, one tile a picture: the same card beside the form, in the tray, and after coming back."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import OrderCard, Tile
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.picture import drawn_badge
from lumiku_web.ui.kit.props import OnId
from lumiku_web.ui.kit.surface import card
from lumiku_web.ui.kit.tile import reference_line, tile_view
from lumiku_web.ui.live import LiveState


def order_card(
    order: rx.Var[OrderCard], *, on_open: OnId | None = None, on_cancel: OnId | None = None, is_compact: bool = False
) -> rx.Component:
    """`on_open(image_id)` for a finished tile, `on_cancel(order_id)` while it runs. Compact: for the tray.

    A failure is written in its tile; in a compact card the tiles are too small for a sentence, so it stands below them. What
    failed can be tried again wherever the card is shown.
    """
    least = theme.space(15) if is_compact else f"min({theme.space(40)}, calc(50% - {theme.space(1)}))"
    tiles = rx.el.div(
        rx.foreach(order.tiles, lambda tile: tile_view(tile, on_open=on_open, is_small=is_compact)),
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fill, minmax({least}, 1fr))",
            "gap": theme.IN_CONTROL,
            "align_items": "start",
        },
    )
    below = rx.foreach(order.tiles, _failure) if is_compact else rx.fragment()
    return card(_head(order, on_cancel), tiles, below, is_article=True, aria_label=order.title)


def _failure(tile: rx.Var[Tile]) -> rx.Component:
    """Repeat the reason where there is room; the tile has said it to a screen reader already."""
    line = rx.el.p(
        icon("circle-alert", style={"color": theme.DANGER_TEXT, "margin_top": theme.space(0.5)}),
        rx.el.span(tile.reason, " ", reference_line(tile)),
        aria_hidden="true",
        style={**theme.SMALL, "display": "flex", "gap": theme.space(1), "margin": "0", "color": theme.QUIET},
    )
    return rx.cond(tile.status == "failed", line, rx.fragment())


def _head(order: rx.Var[OrderCard], on_cancel: OnId | None) -> rx.Component:
    title = rx.el.h3(
        order.title,
        title=order.title,
        dir="auto",
        style={**theme.BODY, **theme.ONE_LINE, "font_weight": theme.STRONG, "margin": "0"},
    )
    facts = rx.el.div(
        rx.el.span(order.summary, role="status", style=theme.TABULAR),
        rx.el.span("·", aria_hidden="true"),
        rx.el.span(order.model, style=theme.ONE_LINE),
        rx.cond(order.is_drawn, drawn_badge(), rx.fragment()),
        style={
            **theme.SMALL,
            "color": theme.QUIET,
            "display": "flex",
            "align_items": "center",
            "flex_wrap": "wrap",
            "column_gap": theme.space(2),
            "min_width": "0",
        },
    )
    stop = (
        rx.cond(
            order.is_running,
            ghost_button(t("order.cancel"), icon_name="x", is_small=True, on_click=on_cancel(order.id)),
            rx.fragment(),
        )
        if on_cancel is not None
        else rx.fragment()
    )
    again = ghost_button(order.again, icon_name="rotate-cw", is_small=True, on_click=LiveState.try_again(order.id))
    return rx.el.div(
        rx.el.div(title, facts, style={"min_width": "0", "flex": "1"}),
        stop,
        rx.cond(order.again != "", again, rx.fragment()),
        style={"display": "flex", "align_items": "start", "gap": theme.IN_CARD},
    )
