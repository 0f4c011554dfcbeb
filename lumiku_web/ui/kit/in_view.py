"""Tells when a place of the page comes near the window."""

from typing import Any

import reflex as rx

from lumiku_web.ui import theme


def _whether(is_near: rx.Var[bool], _entry: rx.Var[Any]) -> tuple[rx.Var[bool]]:
    return (is_near,)


class InView(rx.Component):
    """`react-intersection-observer`: calls back on coming and on going, never while the page is built."""

    library = "react-intersection-observer@11.0.1"
    tag = "InView"

    #: How far around the window counts as near, as a CSS margin.
    root_margin: rx.Var[str]

    on_change: rx.EventHandler[_whether]


def coming_near(on_near: Any) -> rx.Component:
    """Call `on_near` (an event) once when the place comes near, before anybody sees it."""
    return InView.create(
        root_margin=f"{theme.AHEAD} 0px", on_change=lambda is_near: rx.cond(is_near, on_near, rx.noop()), aria_hidden="true"
    )
