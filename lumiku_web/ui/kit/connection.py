"""What is shown while the browser can't reach us. Reflex's own message names a socket address; ours says what it means."""

from collections.abc import Callable
from typing import Final

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.icon import turning_icon
from lumiku_web.ui.kit.props import Style

Wraps = dict[tuple[int, str], Callable[[bool], rx.Component | None]]

#: The places that Reflex itself uses (`rx.App.app_wraps`): ours take over.
_OVERLAY: Final = (5, "Overlay")


def connection_wraps() -> Wraps:
    """For `rx.App(extra_app_wraps=connection_wraps())`."""
    return {_OVERLAY: lambda is_stateful: rx.fragment(_connection_bar()) if is_stateful else None}


@rx.memo
def _connection_bar() -> rx.Component:
    # One failed attempt is a blink that the next one mends in 0.2 s.
    return rx.cond(has_too_many_connection_errors, connection_bar(), rx.fragment())


def connection_bar() -> rx.Component:
    """Calm, at the lower edge, over everything; covers no field."""
    style: Style = {
        **theme.BODY,
        "position": "fixed",
        "left": "50%",
        "translate": "-50% 0",
        "bottom": f"calc({theme.BOTTOM_BAR_HEIGHT} + {theme.space(3)} + env(safe-area-inset-bottom))",
        "z_index": theme.LAYER_BANNER,
        "display": "flex",
        "align_items": "center",
        "gap": theme.IN_CONTROL,
        "width": "max-content",
        "max_width": f"calc(100vw - {theme.space(8)})",
        "padding": f"{theme.space(2)} {theme.space(4)}",
        "background": theme.RAISED,
        "color": theme.TEXT,
        "border": theme.line(theme.WARNING_LINE),
        "border_radius": theme.RADIUS_CONTROL,
        "box_shadow": theme.FLOAT_SHADOW,
        "font_family": theme.FONT,
        "animation": f"lk-appear {theme.MOVE}",
        theme.NOT_PHONE: {"bottom": theme.space(4)},
    }
    return rx.el.div(turning_icon(), rx.el.span(t("connection.lost")), role="status", style=style)
