"""The button that costs something. It is never silent: the line above says the price's terms, or why it is off."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.button import primary_button
from lumiku_web.ui.kit.props import Flag, Handler, Style, Text

_AT_THE_EDGE: Style = {
    "position": "sticky",
    "bottom": f"calc({theme.BOTTOM_BAR_HEIGHT} + env(safe-area-inset-bottom))",
    "background": theme.CANVAS,
    "border_top": theme.HAIRLINE,
    "margin": f"0 -{theme.space(4)}",
    "padding": f"{theme.space(2)} {theme.space(4)} {theme.space(3)}",
    "z_index": theme.LAYER_BAR,
}


def price_button(
    label: Text,
    *,
    on_click: Handler = None,
    why_off: Text = "",
    note: Text = "",
    details: rx.Component | None = None,
    way_out: rx.Component | None = None,
    is_busy: Flag = False,
    element_id: str = "price",
) -> rx.Component:
    """`label`: "Generate 4 · 40 credits". While there is a `why_off`, the button is off and the line says it; else `note`.

    `details` stands at the end of the line, `way_out` after the `why_off`.
    Without `on_click` it submits its form. On a phone it stays at the bottom edge.
    """
    does = {"type": "submit"} if on_click is None else {"on_click": on_click}
    line_id = f"{element_id}-line"
    is_off = rx.Var.create(why_off) != ""
    words = rx.el.p(
        rx.cond(is_off, why_off, note),
        rx.cond(is_off, rx.fragment(" ", way_out), rx.fragment()) if way_out is not None else rx.fragment(),
        id=line_id,
        role="status",
        style={**theme.SMALL, "min_height": theme.space(5), "color": theme.QUIET, "margin": "0", "flex": "1", "min_width": "0"},
    )
    return rx.el.div(
        rx.el.div(
            words,
            details if details is not None else rx.fragment(),
            style={
                "display": "flex",
                "align_items": "center",
                "gap": theme.IN_CONTROL,
                "min_height": theme.CONTROL_HEIGHT_SMALL if details is not None else theme.space(5),
                "margin": f"0 0 {theme.space(1)}",
            },
        ),
        primary_button(label, disabled=is_off, is_busy=is_busy, is_wide=True, aria_describedby=line_id, id=element_id, **does),
        style={theme.PHONE: _AT_THE_EDGE},
    )
