"""Asks before what can't be taken back: names the thing, says what happens to it."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import danger_button, primary_button, secondary_button
from lumiku_web.ui.kit.props import Flag, Handler, Text


def confirm_dialog(
    *,
    is_open: Flag,
    title: Text,
    body: Text,
    confirm_label: Text,
    on_confirm: Handler,
    on_cancel: Handler,
    is_dangerous: bool = True,
    is_busy: Flag = False,
) -> rx.Component:
    """`title`: "Put “Summer campaign” in trash?"; `confirm_label`: the verb and its object, never "OK".

    Opens on the button that changes nothing; Escape is the same as that button.
    """
    confirm = danger_button if is_dangerous else primary_button
    buttons = rx.el.div(
        rx.alert_dialog.cancel(secondary_button(t("confirm.cancel"))),
        confirm(confirm_label, on_click=on_confirm, is_busy=is_busy),
        style={"display": "flex", "flex_wrap": "wrap", "justify_content": "end", "gap": theme.IN_CONTROL},
    )
    return dialog_frame(title, body, buttons, is_open=is_open, on_open_change=on_cancel)


def dialog_frame(
    title: Text, body: Text, buttons: rx.Component, *, is_open: Flag, on_open_change: Handler = None
) -> rx.Component:
    """Put a question in the middle of the window that has to be answered."""
    words = {"on_open_change": on_open_change} if on_open_change is not None else {}
    content = rx.alert_dialog.content(
        rx.alert_dialog.title(title, style={**theme.TITLE, "margin": "0", "overflow_wrap": "anywhere"}),
        rx.alert_dialog.description(
            body, style={**theme.BODY, "color": theme.QUIET, "margin": f"{theme.space(2)} 0 {theme.space(6)}"}
        ),
        buttons,
        style={"max_width": theme.DIALOG_WIDTH},
    )
    return rx.alert_dialog.root(content, open=is_open, **words)
