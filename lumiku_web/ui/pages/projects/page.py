"""All projects, and the form for a new one."""

import reflex as rx

from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import primary_button
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.inputs import text_field
from lumiku_web.ui.kit.project_card import project_card
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import card, columns, page_header, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.projects.state import ProjectsState


@member_page("/projects", title="nav.projects", active="projects", on_load=(ProjectsState.load,))
def projects() -> rx.Component:
    """A form above the cards."""
    cards = columns(
        rx.foreach(ProjectsState.cards, lambda project: project_card(project, href="/projects/" + project.id)), least="220px"
    )
    nothing = empty_state(t("projects.empty"), picture="folder")
    listed = rx.cond(ProjectsState.cards.length() > 0, cards, nothing)
    return rx.fragment(
        page_header(t("nav.projects"), sub=t("projects.sub")),
        _new(),
        rx.cond(ProjectsState.is_ready, listed, skeleton(height="200px")),
    )


def _new() -> rx.Component:
    name = text_field(
        t("projects.name"),
        control_id="name",
        name="name",
        placeholder=t("projects.name_example"),
        error=ProjectsState.field_errors["name"],
        auto_complete="off",
    )
    button = primary_button(t("projects.create"), type="submit", id="create-project", disabled=~ProjectsState.is_ready)
    return card(
        rx.el.form(
            stack(name, rx.el.div(button), gap="12px"),
            on_submit=ProjectsState.create,
            style={"max_width": "420px"},
        )
    )
