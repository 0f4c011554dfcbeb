"""What runs, from anywhere: a count in the top bar, the order cards behind it."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.icon import icon, turning_icon
from lumiku_web.ui.kit.order_card import order_card
from lumiku_web.ui.kit.props import Style
from lumiku_web.ui.live import LiveState


def running_tray() -> rx.Component:
    """Show the count, which is read out when it changes."""
    is_running = LiveState.running_count > 0
    word = rx.el.span(
        rx.cond(is_running, t("tray.running", count=LiveState.running_count), t("tray.none")),
        role="status",
        style={**theme.TABULAR, "white_space": "nowrap"},
    )
    trigger = rx.el.button(
        rx.cond(is_running, turning_icon(), icon("circle-dashed")), word, type="button", title=t("tray.open"), style=bar_button()
    )
    cards = rx.cond(
        LiveState.orders.length() > 0,
        rx.foreach(LiveState.orders, lambda order: order_card(order, is_compact=True)),
        empty_state(t("tray.empty"), picture="quiet"),
    )
    content = rx.popover.content(
        rx.el.h2(t("tray.title"), style={**theme.LEAD, "font_weight": theme.STRONG, "margin": "0"}),
        rx.el.div(
            cards, style={"display": "flex", "flex_direction": "column", "gap": theme.IN_CONTROL, "margin_top": theme.IN_CARD}
        ),
        align="end",
        aria_label=t("tray.title"),
        style={
            "width": f"min({theme.TRAY_WIDTH}, calc(100vw - {theme.space(4)}))",
            "max_width": "none",
            "max_height": "min(640px, calc(100dvh - 88px))",
            "overflow_y": "auto",
            "padding": theme.space(4),
            "background": theme.CANVAS,
        },
    )
    return rx.popover.root(rx.popover.trigger(trigger), content)


def bar_button() -> Style:
    """Style a quiet button of the top bar."""
    return {
        **theme.SMALL,
        "font_family": "inherit",
        "font_weight": theme.MEDIUM,
        "color": theme.TEXT,
        "display": "inline-flex",
        "align_items": "center",
        "gap": theme.IN_CONTROL,
        "min_height": theme.CONTROL_HEIGHT,
        "min_width": theme.CONTROL_HEIGHT,
        "padding": f"0 {theme.space(2)}",
        "border": "0",
        "border_radius": theme.RADIUS_CONTROL,
        "background": "transparent",
        "cursor": "pointer",
        "flex_shrink": "0",
        "&:hover, &[data-state='open']": {"background": theme.HOVER},
    }
