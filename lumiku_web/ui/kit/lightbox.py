"""One picture, large, with its facts and what can be done with it."""

from typing import Any, Final

import reflex as rx
from reflex_base.vars.function import FunctionStringVar, FunctionVar
from reflex_base.vars.object import ObjectVar

from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.ui import theme
from lumiku_web.ui.cards import Closeup, Fact
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import icon_button, secondary_button
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.notice import session_notice
from lumiku_web.ui.kit.picture import UrlOf, drawn_badge, fading_picture, file_url, tile_id
from lumiku_web.ui.kit.props import Flag, Handler, OnId, Style, shown_if

#: The keys that `on_key` is told of: see `PictureViewer.press_key`.
_KEYS: Final = ["ArrowRight", "ArrowLeft", "Delete", "f", "F"]


def lightbox(
    shown: rx.Var[Closeup],
    *,
    is_open: Flag,
    on_close: Handler,
    on_previous: Handler = None,
    on_next: Handler = None,
    actions: rx.Component | None = None,
    on_key: OnId | None = None,
    url_of: UrlOf = file_url,
) -> rx.Component:
    """Escape and the cross close it. `actions` stand above the facts, and below them what the session has to say of the last one.

    The state keeps the picture while it closes.
    """
    content = rx.dialog.content(
        _keyboard(on_key) if on_key is not None else rx.fragment(),
        rx.el.div(
            _stage(shown, on_previous, on_next, url_of),
            _side(shown, on_close, actions, url_of),
            style={
                "display": "grid",
                "grid_template_columns": f"minmax(0, 1fr) {theme.LIGHTBOX_SIDE}",
                theme.NARROW: {"grid_template_columns": "minmax(0, 1fr)"},
            },
        ),
        aria_describedby="",
        on_close_auto_focus=_focus(tile_id(shown.picture.id)),
        style={
            "max_width": theme.LIGHTBOX_WIDTH,
            "padding": "0",
            "overflow": "auto",
            "max_height": theme.LIGHTBOX_HEIGHT,
            "position": "relative",
        },
    )
    return rx.dialog.root(content, open=is_open, on_open_change=on_close)


def viewer(state: Any, *, on_delete: OnId | None = None) -> rx.Component:
    """The lightbox of a `PictureViewer`. `on_delete(image_id)` for a picture in the trash, where the page can ask first."""
    return lightbox(
        state.shown,
        is_open=state.is_viewer_open,
        on_close=state.close_viewer,
        on_previous=state.previous_picture,
        on_next=state.next_picture,
        on_key=state.press_key,
        actions=_actions(state, on_delete),
    )


def _actions(state: Any, on_delete: OnId | None) -> rx.Component:
    picture = state.shown.picture
    mark = icon("heart", style={"fill": rx.cond(picture.is_favourite, "currentColor", "none")})
    words = rx.cond(picture.is_favourite, t("lightbox.unmark"), t("lightbox.mark"))
    heart = secondary_button(
        rx.fragment(mark, words),  # one button in both states keeps the focus
        on_click=state.set_favourite(picture.id, ~picture.is_favourite),
        is_wide=True,
    )
    away = secondary_button(t("lightbox.trash"), icon_name="trash-2", on_click=state.put_in_trash(picture.id), is_wide=True)
    back = secondary_button(t("trash.restore"), icon_name="undo-2", on_click=state.restore(picture.id), is_wide=True)
    delete = (
        secondary_button(t("trash.delete"), icon_name="trash-2", on_click=on_delete(picture.id), is_wide=True)
        if on_delete is not None
        else rx.fragment()
    )
    return rx.cond(state.shown.is_trashed, rx.fragment(back, delete), rx.fragment(heart, away))


def _keyboard(on_key: OnId) -> rx.Component:
    def pressed(key: rx.Var[str], held: Any) -> Any:
        is_ours = rx.Var.create(_KEYS).contains(key) & ~(held["ctrl_key"] | held["meta_key"] | held["alt_key"])
        return rx.cond(is_ours, on_key(key), rx.noop())

    return rx.window_event_listener(on_key_down=pressed)


def _focus(element_id: rx.Var[str]) -> Any:
    """Go on where one was: at the tile of the picture that was looked at last, if there is one."""
    element = FunctionStringVar.create("document.getElementById").call(element_id).to(ObjectVar)
    return rx.cond(element.bool(), rx.run_script(element.focus.to(FunctionVar).call()), rx.noop())


def _stage(shown: rx.Var[Closeup], on_previous: Handler, on_next: Handler, url_of: UrlOf) -> rx.Component:
    picture = shown.picture
    ratio: Any = picture.width_px / picture.height_px
    frame = rx.el.div(
        fading_picture(url=url_of(picture.id, Variant.preview), blur=picture.blur, alt=shown.title, fit="contain"),
        key=picture.id,
        style={
            "position": "absolute",
            "inset": "0",
            "margin": "auto",
            "max_width": "100%",
            "max_height": "100%",
            "aspect_ratio": ratio,
        },
    )
    return rx.el.div(
        frame,
        _turn("chevron-left", t("lightbox.previous"), "left", on_previous, shown.has_previous),
        _turn("chevron-right", t("lightbox.next"), "right", on_next, shown.has_next),
        style={
            "position": "relative",
            "height": theme.STAGE_HEIGHT,
            "min_width": "0",
            "background": theme.SUNKEN,
            theme.NARROW: {"height": theme.STAGE_HEIGHT_NARROW},
        },
    )


def _turn(mark: str, label: rx.Var[str], side: str, on_click: Handler, is_possible: rx.Var[bool]) -> rx.Component:
    """A large place to touch; it stays where it is at the end of the list, so that the focus does."""
    if on_click is None:
        return rx.fragment()
    disc: Style = {
        "display": "grid",
        "place_items": "center",
        "width": theme.CONTROL_HEIGHT,
        "height": theme.CONTROL_HEIGHT,
        "border_radius": theme.RADIUS_ROUND,
        "background": theme.SCRIM,
        "color": theme.ON_PICTURE,
    }
    style: Style = {
        "position": "absolute",
        side: "0",
        "top": "0",
        "bottom": "0",
        "width": theme.space(16),
        "display": "grid",
        "place_items": "center",
        "padding": "0",
        "border": "0",
        "background": "transparent",
        "cursor": rx.cond(is_possible, "pointer", "default"),
        "opacity": rx.cond(is_possible, "1", "0"),
        "&:focus-visible": {"outline": "none"},
        "&:focus-visible > span": {"outline": theme.ring(theme.FOCUS), "outline_offset": theme.FOCUS_WIDTH},
    }
    return rx.el.button(
        rx.el.span(icon(mark, is_large=True), style=disc),
        type="button",
        aria_label=label,
        title=label,
        aria_disabled=~is_possible,
        on_click=on_click,
        style=style,
    )


def _side(shown: rx.Var[Closeup], on_close: Handler, actions: rx.Component | None, url_of: UrlOf) -> rx.Component:
    title = rx.dialog.title(
        shown.title,
        dir="auto",
        style={**theme.LEAD, "font_weight": theme.STRONG, "margin": "0", "overflow_wrap": "anywhere"},
    )
    position = rx.el.p(shown.position, style={**theme.SMALL, **theme.TABULAR, "color": theme.QUIET, "margin": "0"})
    head = rx.el.div(
        rx.el.div(
            title, shown_if(shown.position, position), style={"flex": "1", "min_width": "0", "padding_top": theme.space(2)}
        ),
        icon_button("x", t("lightbox.close"), on_click=on_close),
        style={"display": "flex", "align_items": "start", "gap": theme.IN_CONTROL},
    )
    return rx.el.div(
        head,
        rx.cond(shown.picture.is_drawn, rx.el.div(drawn_badge()), rx.fragment()),
        rx.el.div(
            actions if actions is not None else rx.fragment(),
            _download(url_of(shown.picture.id, Variant.original)),
            session_notice(),
            style={"display": "flex", "flex_direction": "column", "gap": theme.IN_CONTROL},
        ),
        rx.el.dl(rx.foreach(shown.facts, _fact), style={"margin": "0", "display": "grid", "gap": theme.IN_CONTROL}),
        style={
            "display": "flex",
            "flex_direction": "column",
            "gap": theme.BETWEEN_BLOCKS,
            "padding": theme.space(4),
            "min_width": "0",
        },
    )


def _download(url: rx.Var[str]) -> rx.Component:
    return rx.el.a(
        icon("download"),
        t("lightbox.download"),
        href=url + "?download=1",
        download=True,
        reload_document=True,
        style={
            **theme.BODY,
            "font_weight": theme.MEDIUM,
            "display": "flex",
            "align_items": "center",
            "justify_content": "center",
            "gap": theme.IN_CONTROL,
            "min_height": theme.CONTROL_HEIGHT,
            "border": theme.CONTROL_BORDER,
            "border_radius": theme.RADIUS_CONTROL,
            "color": theme.TEXT,
            "text_decoration": "none",
            "&:hover": {"background": theme.HOVER},
        },
    )


def _fact(fact: rx.Var[Fact]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(fact.label, style={**theme.CAPTION, "color": theme.QUIET}),
        rx.el.dd(fact.value, style={**theme.BODY, **theme.TABULAR, "margin": "0", "overflow_wrap": "anywhere"}),
    )
