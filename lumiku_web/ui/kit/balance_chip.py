"""What the person has, in the top bar: changes by itself, says more on hover, leads to the page about it."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import Purse
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.props import Style
from lumiku_web.ui.kit.tray import bar_button


def balance_chip(purse: rx.Var[Purse], *, element_id: str = "balance") -> rx.Component:
    """Show "96 credits", or "7 of 10 today · 96" to who has a plan; on a phone the numbers alone.

    It keeps its place until the server has said what is in it, and warns where nothing can be ordered.
    """
    style: Style = {
        **bar_button(),
        **theme.TABULAR,
        "justify_content": "end",
        "white_space": "nowrap",
        "min_width": theme.space(24),
        "visibility": rx.cond(purse.words == "", "hidden", "visible"),
        "color": rx.match(purse.tone, ("danger", theme.DANGER_TEXT), ("warning", theme.WARNING_TEXT), theme.TEXT),
        theme.PHONE: {"min_width": theme.space(14), "padding": f"0 {theme.space(1)}", "gap": theme.space(1)},
    }
    return plain_link(
        rx.cond(purse.tone == "", icon("coins"), icon("circle-alert")),
        rx.el.span(purse.words, style={theme.PHONE: {"display": "none"}}),
        rx.el.span(purse.figures, style={theme.NOT_PHONE: {"display": "none"}}),
        href="/credits",
        id=element_id,
        title=purse.sentence,
        aria_label=purse.sentence,
        style=style,
    )
