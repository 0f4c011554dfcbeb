"""One project: drop photographs, see its pictures, go and make more."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, icon_button, primary_button, secondary_button
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.inputs import text_field
from lumiku_web.ui.kit.lightbox import viewer
from lumiku_web.ui.kit.order_card import order_card
from lumiku_web.ui.kit.picture_grid import endless_grid
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import page_header, row, section, stack
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.project.state import ROUTE, ProjectState
from lumiku_web.ui.pages.project.upload_state import UploadState
from lumiku_web.ui.pages.project.uploading import upload_area


@member_page(f"/{ROUTE}", title="nav.projects", active="projects", on_load=(ProjectState.load, UploadState.load))
def project() -> rx.Component:
    """Its name, the place to drop photographs, what runs, all pictures."""
    missing = empty_state(t("project.missing"), picture="lost", action=secondary_button(t("project.back"), href="/projects"))
    content = stack(_head(), upload_area(), _running(), _pictures(), gap=theme.BETWEEN_SECTIONS)
    opened = rx.cond(ProjectState.is_missing, missing, content)
    return rx.fragment(rx.cond(ProjectState.is_ready, opened, skeleton(height="200px")), viewer(ProjectState))


def _head() -> rx.Component:
    make = primary_button(
        t("project.make"),
        href="/apps/avatar-creator?project=" + ProjectState.router.url.path.split("/")[-1],
        icon_name="sparkles",
    )
    rename = icon_button("pencil", t("project.rename"), on_click=ProjectState.ask_rename(True))  # noqa: FBT003 (an event's argument)
    form = rx.el.form(
        row(
            text_field(
                t("projects.name"),
                control_id="name",
                name="name",
                default_value=ProjectState.name,
                error=ProjectState.field_errors["name"],
                auto_focus=True,
            ),
            secondary_button(t("project.save_name"), type="submit"),
            ghost_button(t("confirm.cancel"), on_click=ProjectState.ask_rename(False)),  # noqa: FBT003
            style={"align_items": "end"},
        ),
        on_submit=ProjectState.rename,
    )
    return rx.cond(ProjectState.is_renaming, form, page_header(ProjectState.name, sub=t("project.sub"), action=row(rename, make)))


def _running() -> rx.Component:
    here = ProjectState.router.url.path.split("/")[-1]
    cards = rx.foreach(
        LiveState.orders,
        lambda order: rx.cond(
            (order.is_running | (order.left_to_try > 0)) & (order.project_id == here),
            order_card(order, on_open=ProjectState.open_picture),
            rx.fragment(),
        ),
    )
    return rx.cond(LiveState.open_count > 0, stack(cards), rx.fragment())


def _pictures() -> rx.Component:
    nothing = empty_state(t("project.empty"), picture="upload")
    return section(t("project.pictures"), endless_grid(ProjectState, label=t("project.pictures"), nothing=nothing))
