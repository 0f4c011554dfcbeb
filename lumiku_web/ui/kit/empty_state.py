"""Nothing here yet: a drawing, a sentence, one action."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.kit.drawing import drawing
from lumiku_web.ui.kit.props import Text


def empty_state(sentence: Text, *, picture: str = "frames", action: rx.Component | None = None) -> rx.Component:
    """`picture`: one of `kit.drawing.DRAWINGS`. `action`: one button."""
    return rx.el.div(
        drawing(picture),
        rx.el.p(sentence, style={**theme.BODY, "color": theme.QUIET, "margin": "0", "max_width": "44ch", "text_wrap": "balance"}),
        action if action is not None else rx.fragment(),
        style={
            "display": "flex",
            "flex_direction": "column",
            "align_items": "center",
            "justify_content": "center",
            "gap": theme.BETWEEN_BLOCKS,
            "padding": f"{theme.space(12)} {theme.space(4)}",
            "text_align": "center",
        },
    )
