"""Admin: what the books say, whether they are right, every entry of them, and the form that moves credits."""

from typing import Final

import reflex as rx

from lumiku_web.domain.ledger.schemas import EventKind
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import moment, t
from lumiku_web.ui.kit.button import ghost_button, primary_button, secondary_button
from lumiku_web.ui.kit.confirm import dialog_frame
from lumiku_web.ui.kit.data_table import Column
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.figure_card import figure_card
from lumiku_web.ui.kit.inputs import select_field, text_area, text_field
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.record_table import StateColumn, record_table
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import columns, page_header, row, section, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.credits_state import ACTS, AdminCreditsState
from lumiku_web.ui.session import SessionState


@member_page("/admin/credits", title="books.title", active="admin", on_load=(AdminCreditsState.load,))
def credits_of_all() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _everything(), empty_state(t("error.not_permitted"), picture="lost"))


def _everything() -> rx.Component:
    back = plain_link(t("nav.admin"), href="/admin", style={**theme.SMALL, "color": theme.QUIET})
    move = primary_button(
        t("books.move"),
        icon_name="arrow-left-right",
        id="move-credits",
        on_click=AdminCreditsState.ask,
        disabled=~AdminCreditsState.is_ready,
    )
    shown = stack(_check(), _totals(), _ledger(), gap=theme.BETWEEN_SECTIONS)
    waiting = stack(skeleton(height=theme.space(12)), skeleton(height=theme.space(32)), skeleton(height=theme.space(50)))
    return rx.fragment(
        stack(back, page_header(t("books.title"), sub=t("books.sub"), action=move), gap=theme.space(1)),
        rx.cond(AdminCreditsState.is_ready, shown, waiting),
        _form(),
    )


def _check() -> rx.Component:
    """Green, or what is off; when that was seen, and the way to look again."""
    known = AdminCreditsState.check
    facts = {"events": known.events, "at": moment(known.at)}
    off = stack(
        notice(t("books.off", **facts), tone="danger"),
        rx.el.ul(
            rx.foreach(known.findings, rx.el.li),
            id="findings",
            style={**theme.BODY, "margin": "0", "padding_left": theme.space(5), "display": "grid", "gap": theme.space(1)},
        ),
        rx.el.p(t("books.off_help"), style=_QUIET),
        gap=theme.IN_CARD,
    )
    never = notice(t("books.never"), tone="info")
    result = rx.cond(known.at == "", never, rx.cond(known.is_right, notice(t("books.right", **facts), tone="success"), off))
    again = secondary_button(
        t("books.check"),
        icon_name="scan-search",
        id="check-now",
        on_click=AdminCreditsState.check_now,
        is_busy=AdminCreditsState.is_checking,
    )
    return section(t("books.check_title"), rx.el.div(result, id="ledger-check"), action=again)


def _totals() -> rx.Component:
    known = AdminCreditsState.totals
    return section(
        t("books.totals"),
        columns(
            figure_card(t("books.available"), known.available),
            figure_card(t("books.held"), known.held),
            figure_card(t("books.owed"), known.owed),
            least=theme.space(60),
        ),
        columns(
            figure_card(t("books.granted"), known.granted),
            figure_card(t("books.sold"), known.sold),
            figure_card(t("books.corrections"), known.corrections),
            figure_card(t("books.revenue"), known.revenue),
            least=theme.space(60),
        ),
        rx.el.p(t("books.totals_note"), style=_QUIET),
    )


def _ledger() -> rx.Component:
    heads = [
        Column(t("books.when"), is_number=True),
        Column(t("usage.member")),
        StateColumn(t("books.what")),
        Column(t("books.available"), is_number=True),
        Column(t("books.held"), is_number=True),
        Column(t("books.owed"), is_number=True),
        Column(t("books.balance"), is_number=True),
        Column(t("books.by")),
        Column(t("books.reason"), is_long=True),
    ]
    table = record_table(
        t("books.entries"), heads, AdminCreditsState.entries, name="ledger_entries", nothing=t("books.no_entries")
    )
    newest = ghost_button(
        t("books.newest"), icon_name="chevrons-left", on_click=AdminCreditsState.newest, disabled=AdminCreditsState.is_newest
    )
    older = ghost_button(
        t("books.older"), icon_name="chevron-right", on_click=AdminCreditsState.older, disabled=~AdminCreditsState.has_older
    )
    return stack(_filter(), table, row(newest, older, style={"justify_content": "space-between"}))


def _filter() -> rx.Component:
    return rx.el.form(
        columns(
            text_field(
                t("books.of"),
                control_id="of",
                default_value=AdminCreditsState.email,
                error=AdminCreditsState.field_errors["filter"],
                placeholder=t("books.of_all"),
                auto_complete="off",
                max_length=254,
            ),
            select_field(
                t("books.what"),
                control_id="kind",
                options=[(kind.value, t(f"entry.{kind.value}")) for kind in EventKind],
                empty_label=t("books.all_kinds"),
                default_value=AdminCreditsState.kind,
            ),
            rx.el.div(
                secondary_button(t("books.find"), type="submit", icon_name="search"),
                style={"align_self": "start", "padding_top": theme.space(6), theme.PHONE: {"padding_top": "0"}},
            ),
            least=theme.space(55),
        ),
        on_submit=AdminCreditsState.find,
        id="ledger-filter",
    )


def _form() -> rx.Component:
    """Its key is minted when it opens: sent twice, it moves credits once."""
    wrong = AdminCreditsState.field_errors
    fields = rx.el.form(
        select_field(t("books.act"), control_id="act", options=[(act, t(f"books.act.{act}")) for act in ACTS]),
        text_field(
            t("books.member"), control_id="email", error=wrong["email"], input_mode="email", auto_complete="off", max_length=254
        ),
        text_field(
            t("books.amount"),
            control_id="amount",
            error=wrong["amount"],
            help_text=t("books.amount_help"),
            auto_complete="off",
            max_length=40,
        ),
        text_area(t("books.reason"), control_id="reason", error=wrong["reason"], help_text=t("books.reason_help"), rows="3"),
        row(
            secondary_button(t("confirm.cancel"), on_click=AdminCreditsState.keep),
            primary_button(t("books.do"), type="submit", id="do-move"),
            style={"justify_content": "end"},
        ),
        on_submit=AdminCreditsState.act,
        style={"display": "flex", "flex_direction": "column", "gap": theme.BETWEEN_BLOCKS},
    )
    return dialog_frame(
        t("books.move"),
        t("books.move_body"),
        fields,
        is_open=AdminCreditsState.is_acting,
        on_open_change=AdminCreditsState.keep,
    )


_QUIET: Final = {**theme.SMALL, "color": theme.QUIET, "margin": "0", "max_width": theme.READING_WIDTH}
