"""Admin: people. Who is here, what they have, and the way to each of them."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, secondary_button
from lumiku_web.ui.kit.data_table import Column
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.inputs import text_field
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.record_table import Record, StateColumn, record_table
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import page_header, row, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.people_state import AdminPeopleState
from lumiku_web.ui.session import SessionState


@member_page("/admin/people", title="people.title", active="admin", on_load=(AdminPeopleState.load,))
def people() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _everything(), empty_state(t("error.not_permitted"), picture="lost"))


def _everything() -> rx.Component:
    back = plain_link(t("nav.admin"), href="/admin", style={**theme.SMALL, "color": theme.QUIET})
    return rx.fragment(
        stack(back, page_header(t("people.title"), sub=t("people.sub")), gap=theme.space(1)),
        rx.cond(
            AdminPeopleState.is_ready,
            stack(_search(), _list(), _pages(), gap=theme.BETWEEN_SECTIONS),
            skeleton(height=theme.space(50)),
        ),
    )


def _search() -> rx.Component:
    words = text_field(
        t("people.search"),
        control_id="words",
        name="words",
        type="search",
        default_value=AdminPeopleState.words,
        error=AdminPeopleState.field_errors["words"],
        max_length=254,
        auto_complete="off",
    )
    field = rx.el.div(words, style={"flex": "1", "min_width": "0", "max_width": theme.FORM_WIDTH})
    button = secondary_button(t("people.find"), type="submit", icon_name="search", id="find-people")
    return rx.el.form(row(field, button, style={"align_items": "end", "flex_wrap": "nowrap"}), on_submit=AdminPeopleState.search)


def _list() -> rx.Component:
    heads = [
        Column(t("people.name")),
        Column(t("people.email")),
        StateColumn(t("people.state")),
        Column(t("people.role")),
        Column(t("people.plan")),
        Column(t("people.credits"), is_number=True),
        Column(t("people.today"), is_number=True),
        Column(t("people.pictures"), is_number=True),
        Column(t("people.last_seen"), is_number=True),
    ]

    def actions(one: rx.Var[Record]) -> rx.Component:
        return secondary_button(
            t("people.open"), is_small=True, href="/admin/people/" + one.id, aria_label=t("people.open_one", name=one.cells[0])
        )

    nothing = rx.cond(AdminPeopleState.words, t("people.none_fits", words=AdminPeopleState.words), t("people.none"))
    return record_table(
        t("people.accounts"), heads, AdminPeopleState.people, name="people", nothing=nothing, actions=actions, has_filter=False
    )


def _pages() -> rx.Component:
    newer = ghost_button(
        t("people.newer"), icon_name="arrow-left", on_click=AdminPeopleState.preceding, disabled=AdminPeopleState.page == 1
    )
    older = ghost_button(
        t("people.older"), icon_name="arrow-right", on_click=AdminPeopleState.following, disabled=~AdminPeopleState.has_more
    )
    place = rx.el.span(t("people.page", number=AdminPeopleState.page), style={**theme.SMALL, "color": theme.QUIET})
    bar = row(newer, place, older, style={"justify_content": "center"})
    return rx.cond((AdminPeopleState.page > 1) | AdminPeopleState.has_more, bar, rx.fragment())
