"""What the shell says above every page, and the dialog of a session that ended."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import primary_button, secondary_button
from lumiku_web.ui.kit.confirm import dialog_frame
from lumiku_web.ui.kit.notice import notice, session_notice
from lumiku_web.ui.kit.props import Style
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.session import SessionState


def banners() -> rx.Component:
    """Show the note about the house (stays as long as it is true) and the notice (until dismissed)."""
    return rx.fragment(
        rx.cond(LiveState.service_note != "", notice(LiveState.service_note, tone="warning"), rx.fragment()),
        rx.el.div(session_notice(), style=_in_sight()),
    )


def _in_sight() -> Style:
    """It stays at the top of the window where the page is scrolled, and takes no place while it has nothing to say."""
    return {
        "position": "sticky",
        "top": f"calc({theme.TOP_BAR_HEIGHT} + {theme.space(2)})",
        "z_index": theme.LAYER_NOTICE,
        "&:empty": {"display": "none"},
    }


def session_ended_dialog() -> rx.Component:
    """Signing in happens in another tab, so that what was typed here stays."""
    sign_in = secondary_button(t("session.sign_in"), href="/sign-in", target="_blank")
    buttons = rx.el.div(
        sign_in,
        primary_button(t("session.resume"), on_click=SessionState.resume),
        style={
            "display": "flex",
            "flex_wrap": "wrap",
            "align_items": "center",
            "justify_content": "end",
            "gap": theme.IN_CONTROL,
        },
    )
    return dialog_frame(t("session.ended"), t("session.ended_body"), buttons, is_open=SessionState.session_ended)
