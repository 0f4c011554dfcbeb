"""A sentence about what just happened or what is the matter, and where there is one, the way to take it back."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, icon_button
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Handler, Style, Text, shown_if
from lumiku_web.ui.picture_viewer import Undo
from lumiku_web.ui.session import SessionState

_TONES: Final[dict[str, tuple[str, str, str, str]]] = {
    "info": ("info", theme.QUIET, theme.SUNKEN, theme.LINE),
    "success": ("circle-check", theme.SUCCESS_TEXT, theme.SUCCESS_TINT, theme.SUCCESS_LINE),
    "warning": ("triangle-alert", theme.WARNING_TEXT, theme.WARNING_TINT, theme.WARNING_LINE),
    "danger": ("circle-alert", theme.DANGER_TEXT, theme.DANGER_TINT, theme.DANGER_LINE),
}


def notice(text: Text, *, tone: Text = "info", on_dismiss: Handler = None, action: rx.Component | None = None) -> rx.Component:
    """`tone`: info, success, warning (read out when there is time) or danger (at once)."""
    if isinstance(tone, rx.Var):
        cases = [(name, _bar(text, name, on_dismiss, action)) for name in _TONES if name != "info"]
        return rx.match(tone, *cases, _bar(text, "info", on_dismiss, action))
    return _bar(text, tone, on_dismiss, action)


def session_notice() -> rx.Component:
    """Show what the session has to say, until it is dismissed: in the shell, and in a dialog that covers the shell."""
    back = ghost_button(SessionState.notice_action, icon_name="undo-2", is_small=True, on_click=Undo.bring_back)
    said = notice(
        SessionState.notice_text,
        tone=SessionState.notice_tone,
        on_dismiss=SessionState.dismiss_notice,
        action=rx.el.div(shown_if(SessionState.notice_action, back), style={"padding": f"{theme.space(0.5)} 0"}),
    )
    return shown_if(SessionState.notice_text, said)


def _bar(text: Text, tone: str, on_dismiss: Handler, action: rx.Component | None) -> rx.Component:
    mark, colour, tint, line = _TONES[tone]
    style: Style = {
        **theme.BODY,
        "display": "flex",
        "align_items": "start",
        "gap": theme.IN_CONTROL,
        "padding": f"{theme.space(1)} {theme.space(1)} {theme.space(1)} {theme.IN_CARD}",
        "background": tint,
        "border": theme.line(line),
        "border_radius": theme.RADIUS_CONTROL,
        "color": theme.TEXT,
    }
    close = icon_button("x", t("notice.dismiss"), on_click=on_dismiss, is_small=True) if on_dismiss is not None else rx.fragment()
    return rx.el.div(
        icon(mark, style={"color": colour, "margin": f"{theme.space(2)} 0"}),
        rx.el.p(text, style={"margin": f"{theme.space(1.5)} 0", "flex": "1", "min_width": "0", "overflow_wrap": "anywhere"}),
        action if action is not None else rx.fragment(),
        close,
        role="alert" if tone == "danger" else "status",
        style=style,
    )
