"""Admin: one person. What they have, where they are signed in, what they ordered; and what an admin does about it."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, primary_button, secondary_button
from lumiku_web.ui.kit.confirm import confirm_dialog, dialog_frame
from lumiku_web.ui.kit.data_table import Column
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.figure_card import figure_card
from lumiku_web.ui.kit.inputs import select_field
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.props import shown_if
from lumiku_web.ui.kit.record_table import Record, StateColumn, record_table, state_mark
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import card, page_header, row, section, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.jobs_page import FOUR
from lumiku_web.ui.pages.admin.person_state import AdminPersonState
from lumiku_web.ui.session import SessionState

_WHO: Final = AdminPersonState.person
_HAS: Final = AdminPersonState.money


@member_page("/admin/people/[person]", title="people.title", active="admin", on_load=(AdminPersonState.load,))
def person() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _everything(), empty_state(t("error.not_permitted"), picture="lost"))


def _everything() -> rx.Component:
    missing = empty_state(
        t("error.member_not_found"), picture="lost", action=secondary_button(t("person.back"), href="/admin/people")
    )
    found = rx.fragment(_head(), _away(), _figures(), _plan(), _sessions(), _orders(), _questions())
    return rx.cond(
        AdminPersonState.is_ready, rx.cond(AdminPersonState.is_missing, missing, found), skeleton(height=theme.space(50))
    )


def _head() -> rx.Component:
    back = plain_link(t("people.title"), href="/admin/people", style={**theme.SMALL, "color": theme.QUIET})
    active = rx.fragment(
        rx.cond(
            _WHO.is_admin,
            secondary_button(t("person.demote"), icon_name="shield-off", on_click=AdminPersonState.ask("demote")),
            secondary_button(t("person.promote"), icon_name="shield-check", on_click=AdminPersonState.ask("promote")),
        ),
        rx.cond(
            _WHO.is_self,
            rx.fragment(),
            secondary_button(t("person.deactivate"), icon_name="lock", on_click=AdminPersonState.ask("deactivate")),
        ),
    )
    again = primary_button(t("person.activate"), icon_name="lock-open", on_click=AdminPersonState.ask("activate"))
    header = page_header(_WHO.name, sub=_WHO.email, action=row(rx.cond(_WHO.is_active, active, again)))
    marks = row(
        state_mark(_WHO.state, rx.cond(_WHO.is_active, "success", "danger")),
        rx.el.span(_WHO.role),
        rx.el.span(t("person.since", day=_WHO.since)),
        rx.el.span(t("person.last_seen", ago=_WHO.last_seen)),
        gap=theme.IN_CARD,
        style={**theme.SMALL, "color": theme.QUIET},
    )
    return stack(back, header, marks, gap=theme.space(2))


def _away() -> rx.Component:
    return rx.cond(_WHO.is_active, rx.fragment(), notice(t("person.is_deactivated"), tone="warning"))


def _figures() -> rx.Component:
    return rx.el.div(
        figure_card(t("person.available"), _HAS.available, change=_HAS.available_note, href="/admin/credits?member=" + _WHO.id),
        figure_card(t("person.held"), _HAS.held),
        figure_card(t("person.today"), _HAS.today, change=_HAS.today_note),
        figure_card(t("people.pictures"), _HAS.pictures),
        style=FOUR,
    )


def _plan() -> rx.Component:
    has_plan = _HAS.plan_key != ""
    status = _HAS.plan_status
    words = stack(
        row(
            rx.el.span(_HAS.plan, style={**theme.LEAD, "font_weight": theme.STRONG}),
            shown_if(_HAS.plan_state, state_mark(_HAS.plan_state, _HAS.plan_tone)),
        ),
        rx.el.p(_HAS.plan_note, style={**theme.BODY, "color": theme.QUIET, "margin": "0"}),
        gap=theme.space(1),
    )
    end = ghost_button(t("person.cancel_plan"), icon_name="x", on_click=AdminPersonState.ask("cancel_plan"))
    go_on = secondary_button(t("person.resume_plan"), icon_name="play", on_click=AdminPersonState.act_on_plan("resumed"))
    renew = secondary_button(t("person.renew_plan"), icon_name="refresh-cw", on_click=AdminPersonState.ask("renew"))
    acts = row(
        rx.cond((status == "grace") | (status == "suspended"), renew, rx.fragment()),
        rx.cond(status == "canceled", go_on, rx.fragment()),
        secondary_button(
            rx.cond(has_plan, t("person.change_plan"), t("person.subscribe")),
            icon_name="layers",
            on_click=AdminPersonState.ask("plan"),
        ),
        rx.cond(has_plan & (status != "canceled"), end, rx.fragment()),
    )
    both = row(words, acts, gap=theme.BETWEEN_BLOCKS, style={"justify_content": "space-between"})
    return section(t("people.plan"), card(both))


def _sessions() -> rx.Component:
    heads = [
        Column(t("person.browser")),
        Column(t("person.signed_in"), is_number=True),
        Column(t("people.last_seen"), is_number=True),
    ]

    def actions(one: rx.Var[Record]) -> rx.Component:
        this = rx.el.span(t("person.this_browser"), style={**theme.SMALL, "color": theme.QUIET, "padding": f"0 {theme.space(3)}"})
        end = ghost_button(
            t("person.sign_out_one"),
            icon_name="log-out",
            is_small=True,
            aria_label=t("person.sign_out_here", browser=one.cells[0]),
            on_click=AdminPersonState.sign_out(one.id),
        )
        return rx.cond(one.kind == "own", this, end)

    table = record_table(
        t("person.sessions"),
        heads,
        AdminPersonState.sessions,
        name="sessions",
        nothing=t("person.no_sessions"),
        actions=actions,
        has_filter=False,
    )
    everywhere = secondary_button(
        t("person.sign_out"), icon_name="log-out", is_small=True, on_click=AdminPersonState.ask("sign_out")
    )
    return stack(table, rx.cond(AdminPersonState.sessions.length() > 1, rx.el.div(everywhere), rx.fragment()))


def _orders() -> rx.Component:
    heads = [
        Column(t("person.model")),
        StateColumn(t("person.order_state")),
        Column(t("person.made"), is_number=True),
        Column(t("person.credits"), is_number=True),
        Column(t("person.quota"), is_number=True),
        Column(t("person.ordered"), is_number=True),
        Column(t("jobs.reference")),
    ]
    return record_table(
        t("person.orders"), heads, AdminPersonState.orders, name="orders", nothing=t("person.no_orders"), has_filter=False
    )


def _questions() -> rx.Component:
    himself = _WHO.is_self
    return rx.fragment(
        _question("deactivate", AdminPersonState.deactivate),
        _question("activate", AdminPersonState.activate, is_dangerous=False),
        _question("promote", AdminPersonState.set_role("admin"), is_dangerous=False),
        _question("demote", AdminPersonState.set_role("member"), body=rx.cond(himself, t("person.demote_own"), _body("demote"))),
        _question("sign_out", AdminPersonState.sign_out("")),
        _question("cancel_plan", AdminPersonState.act_on_plan("canceled")),
        _question("renew", AdminPersonState.act_on_plan("renewed"), is_dangerous=False),
        _plan_question(),
    )


def _body(name: str) -> rx.Var[str]:
    return t(f"person.{name}_body", name=_WHO.name)


def _question(name: str, on_confirm: object, *, body: rx.Var[str] | None = None, is_dangerous: bool = True) -> rx.Component:
    return confirm_dialog(
        is_open=AdminPersonState.question == name,
        title=t(f"person.{name}_title", name=_WHO.name),
        body=_body(name) if body is None else body,
        confirm_label=t(f"person.{name}_confirm"),
        on_confirm=on_confirm,
        on_cancel=AdminPersonState.keep,
        is_dangerous=is_dangerous,
    )


def _plan_question() -> rx.Component:
    form = stack(
        select_field(
            t("people.plan"),
            control_id="plan",
            options=AdminPersonState.plans,
            empty_label=t("person.choose_plan"),
            value=AdminPersonState.chosen_plan,
            on_change=AdminPersonState.choose_plan,
        ),
        shown_if(AdminPersonState.cost, rx.el.p(AdminPersonState.cost, role="status", style={**theme.BODY, "margin": "0"})),
        row(
            secondary_button(t("confirm.cancel"), on_click=AdminPersonState.keep),
            primary_button(t("person.plan_confirm"), on_click=AdminPersonState.set_plan, disabled=AdminPersonState.cost == ""),
            style={"justify_content": "end"},
        ),
    )
    return dialog_frame(
        t("person.plan_title", name=_WHO.name),
        t("person.plan_body"),
        form,
        is_open=AdminPersonState.question == "plan",
        on_open_change=AdminPersonState.keep,
    )
