"""The mark: a face in a frame, and the name beside it."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t


def mark(size: str = "24") -> rx.Component:
    """Draw what assets/favicon.svg draws as assets/favicon.svg, in the colours of the mode."""
    return rx.el.svg(
        rx.el.rect(x="2", y="2", width="20", height="20", rx="6", fill=theme.ACCENT),
        rx.el.circle(cx="12", cy="9.5", r="3.25", stroke=theme.ON_ACCENT, stroke_width="1.75"),
        rx.el.path(
            d="M6.5 18.5c.4-2.9 2.6-4.5 5.5-4.5s5.1 1.6 5.5 4.5",
            stroke=theme.ON_ACCENT,
            stroke_width="1.75",
            stroke_linecap="round",
        ),
        view_box="0 0 24 24",
        width=size,
        height=size,
        fill="none",
        style={"flex_shrink": "0"},
        custom_attrs={"aria-hidden": "true"},
    )


def word_mark() -> rx.Component:
    """Mark and name."""
    return rx.el.span(
        mark(),
        rx.el.span(
            t("app.name"), class_name="lk-label", style={**theme.LEAD, "font_weight": theme.STRONG, "letter_spacing": "-0.01em"}
        ),
        style={"display": "inline-flex", "align_items": "center", "gap": theme.IN_CONTROL},
    )
