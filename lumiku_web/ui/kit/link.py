"""Links inside the product, without reloading the page."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from lumiku_web.ui import theme
from lumiku_web.ui.kit.props import Style, Text


def plain_link(*children: object, href: Text, style: Style | None = None, **props: object) -> rx.Component:
    """Make a link that looks like its content: cards, marks, entries of the navigation."""
    whole: Style = {"color": "inherit", "text_decoration": "none", **(style or {})}
    return ReactRouterLink.create(*children, to=href, style=whole, **props)


def text_link(label: Text, *, href: Text, **props: object) -> rx.Component:
    """Make a link in running text."""
    style = {
        "color": theme.TEXT,
        "text_decoration": "underline",
        "text_underline_offset": theme.space(0.75),
        "border_radius": theme.RADIUS_TILE,
    }
    return ReactRouterLink.create(label, to=href, style=style, **props)
