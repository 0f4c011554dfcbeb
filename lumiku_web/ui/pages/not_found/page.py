"""An address that leads nowhere, or to something of somebody else: the same answer."""

import reflex as rx

from lumiku_web.ui import kit
from lumiku_web.ui.i18n import t
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.shell import public_frame


def page() -> rx.Component:
    """Route `404`."""
    home = rx.cond(
        SessionState.is_signed_in,
        kit.primary_button(t("not_found.home"), href="/home"),
        kit.primary_button(t("not_found.start"), href="/"),
    )
    return public_frame(
        rx.el.div(
            rx.el.h1(t("not_found.title"), class_name="lk-unseen"),
            kit.empty_state(t("not_found.sentence"), picture="lost", action=home),
        )
    )
