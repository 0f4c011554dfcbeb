"""Admin: what waits, who works, by which routes, what is stuck, what failed; and what can be done about it."""

from typing import Final

import reflex as rx

from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, primary_button, secondary_button
from lumiku_web.ui.kit.confirm import confirm_dialog, dialog_frame
from lumiku_web.ui.kit.data_table import Column
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.figure_card import figure_card
from lumiku_web.ui.kit.inputs import number_field
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.props import Handler, Text
from lumiku_web.ui.kit.record_table import Record, StateColumn, record_table
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import page_header, row, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.jobs_state import AdminJobsState
from lumiku_web.ui.pages.admin.jobs_watch import ROUTE
from lumiku_web.ui.session import SessionState


@member_page(f"/{ROUTE}", title="jobs.title", active="admin", on_load=(AdminJobsState.load,))
def jobs() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _everything(), empty_state(t("error.not_permitted"), picture="lost"))


def _everything() -> rx.Component:
    paused = notice(t("jobs.is_paused"), tone="warning")
    lists = stack(
        rx.cond(AdminJobsState.is_paused, paused, rx.fragment()),
        _figures(),
        _stuck(),
        _failed(),
        _routes(),
        _workers(),
        gap=theme.BETWEEN_SECTIONS,
    )
    back = plain_link(t("nav.admin"), href="/admin", style={**theme.SMALL, "color": theme.QUIET})
    return rx.fragment(
        stack(back, page_header(t("jobs.title"), sub=t("jobs.sub"), action=_switch()), gap=theme.space(1)),
        rx.cond(AdminJobsState.is_ready, lists, _skeleton()),
        _questions(),
    )


def _switch() -> rx.Component:
    """One for all routes."""
    go_on = primary_button(
        t("jobs.resume_all"), icon_name="play", id="resume-everything", on_click=AdminJobsState.go_on(EVERYTHING)
    )
    stop = secondary_button(
        t("jobs.pause_all"), icon_name="pause", id="pause-everything", on_click=AdminJobsState.pause(EVERYTHING)
    )
    return rx.cond(AdminJobsState.is_ready, rx.cond(AdminJobsState.is_paused, go_on, stop), rx.fragment())


def _skeleton() -> rx.Component:
    four = rx.el.div(*(skeleton(height=theme.space(32)) for _ in range(4)), style=FOUR)
    return stack(four, skeleton(height=theme.space(50)), gap=theme.BETWEEN_SECTIONS)


#: Four cards beside each other, two where there is less room.
FOUR: Final = {
    "display": "grid",
    "grid_template_columns": "repeat(4, minmax(0, 1fr))",
    "gap": theme.BETWEEN_BLOCKS,
    theme.NARROW: {"grid_template_columns": "repeat(2, minmax(0, 1fr))"},
    theme.PHONE: {"grid_template_columns": "repeat(2, minmax(0, 1fr))", "gap": theme.IN_CONTROL},
}


def _figures() -> rx.Component:
    known = AdminJobsState.figures
    return rx.el.div(
        figure_card(t("jobs.waiting"), known.waiting, change=known.waiting_note, path=known.waiting_line),
        figure_card(t("jobs.oldest"), known.oldest, change=t("jobs.oldest_note")),
        figure_card(t("jobs.in_flight"), known.in_flight, change=known.in_flight_note, path=known.in_flight_line),
        figure_card(t("jobs.failed_lately"), known.failed, change=known.failed_note),
        style=FOUR,
    )


def _workers() -> rx.Component:
    heads = [
        Column(t("jobs.worker")),
        Column(t("jobs.host")),
        StateColumn(t("jobs.state")),
        Column(t("jobs.busy"), is_number=True),
        Column(t("jobs.done"), is_number=True),
        Column(t("jobs.lag"), is_number=True),
        Column(t("jobs.since"), is_number=True),
    ]
    return record_table(t("jobs.workers"), heads, AdminJobsState.workers, name="workers", nothing=t("jobs.no_workers"))


def _routes() -> rx.Component:
    heads = [
        Column(t("jobs.route")),
        StateColumn(t("jobs.state")),
        Column(t("jobs.waiting"), is_number=True),
        Column(t("jobs.in_flight"), is_number=True),
        Column(t("jobs.limit"), is_number=True),
        Column(t("jobs.median"), is_number=True),
        Column(t("jobs.p90"), is_number=True),
        Column(t("jobs.failed_of"), is_number=True),
        Column(t("jobs.reason"), is_long=True),
    ]

    def actions(route: rx.Var[Record]) -> rx.Component:
        named = route.cells[0]
        stop = _act(t("jobs.pause"), "pause", t("jobs.pause_one", route=named), AdminJobsState.pause(route.id))
        go_on = _act(t("jobs.resume"), "play", t("jobs.resume_one", route=named), AdminJobsState.go_on(route.id))
        bound = _act(t("jobs.set_limit"), "gauge", t("jobs.set_limit_one", route=named), AdminJobsState.ask_limit(route.id))
        return _beside(bound, rx.match(route.kind, ("paused", go_on), ("slowed", rx.fragment(go_on, stop)), stop))

    return record_table(
        t("jobs.routes"), heads, AdminJobsState.routes, name="routes", nothing=t("jobs.no_routes"), actions=actions
    )


def _stuck() -> rx.Component:
    heads = [
        Column(t("jobs.member")),
        Column(t("jobs.route")),
        StateColumn(t("jobs.trouble")),
        Column(t("jobs.attempt"), is_number=True),
        Column(t("jobs.ordered"), is_number=True),
        Column(t("jobs.reason"), is_long=True),
        Column(t("jobs.reference")),
    ]

    def actions(item: rx.Var[Record]) -> rx.Component:
        hurry = _act(t("jobs.hurry"), "chevrons-right", t("jobs.hurry_one", member=item.cells[0]), AdminJobsState.hurry(item.id))
        end = _act(t("jobs.cancel"), "x", t("jobs.cancel_one", member=item.cells[0]), AdminJobsState.ask_cancel(item.id))
        return _beside(rx.cond(item.kind == "again", hurry, rx.fragment()), end)

    return record_table(t("jobs.stuck"), heads, AdminJobsState.stuck, name="stuck", nothing=t("jobs.no_stuck"), actions=actions)


def _failed() -> rx.Component:
    heads = [
        Column(t("jobs.member")),
        Column(t("jobs.route")),
        Column(t("jobs.failed_of"), is_number=True),
        Column(t("jobs.reason"), is_long=True),
        Column(t("jobs.when"), is_number=True),
        Column(t("jobs.reference")),
    ]

    def actions(order: rx.Var[Record]) -> rx.Component:
        again = secondary_button(
            t("jobs.try_again"),
            icon_name="rotate-ccw",
            is_small=True,
            title=t("jobs.try_again_note"),
            aria_label=t("jobs.try_again_one", member=order.cells[0]),
            on_click=AdminJobsState.try_again(order.id),
        )
        return rx.match(
            order.kind, ("again", _said(t("jobs.was_tried_again"))), ("running", _said(t("jobs.still_running"))), again
        )

    return record_table(
        t("jobs.failed"), heads, AdminJobsState.failed, name="failed", nothing=t("jobs.no_failed"), actions=actions
    )


def _act(label: Text, icon_name: str, spoken: Text, on_click: Handler) -> rx.Component:
    """In a row; `spoken` says in which."""
    return ghost_button(label, icon_name=icon_name, is_small=True, aria_label=spoken, on_click=on_click)


def _said(text: rx.Var[str]) -> rx.Component:
    return rx.el.span(text, style={**theme.SMALL, "color": theme.QUIET, "padding": f"0 {theme.space(3)}"})


def _beside(*buttons: rx.Component) -> rx.Component:
    return rx.el.span(*buttons, style={"display": "inline-flex", "gap": theme.space(1)})


def _questions() -> rx.Component:
    end = confirm_dialog(
        is_open=AdminJobsState.question == "cancel",
        title=t("jobs.cancel_title", member=AdminJobsState.asked_name),
        body=t("jobs.cancel_body"),
        confirm_label=t("jobs.cancel_confirm"),
        on_confirm=AdminJobsState.cancel,
        on_cancel=AdminJobsState.keep,
    )
    how_many = rx.el.form(
        number_field(
            t("jobs.limit_field"),
            control_id="limit",
            default_value=AdminJobsState.asked_limit,
            help_text=t("jobs.limit_help"),
            error=AdminJobsState.field_errors["limit"],
            min=1,
            max=1000,
            auto_focus=True,
        ),
        row(
            secondary_button(t("confirm.cancel"), on_click=AdminJobsState.keep),
            primary_button(t("jobs.limit_confirm"), type="submit"),
            style={"justify_content": "end"},
        ),
        on_submit=AdminJobsState.set_limit,
        style={"display": "flex", "flex_direction": "column", "gap": theme.BETWEEN_SECTIONS},
    )
    bound = dialog_frame(
        t("jobs.limit_title", route=AdminJobsState.asked_name),
        t("jobs.limit_body"),
        how_many,
        is_open=AdminJobsState.question == "limit",
        on_open_change=AdminJobsState.keep,
    )
    return rx.fragment(end, bound)
