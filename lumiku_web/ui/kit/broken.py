"""What a person sees when a page's own code fails in the browser: a sentence and a way on, never a stack trace."""

from collections.abc import Callable
from typing import Final

import reflex as rx
from reflex_base.vars.function import ArgsFunctionOperation
from reflex_components_core.base.error_boundary import ErrorBoundary

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t

Wraps = dict[tuple[int, str], Callable[[bool], rx.Component | None]]

#: The place of Reflex's own (`rx.App.app_wraps`): ours takes over. The error itself is reported to the log all the same.
_BOUNDARY: Final = (55, "ErrorBoundary")


def boundary_wraps() -> Wraps:
    """For `rx.App(extra_app_wraps=…)`."""
    return {_BOUNDARY: lambda is_stateful: _boundary() if is_stateful else None}


def _boundary() -> rx.Component:
    fallback = ArgsFunctionOperation.create(("event_args",), rx.Var.create(broken_page()))
    return ErrorBoundary.create(fallback_render=fallback)


def broken_page() -> rx.Component:
    """The sentence, and a link that loads everything anew."""
    return rx.el.main(
        rx.el.h1(t("broken.title"), style={**theme.TITLE, "margin": "0"}),
        rx.el.p(t("broken.body"), style={**theme.BODY, "color": theme.QUIET, "margin": f"{theme.space(2)} 0"}),
        rx.el.a(t("broken.reload"), href="/home", style={"color": theme.ACCENT_TEXT}),
        style={
            **theme.BODY,
            "font_family": theme.FONT,
            "color": theme.TEXT,
            "max_width": theme.READING_WIDTH,
            "margin": "20vh auto 0",
            "padding": theme.space(6),
        },
    )
