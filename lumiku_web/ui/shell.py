"""The house around every page: where am I, what runs, what do I have, who am I, and the way everywhere else."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from lumiku_web.discovery import find_apps
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.balance_chip import balance_chip
from lumiku_web.ui.kit.banners import banners, session_ended_dialog
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.mark import word_mark
from lumiku_web.ui.kit.person_menu import person_menu
from lumiku_web.ui.kit.props import PAGE_CONTENT, Style, Text
from lumiku_web.ui.kit.tray import running_tray
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.session import SessionState


@dataclass(frozen=True)
class Entry:
    """A place in the navigation."""

    name: str
    href: str
    icon: str
    label_key: str
    is_for_admins: bool = False


#: Entries of the bottom bar of a phone; what it has no room for is reached from the home page.
_ROOM_IN_BAR: Final = 5

ENTRIES: Final = (
    Entry("home", "/home", "house", "nav.home"),
    Entry("projects", "/projects", "folder", "nav.projects"),
    *(Entry(app.slug, app.route, app.icon, app.title) for app in find_apps().values()),
    Entry("gallery", "/gallery", "images", "nav.gallery"),
    Entry("admin", "/admin", "shield-check", "nav.admin", is_for_admins=True),
)


def shell(content: rx.Component, *, title: Text, active: str = "") -> rx.Component:
    """Frame a page for a person who is signed in. `active` is the `name` of an entry."""
    main = rx.el.main(
        banners(),
        content,
        id=PAGE_CONTENT,
        tab_index=-1,
        style={
            "display": "flex",
            "flex_direction": "column",
            "gap": theme.BETWEEN_SECTIONS,
            "width": "100%",
            "max_width": theme.PAGE_WIDTH,
            "margin": "0 auto",
            "padding": theme.space(6),
            "outline": "none",
            theme.PHONE: {"padding": theme.space(4)},
        },
    )
    body = rx.el.div(_top_bar(title), main, style={"min_width": "0"})
    return rx.el.div(
        _skip_link(),
        _sidebar(active),
        body,
        _bottom_bar(active),
        session_ended_dialog(),
        lang=SessionState.language,
        style=_grid(),
    )


def public_frame(content: rx.Component) -> rx.Component:
    """Frame a page for anybody: the mark, the content in the middle, the language and the theme."""
    bar = rx.el.header(
        plain_link(
            word_mark(), href="/", style={"display": "inline-flex", "align_items": "center", "min_height": theme.CONTROL_HEIGHT}
        ),
        person_menu(is_signed_in=False),
        style={
            "display": "flex",
            "align_items": "center",
            "justify_content": "space-between",
            "min_height": theme.TOP_BAR_HEIGHT,
            "padding": f"0 {theme.space(6)}",
            theme.PHONE: {"padding": f"0 {theme.space(4)}"},
        },
    )
    main = rx.el.main(
        content,
        id=PAGE_CONTENT,
        tab_index=-1,
        style={"flex": "1", "display": "grid", "place_items": "center", "padding": theme.space(4), "outline": "none"},
    )
    return rx.el.div(
        _skip_link(),
        bar,
        main,
        lang=SessionState.language,
        style={**_text(), "display": "flex", "flex_direction": "column", "min_height": "100dvh"},
    )


def _text() -> Style:
    return {**theme.BODY, "font_family": theme.FONT, "color": theme.TEXT, "background": theme.CANVAS}


def _grid() -> Style:
    return {
        **_text(),
        "display": "grid",
        "grid_template_columns": f"{theme.SIDEBAR_WIDTH} minmax(0, 1fr)",
        "min_height": "100dvh",
        theme.MEDIUM_WIDTH: {"grid_template_columns": f"{theme.RAIL_WIDTH} minmax(0, 1fr)"},
        theme.PHONE: {
            "grid_template_columns": "minmax(0, 1fr)",
            "align_content": "start",
            "padding_bottom": f"calc({theme.BOTTOM_BAR_HEIGHT} + env(safe-area-inset-bottom))",
        },
    }


def _skip_link() -> rx.Component:
    style: Style = {
        "position": "fixed",
        "top": theme.space(2),
        "left": theme.space(2),
        "z_index": theme.LAYER_BANNER,
        "padding": f"{theme.space(2)} {theme.space(4)}",
        "background": theme.RAISED,
        "color": theme.TEXT,
        "border_radius": theme.RADIUS_CONTROL,
    }
    return rx.el.a(t("shell.skip"), href=f"#{PAGE_CONTENT}", class_name="lk-unseen", style=style)


def _sidebar(active: str) -> rx.Component:
    hidden_label: Style = {
        # Kept for screen readers; the title shows it to the mouse.
        "& .lk-label": theme.UNSEEN,
        "& a": {"justify_content": "center", "padding": "0"},
        "padding": theme.space(2),
    }
    return rx.el.aside(
        plain_link(
            word_mark(),
            href="/home",
            style={
                "display": "flex",
                "align_items": "center",
                "min_height": theme.CONTROL_HEIGHT,
                "padding": f"0 {theme.space(2)}",
            },
        ),
        rx.el.nav(
            *(_only_if(entry, _side_entry(entry, is_active=entry.name == active)) for entry in ENTRIES),
            aria_label=t("nav.label"),
            style={"display": "flex", "flex_direction": "column", "gap": theme.space(0.5)},
        ),
        style={
            "position": "sticky",
            "top": "0",
            "height": "100dvh",
            "overflow_y": "auto",
            "display": "flex",
            "flex_direction": "column",
            "gap": theme.space(3),
            "padding": f"{theme.space(2)} {theme.IN_CARD}",
            "border_right": theme.HAIRLINE,
            "background": theme.SURFACE,
            theme.MEDIUM_WIDTH: hidden_label,
            theme.PHONE: {"display": "none"},
        },
    )


def _only_if(entry: Entry, shown: rx.Component) -> rx.Component:
    return rx.cond(SessionState.is_admin, shown, rx.fragment()) if entry.is_for_admins else shown


def _current(*, is_active: bool) -> dict[str, str]:
    return {"aria_current": "page"} if is_active else {}


def _side_entry(entry: Entry, *, is_active: bool) -> rx.Component:
    style: Style = {
        **theme.BODY,
        "font_weight": theme.MEDIUM,
        "display": "flex",
        "align_items": "center",
        "gap": theme.IN_CARD,
        "min_height": theme.CONTROL_HEIGHT,
        "padding": f"0 {theme.space(2)}",
        "border_radius": theme.RADIUS_CONTROL,
        "color": theme.ACCENT_TEXT if is_active else theme.QUIET,
        "background": theme.ACCENT_TINT if is_active else "transparent",
        "&:hover": {
            "background": theme.ACCENT_TINT if is_active else theme.HOVER,
            "color": theme.ACCENT_TEXT if is_active else theme.TEXT,
        },
    }
    label = rx.el.span(t(entry.label_key), class_name="lk-label")
    return plain_link(
        icon(entry.icon, is_large=True),
        label,
        href=entry.href,
        title=t(entry.label_key),
        style=style,
        **_current(is_active=is_active),
    )


def _in_bar() -> list[Entry]:
    """Every place of the platform, and as many apps as there is room for."""
    apps = list(find_apps())
    left_out = set(apps[_ROOM_IN_BAR - (len(ENTRIES) - len(apps)) :])
    return [entry for entry in ENTRIES if entry.name not in left_out]


def _bottom_bar(active: str) -> rx.Component:
    return rx.el.nav(
        *(_only_if(entry, _bottom_entry(entry, is_active=entry.name == active)) for entry in _in_bar()),
        aria_label=t("nav.label"),
        style={
            "position": "fixed",
            "inset": "auto 0 0 0",
            "z_index": theme.LAYER_BAR,
            "display": "flex",
            "background": theme.SURFACE,
            "border_top": theme.HAIRLINE,
            "padding_bottom": "env(safe-area-inset-bottom)",
            theme.NOT_PHONE: {"display": "none"},
        },
    )


def _bottom_entry(entry: Entry, *, is_active: bool) -> rx.Component:
    style: Style = {
        **theme.CAPTION,
        "font_weight": theme.MEDIUM,
        "flex": "1",
        "min_width": "0",
        "height": theme.BOTTOM_BAR_HEIGHT,
        "display": "flex",
        "flex_direction": "column",
        "align_items": "center",
        "justify_content": "center",
        "gap": theme.space(1),
        "color": theme.ACCENT_TEXT if is_active else theme.QUIET,
        "&:focus-visible": {"outline_offset": "-4px"},
    }
    return plain_link(
        icon(entry.icon, is_large=True),
        rx.el.span(t(entry.label_key), style={**theme.ONE_LINE, "max_width": "100%"}),
        href=entry.href,
        style=style,
        **_current(is_active=is_active),
    )


def _top_bar(title: Text) -> rx.Component:
    return rx.el.header(
        rx.el.div(title, style={**theme.BODY, **theme.ONE_LINE, "font_weight": theme.STRONG, "flex": "1"}),
        running_tray(),
        balance_chip(LiveState.purse),
        person_menu(),
        style={
            "position": "sticky",
            "top": "0",
            "z_index": theme.LAYER_BAR,
            "height": theme.TOP_BAR_HEIGHT,
            "display": "flex",
            "align_items": "center",
            "gap": theme.IN_CONTROL,
            "padding": f"0 {theme.space(3)} 0 {theme.space(6)}",
            "background": theme.CANVAS,
            "border_bottom": theme.HAIRLINE,
            theme.PHONE: {"padding": f"0 {theme.space(2)} 0 {theme.space(4)}"},
        },
    )
