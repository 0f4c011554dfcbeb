"""The first page anybody sees: what this is, one picture, the way in."""

from typing import Final

import reflex as rx

from lumiku_web.ui import kit, theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.pages.account.state import AccountPageState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.shell import public_frame

_SHEET: Final = ("florist", "baker", "chef", "pilot", "librarian", "carpenter")


def page() -> rx.Component:
    """`/`, `on_load=AccountPageState.load`."""
    return public_frame(
        rx.el.div(
            rx.el.div(
                _words(), _ways_in(), _promises(), style={"display": "flex", "flex_direction": "column", "gap": theme.space(8)}
            ),
            _contact_sheet(),
            style={
                "display": "grid",
                "grid_template_columns": "minmax(0, 1fr) minmax(0, 1fr)",
                "gap": theme.space(16),
                "align_items": "center",
                "width": "100%",
                "max_width": theme.WELCOME_WIDTH,
                "padding": f"{theme.space(4)} 0 {theme.space(12)}",
                theme.NARROW: {
                    "grid_template_columns": "minmax(0, 1fr)",
                    "gap": theme.space(8),
                    "max_width": theme.READING_WIDTH,
                },
            },
        )
    )


def _words() -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("welcome.title"), style={**theme.DISPLAY, "margin": "0", "text_wrap": "balance"}),
        rx.el.p(t("welcome.sub"), style={**theme.LEAD, "color": theme.QUIET, "margin": f"{theme.space(3)} 0 0"}),
    )


def _ways_in() -> rx.Component:
    """Offer the ways in, whatever the connection does: a sign-up needs no more than a link."""
    first = rx.fragment(kit.primary_button(t("account.create_first"), href="/sign-up"))
    visitor = rx.fragment(
        kit.primary_button(t("account.sign_up"), href="/sign-up"), kit.secondary_button(t("account.sign_in"), href="/sign-in")
    )
    member = rx.fragment(kit.primary_button(t("welcome.open"), href="/home"))
    return kit.row(rx.cond(SessionState.is_signed_in, member, rx.cond(AccountPageState.is_first_visit, first, visitor)))


def _promises() -> rx.Component:
    lines = (
        ("shield-check", t("welcome.promise_paid")),
        ("zap", t("welcome.promise_live")),
        ("hard-drive", t("welcome.promise_own")),
    )
    return rx.el.ul(
        *(
            rx.el.li(
                kit.icon(name, is_large=True, style={"color": theme.QUIET}),
                rx.el.span(text),
                style={"display": "flex", "gap": theme.IN_CARD, "align_items": "start"},
            )
            for name, text in lines
        ),
        style={
            **theme.BODY,
            "display": "flex",
            "flex_direction": "column",
            "gap": theme.IN_CARD,
            "list_style": "none",
            "margin": "0",
            "padding": f"{theme.space(6)} 0 0",
            "border_top": theme.HAIRLINE,
        },
    )


def _contact_sheet() -> rx.Component:
    prints = rx.el.div(
        *(
            rx.el.img(
                src=f"/images/portraits/{name}.svg",
                alt="",
                width="980",
                height="980",
                style={"width": "100%", "height": "auto", "display": "block", "border_radius": theme.RADIUS_TILE},
            )
            for name in _SHEET
        ),
        role="img",
        aria_label=t("welcome.picture"),
        style={"display": "grid", "grid_template_columns": "repeat(3, minmax(0, 1fr))", "gap": theme.IN_CONTROL},
    )
    return rx.el.figure(
        prints,
        rx.el.figcaption(t("welcome.caption"), style={**theme.CAPTION, "color": theme.QUIET, "margin_top": theme.IN_CARD}),
        style={
            "margin": "0",
            "padding": theme.IN_CARD,
            "background": theme.SURFACE,
            "border": theme.HAIRLINE,
            "border_radius": theme.RADIUS_CARD,
        },
    )
