"""Who am I, in which language and light, and the way out."""

from typing import Any

import reflex as rx
from reflex_base.style import color_mode, set_color_mode

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.inputs import segmented
from lumiku_web.ui.kit.native_form import native_form
from lumiku_web.ui.kit.props import Style, Text
from lumiku_web.ui.kit.tray import bar_button
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import DEFAULT_LANGUAGE, LANGUAGES


def person_menu(*, is_signed_in: bool = True) -> rx.Component:
    """Show a badge that opens the menu; for a visitor only language and theme."""
    name = t("menu.open") if is_signed_in else t("menu.open_visitor")
    language = rx.match(SessionState.language, *LANGUAGES.items(), LANGUAGES[DEFAULT_LANGUAGE])
    label = rx.el.span(" · ", name, class_name="lk-unseen")
    face = (
        (_badge(), icon("chevron-down", style={"color": theme.QUIET}), label)
        if is_signed_in
        else (icon("languages"), rx.el.span(language, label))
    )
    trigger = rx.el.button(*face, type="button", title=name, style={**bar_button(), "gap": theme.space(1)})
    parts = [_who(), _rule()] if is_signed_in else []
    end = [_rule(), _sign_out()] if is_signed_in else []
    content = rx.popover.content(
        rx.el.div(
            *parts,
            _language(is_signed_in=is_signed_in),
            _light(),
            *end,
            style={"display": "flex", "flex_direction": "column", "gap": theme.IN_CARD},
        ),
        align="end",
        aria_label=name,
        style={"width": theme.MENU_WIDTH, "padding": theme.space(4)},
    )
    return rx.popover.root(rx.popover.trigger(trigger), content)


def _badge() -> rx.Component:
    style: Style = {
        **theme.CAPTION,
        "font_weight": theme.STRONG,
        "display": "grid",
        "place_items": "center",
        "width": theme.space(7),
        "height": theme.space(7),
        "border_radius": theme.RADIUS_ROUND,
        "background": theme.PRESSED,
        "color": theme.TEXT,
    }
    return rx.el.span(SessionState.user_initials, style=style)


def _who() -> rx.Component:
    return rx.el.div(
        rx.el.div(SessionState.user_name, style={**theme.BODY, **theme.ONE_LINE, "font_weight": theme.STRONG}),
        rx.el.div(SessionState.user_email, style={**theme.SMALL, **theme.ONE_LINE, "color": theme.QUIET}),
    )


def _rule() -> rx.Component:
    return rx.el.hr(style={"border": "0", "border_top": theme.HAIRLINE, "margin": f"0 -{theme.space(4)}", "width": "auto"})


def _choice(label: Text, control: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.div(label, style={**theme.CAPTION, "color": theme.QUIET, "margin_bottom": theme.space(1)}), control)


def _language(*, is_signed_in: bool) -> rx.Component:
    """What the server has said in the other language is said anew."""

    def chosen(language: rx.Var[str]) -> list[Any]:
        return [SessionState.set_language(language), *([LiveState.load()] if is_signed_in else [])]

    control = segmented(
        [(code, name.removeprefix("Bahasa ")) for code, name in LANGUAGES.items()],
        value=SessionState.language,
        on_change=chosen,
        control_id="language",
        aria_label=t("menu.language"),
    )
    return _choice(t("menu.language"), control)


def _light() -> rx.Component:
    control = segmented(
        [("light", t("menu.light")), ("dark", t("menu.dark")), ("system", t("menu.system"))],
        value=color_mode,
        on_change=set_color_mode,
        control_id="light",
        aria_label=t("menu.theme"),
    )
    return _choice(t("menu.theme"), control)


def _sign_out() -> rx.Component:
    button = rx.el.button(
        icon("log-out"),
        t("menu.sign_out"),
        type="submit",
        style={**bar_button(), "width": "100%", "margin": f"0 -{theme.space(2)}"},
    )
    return native_form(button, action="/auth/sign-out")
