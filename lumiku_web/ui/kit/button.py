"""Buttons: a verb and its object. One primary button in a view."""

from typing import Final, TypedDict, Unpack

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from lumiku_web.ui import theme
from lumiku_web.ui.kit.icon import icon, turning_icon
from lumiku_web.ui.kit.props import Flag, Handler, Style, Text

_BASE: Final[Style] = {
    **theme.BODY,
    "font_family": "inherit",
    "font_weight": theme.MEDIUM,
    "display": "inline-flex",
    "align_items": "center",
    "justify_content": "center",
    "gap": theme.IN_CONTROL,
    "min_height": theme.CONTROL_HEIGHT,
    "padding": f"0 {theme.space(4)}",
    "border_radius": theme.RADIUS_CONTROL,
    "border": theme.line("transparent"),
    "cursor": "pointer",
    "text_decoration": "none",
    "white_space": "nowrap",
    "user_select": "none",
    "transition": f"background-color {theme.MOVE}, border-color {theme.MOVE}",
    "&:disabled": {"cursor": "not-allowed", "background": theme.SUNKEN, "color": theme.QUIET, "border_color": "transparent"},
}

_TONES: Final[dict[str, Style]] = {
    "primary": {
        "background": theme.ACCENT,
        "color": theme.ON_ACCENT,
        "&:hover:not(:disabled)": {"background": theme.ACCENT_HOVER},
    },
    "secondary": {
        "background": theme.SURFACE,
        "color": theme.TEXT,
        "border_color": theme.CONTROL_LINE,
        "&:hover:not(:disabled)": {"background": theme.HOVER},
        "&:active:not(:disabled)": {"background": theme.PRESSED},
    },
    "danger": {
        "background": theme.DANGER_SOLID,
        "color": theme.ON_ACCENT,
        "&:hover:not(:disabled)": {"background": theme.DANGER_SOLID_HOVER},
    },
    "ghost": {
        "background": "transparent",
        "color": theme.TEXT,
        "&:hover:not(:disabled)": {"background": theme.HOVER},
        "&:active:not(:disabled)": {"background": theme.PRESSED},
    },
}

_SMALL: Final[Style] = {
    **theme.SMALL,
    "min_height": theme.CONTROL_HEIGHT_SMALL,
    "padding": f"0 {theme.space(3)}",
    theme.PHONE: {"min_height": theme.CONTROL_HEIGHT},
    theme.TOUCH: {"min_height": theme.CONTROL_HEIGHT},
}


def _style(tone: str, *, is_small: bool, is_wide: bool) -> Style:
    return {**_BASE, **_TONES[tone], **(_SMALL if is_small else {}), **({"width": "100%"} if is_wide else {})}


class ButtonProps(TypedDict, total=False):
    """What every button takes beside its label, by name."""

    on_click: Handler
    #: Makes it a link inside the product.
    href: Text
    icon_name: str
    disabled: Flag
    #: Off, with a turning mark, while the answer is on its way.
    is_busy: Flag
    #: 32 px with a mouse, 40 px under a finger.
    is_small: bool
    is_wide: bool
    #: `button` (default) or `submit`.
    type: str
    id: str
    aria_label: Text
    aria_describedby: str
    title: Text
    #: `_blank` for a link into a new tab.
    target: str


def primary_button(label: Text, **props: Unpack[ButtonProps]) -> rx.Component:
    """Offer the one main action of a view."""
    return _button("primary", label, props)


def secondary_button(label: Text, **props: Unpack[ButtonProps]) -> rx.Component:
    """Every other action that needs an edge."""
    return _button("secondary", label, props)


def danger_button(label: Text, **props: Unpack[ButtonProps]) -> rx.Component:
    """Offer what can't be taken back: behind a confirm dialog."""
    return _button("danger", label, props)


def ghost_button(label: Text, **props: Unpack[ButtonProps]) -> rx.Component:
    """Offer an action that stays quiet: in cards, rows, bars."""
    return _button("ghost", label, props)


def _button(tone: str, label: Text, props: ButtonProps) -> rx.Component:
    style = _style(tone, is_small=props.pop("is_small", False), is_wide=props.pop("is_wide", False))
    icon_name = props.pop("icon_name", "")
    mark = icon(icon_name) if icon_name else rx.fragment()
    if "href" in props:
        return ReactRouterLink.create(mark, label, to=props.pop("href"), style=style, **props)
    is_busy = props.pop("is_busy", False)
    if isinstance(is_busy, rx.Var):
        mark = rx.cond(is_busy, turning_icon(), mark)
        props["disabled"] = is_busy.bool() | rx.Var.create(props.get("disabled", False)).bool()
    elif is_busy:
        mark, props["disabled"] = turning_icon(), True
    return rx.el.button(mark, label, style=style, **{"type": "button", **props})


def icon_button(mark: str, label: Text, **props: Unpack[ButtonProps]) -> rx.Component:
    """Show a square with an icon; `label` is its name for everybody who hovers, listens or reads."""
    is_small = props.pop("is_small", False)
    side = theme.CONTROL_HEIGHT_SMALL if is_small else theme.CONTROL_HEIGHT
    style = {**_style("ghost", is_small=is_small, is_wide=False), "padding": "0", "width": side, "flex_shrink": "0"}
    if is_small:
        touched = {"min_height": theme.CONTROL_HEIGHT, "width": theme.CONTROL_HEIGHT}
        style |= {theme.PHONE: touched, theme.TOUCH: touched}
    named = {"type": "button", "aria_label": label, "title": label, **props}
    return rx.el.button(icon(mark), style={**style, "color": theme.QUIET}, **named)
