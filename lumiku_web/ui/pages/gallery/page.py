"""All pictures of a member, newest first; the favourites; the trash."""

import reflex as rx

from lumiku_web.domain.gallery.policy import TRASH_KEPT
from lumiku_web.domain.gallery.schemas import Shelf
from lumiku_web.ui import theme
from lumiku_web.ui.cards import Picture
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import primary_button, secondary_button
from lumiku_web.ui.kit.confirm import confirm_dialog
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.inputs import segmented
from lumiku_web.ui.kit.lightbox import viewer
from lumiku_web.ui.kit.picture_grid import endless_grid, grid_skeleton
from lumiku_web.ui.kit.props import Style
from lumiku_web.ui.kit.surface import page_header, row
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.gallery.state import ROUTE, GalleryState

_TRASH_ROW_PX = 240
_DAYS = TRASH_KEPT.days


@member_page(f"/{ROUTE}", title="nav.gallery", active="gallery", on_load=(GalleryState.load,))
def gallery() -> rx.Component:
    """Its shelves, one of them below."""
    in_trash = GalleryState.shelf == Shelf.trash.value
    shelf = rx.match(GalleryState.shelf, (Shelf.trash.value, _trash()), (Shelf.favourites.value, _favourites()), _everything())
    return rx.fragment(
        page_header(t("nav.gallery"), sub=rx.cond(in_trash, t("gallery.sub_trash", days=_DAYS), t("gallery.sub"))),
        row(_shelves(), rx.cond(in_trash, _empty_button(), rx.fragment()), style={"justify_content": "space-between"}),
        rx.cond(GalleryState.is_ready, shelf, grid_skeleton()),
        viewer(GalleryState, on_delete=GalleryState.ask_delete),
        _questions(),
    )


def _shelves() -> rx.Component:
    names = [
        (Shelf.everything.value, t("gallery.shelf.everything")),
        (Shelf.favourites.value, t("gallery.shelf.favourites")),
        (Shelf.trash.value, t("gallery.shelf.trash")),
    ]
    control = segmented(
        names,
        value=GalleryState.shelf,
        on_change=GalleryState.choose_shelf,
        control_id="shelf",
        aria_label=t("gallery.shelf"),
    )
    return rx.el.div(control, style={"width": "100%", "max_width": theme.FORM_WIDTH})


def _everything() -> rx.Component:
    first = primary_button(t("gallery.empty_action"), href="/apps/avatar-creator", icon_name="sparkles")
    nothing = empty_state(t("gallery.empty"), picture="frames", action=first)
    return endless_grid(GalleryState, label=t("gallery.pictures"), nothing=nothing)


def _favourites() -> rx.Component:
    back = secondary_button(t("gallery.empty_favourites_action"), on_click=GalleryState.choose_shelf(Shelf.everything.value))
    nothing = empty_state(t("gallery.empty_favourites"), picture="heart", action=back)
    return endless_grid(GalleryState, label=t("gallery.shelf.favourites"), nothing=nothing)


def _trash() -> rx.Component:
    nothing = empty_state(t("gallery.empty_trash", days=_DAYS), picture="bin")
    return endless_grid(GalleryState, label=t("gallery.shelf.trash"), nothing=nothing, foot=_foot, row_height_px=_TRASH_ROW_PX)


def _empty_button() -> rx.Component:
    button = secondary_button(t("trash.empty"), icon_name="trash-2", on_click=GalleryState.ask_empty)
    return rx.cond(GalleryState.tail.is_empty, rx.fragment(), button)


def _foot(picture: rx.Var[Picture]) -> rx.Component:
    """When it goes, and the two ways out of the trash."""
    leaves = rx.el.span(picture.leaves, style={**theme.CAPTION, **theme.TABULAR, "padding": f"0 {theme.space(2)}"})
    actions = rx.el.span(
        _small("undo-2", t("trash.restore_one", title=picture.title), GalleryState.restore(picture.id)),
        _small("trash-2", t("trash.delete_one", title=picture.title), GalleryState.ask_delete(picture.id)),
        style={"display": "flex"},
    )
    return rx.el.div(
        leaves,
        actions,
        style={
            "position": "absolute",
            "inset": "auto 0 0 0",
            "display": "flex",
            "flex_wrap": "wrap",
            "align_items": "center",
            "justify_content": "space-between",
            "background": theme.SCRIM,
            "color": theme.ON_PICTURE,
        },
    )


def _small(mark: str, label: rx.Var[str], on_click: object) -> rx.Component:
    style: Style = {
        "width": theme.CONTROL_HEIGHT,
        "height": theme.CONTROL_HEIGHT,
        "display": "grid",
        "place_items": "center",
        "padding": "0",
        "border": "0",
        "background": "transparent",
        "color": "inherit",
        "cursor": "pointer",
        "&:focus-visible": {"outline_offset": f"-{theme.FOCUS_WIDTH}"},
    }
    return rx.el.button(icon(mark), type="button", aria_label=label, title=label, on_click=on_click, style=style)


def _questions() -> rx.Component:
    one = confirm_dialog(
        is_open=GalleryState.is_asking_one,
        title=t("trash.delete_title", title=GalleryState.asked_about.title),
        body=t("trash.delete_body"),
        confirm_label=t("trash.delete"),
        on_confirm=GalleryState.delete,
        on_cancel=GalleryState.keep,
    )
    count, is_one = GalleryState.trash_count, GalleryState.trash_count == 1
    everything = confirm_dialog(
        is_open=GalleryState.is_asking_all,
        title=rx.cond(is_one, t("trash.empty_title_one"), t("trash.empty_title_many", count=count)),
        body=t("trash.empty_body"),
        confirm_label=rx.cond(is_one, t("trash.empty_confirm_one"), t("trash.empty_confirm_many", count=count)),
        on_confirm=GalleryState.empty_trash,
        on_cancel=GalleryState.keep,
    )
    return rx.fragment(one, everything)
