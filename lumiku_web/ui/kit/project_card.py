"""A project or an app in a list: one large target."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import AppCard, ProjectCard
from lumiku_web.ui.kit.drawing import drawing
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.picture import fading_picture
from lumiku_web.ui.kit.props import Style, Text, shown_if


def _sheet() -> Style:
    return {
        "display": "flex",
        "background": theme.SURFACE,
        "border": theme.HAIRLINE,
        "border_radius": theme.RADIUS_CARD,
        "overflow": "hidden",
        "min_width": "0",
        "transition": f"border-color {theme.MOVE}",
        "&:hover": {"border_color": theme.CONTROL_LINE},
    }


def _words(name: object, summary: object) -> rx.Component:
    return rx.el.span(
        rx.el.span(name, dir="auto", style={**theme.BODY, **theme.ONE_LINE, "display": "block", "font_weight": theme.STRONG}),
        rx.el.span(summary, style={**theme.SMALL, "display": "block", "color": theme.QUIET}),
        style={"min_width": "0", "display": "block"},
    )


def project_card(project: rx.Var[ProjectCard], *, href: rx.Var[str]) -> rx.Component:
    """Its newest picture, its name, what is in it."""
    cover = rx.cond(
        project.cover_url != "",
        fading_picture(url=project.cover_url, blur=project.cover_blur, alt="", fit="cover"),
        rx.el.span(drawing("folder"), style={"position": "absolute", "inset": "0", "display": "grid", "place_items": "center"}),
    )
    return plain_link(
        rx.el.span(
            cover, style={"position": "relative", "display": "block", "aspect_ratio": "3 / 2", "background": theme.SUNKEN}
        ),
        rx.el.span(_words(project.name, project.summary), style={"display": "block", "padding": theme.IN_CARD, "min_width": "0"}),
        href=href,
        style={**_sheet(), "flex_direction": "column"},
    )


_BADGE: Final[Style] = {
    **theme.CAPTION,
    "color": theme.QUIET,
    "background": theme.SUNKEN,
    "padding": f"{theme.space(0.5)} {theme.space(2)}",
    "border_radius": theme.RADIUS_TILE,
    "margin_left": "auto",
    "align_self": "start",
    "white_space": "nowrap",
    "flex_shrink": "0",
}

#: What an app's manifest may name. A closed list: an open one would ship every icon there is.
APP_ICONS: Final = (
    "user-round",
    "person-standing",
    "images",
    "sparkles",
    "shirt",
    "package",
    "megaphone",
    "palette",
    "video",
    "mic",
)


def app_card(app: rx.Var[AppCard] | AppCard, *, badge: Text = "") -> rx.Component:
    """Show an app on the dashboard; its icon is one of `APP_ICONS`. `badge`: what is special about it, in two or three words."""
    tile: Style = {
        "display": "grid",
        "place_items": "center",
        "width": theme.CONTROL_HEIGHT,
        "height": theme.CONTROL_HEIGHT,
        "border_radius": theme.RADIUS_CONTROL,
        "background": theme.SUNKEN,
        "color": theme.TEXT,
        "flex_shrink": "0",
    }
    cases = [(name, icon(name, is_large=True)) for name in APP_ICONS]
    mark = (
        icon(app.icon, is_large=True)
        if isinstance(app, AppCard)
        else rx.match(app.icon, *cases, icon("app-window", is_large=True))
    )
    return plain_link(
        rx.el.span(mark, style=tile),
        _words(app.title, app.summary),
        shown_if(badge, rx.el.span(badge, style=_BADGE)),
        href=app.route,
        style={**_sheet(), "align_items": "center", "gap": theme.IN_CARD, "padding": theme.space(4)},
    )
