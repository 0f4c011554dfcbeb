"""What the shell says above every page, and the dialog of a session that ended."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import primary_button, secondary_button
from lumiku_web.ui.kit.confirm import dialog_frame
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.session import SessionState


def banners() -> rx.Component:
    """Show the note about the house (stays as long as it is true) and the notice (until dismissed)."""
    return rx.fragment(
        rx.cond(LiveState.service_note != "", notice(LiveState.service_note, tone="warning"), rx.fragment()),
        rx.cond(
            SessionState.notice_text != "",
            notice(SessionState.notice_text, tone=SessionState.notice_tone, on_dismiss=SessionState.dismiss_notice),
            rx.fragment(),
        ),
    )


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
