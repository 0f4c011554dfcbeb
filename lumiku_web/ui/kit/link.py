"""Links inside the product, without reloading the page."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from lumiku_web.ui import theme
from lumiku_web.ui.kit.props import Text


def plain_link(*children: object, href: Text, **props: object) -> rx.Component:
    """A link that looks like its content: cards, marks, entries of the navigation."""
    style = {"color": "inherit", "text_decoration": "none", **props.pop("style", {})}  # pyright: ignore
    return ReactRouterLink.create(*children, to=href, style=style, **props)


def text_link(label: Text, *, href: Text, **props: object) -> rx.Component:
    """A link in running text."""
    style = {
        "color": theme.TEXT,
        "text_decoration": "underline",
        "text_underline_offset": "3px",
        "text_decoration_thickness": "1px",
        "border_radius": theme.RADIUS_TILE,
    }
    return ReactRouterLink.create(label, to=href, style=style, **props)
