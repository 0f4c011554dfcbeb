"""A picture that fades in over its blur, in a frame whose shape is known before it comes."""

from collections.abc import Callable

import reflex as rx

from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Style

#: The address of a picture, by its id.
UrlOf = Callable[[rx.Var[str], Variant], rx.Var[str]]


def file_url(image_id: rx.Var[str], variant: Variant) -> rx.Var[str]:
    """Our own authorised route, as `showing.file_url` says it."""
    return rx.Var.create("/files/") + image_id + f"/{variant.value}"


def tile_id(image_id: rx.Var[str]) -> rx.Var[str]:
    """What the button of a picture in a grid is called in the page."""
    return rx.Var.create("picture-") + image_id


class LoadedImage(rx.el.Img):
    """`<img>` that says when its pixels are there, or that they can't be had."""

    on_load: rx.EventHandler[rx.event.no_args_event_spec]
    on_error: rx.EventHandler[rx.event.no_args_event_spec]


@rx.memo
def fading_picture(url: rx.Var[str], blur: rx.Var[str], alt: rx.Var[str], fit: rx.Var[str]) -> rx.Component:
    """Fill the frame. `fit`: `cover` in a grid, `contain` in the lightbox."""
    # An image in the page's first HTML may be there before anybody listens; one that is made here is listened to from the start.
    is_listening = rx._x.client_state("is_listening", default=False, global_ref=False)  # noqa: SLF001 (its public name is to come)
    is_loaded = rx._x.client_state("is_loaded", default=False, global_ref=False)  # noqa: SLF001
    whole: Style = {"position": "absolute", "inset": "0", "width": "100%", "height": "100%", "object_fit": fit}
    placeholder = rx.el.img(
        src=blur, alt="", aria_hidden="true", style={**whole, "filter": f"blur({theme.BLUR})", "transform": "scale(1.1)"}
    )
    image = LoadedImage.create(
        src=url,
        alt=alt,
        loading="lazy",
        custom_attrs={"decoding": "async"},
        on_load=is_loaded.set_value(True),
        style={**whole, "opacity": rx.cond(is_loaded.value, "1", "0"), "transition": f"opacity {theme.MOVE}"},
    )
    return rx.el.div(
        is_listening,
        is_loaded,
        rx.cond((blur != "") & ~is_loaded.value.bool(), placeholder, rx.fragment()),
        rx.cond(is_listening.value, image, rx.fragment()),
        on_mount=is_listening.set_value(True),
        style={"position": "absolute", "inset": "0", "overflow": "hidden"},
    )


def frame(
    *children: rx.Component, width_px: rx.Var[int], height_px: rx.Var[int], style: Style | None = None, **props: object
) -> rx.Component:
    """Keep the shape of a picture free for it."""
    whole: Style = {
        "position": "relative",
        "display": "block",
        "width": "100%",
        "aspect_ratio": width_px.to_string() + " / " + height_px.to_string(),
        "background": theme.SUNKEN,
        "border_radius": theme.RADIUS_TILE,
        "overflow": "hidden",
        **(style or {}),
    }
    return rx.el.div(*children, style=whole, **props)


def drawn_badge() -> rx.Component:
    """Says that the illustrator drew it: nobody should take it for a generated photograph."""
    return rx.el.span(icon("pen-line"), t("picture.drawn"), style=badge_style())


def badge_style() -> Style:
    """Style a quiet label on a card."""
    return {
        **theme.CAPTION,
        "display": "inline-flex",
        "align_items": "center",
        "gap": theme.space(1),
        "padding": f"{theme.space(0.5)} {theme.space(2)} {theme.space(0.5)} {theme.space(1.5)}",
        "border_radius": theme.RADIUS_TILE,
        "background": theme.SUNKEN,
        "color": theme.QUIET,
        "white_space": "nowrap",
    }
