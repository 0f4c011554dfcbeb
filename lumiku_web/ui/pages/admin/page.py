"""Admin: is it healthy, what can it do, what does it cost."""

import reflex as rx

from lumiku_web.ui.i18n import moment, t
from lumiku_web.ui.kit.button import secondary_button
from lumiku_web.ui.kit.data_table import Column, data_table
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.figure_card import figure_card
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import columns, page_header, row, section, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.state import AdminState
from lumiku_web.ui.session import SessionState


@member_page("/admin", title="nav.admin", active="admin", on_load=(AdminState.load,))
def admin() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _overview(), empty_state(t("error.not_permitted"), picture="lost"))


def _overview() -> rx.Component:
    ways = row(
        secondary_button(t("jobs.title"), href="/admin/jobs", icon_name="list-checks"),
        secondary_button(t("people.title"), href="/admin/people", icon_name="users"),
        secondary_button(t("models.title"), href="/admin/models", icon_name="boxes"),
        secondary_button(t("books.title"), href="/admin/credits", icon_name="coins"),
        secondary_button(t("usage.title"), href="/admin/usage", icon_name="chart-column"),
    )
    figures = columns(
        figure_card(t("admin.workers"), AdminState.workers.to_string(), href="/admin/jobs"),
        _ledger(),
        least="200px",
    )
    models = data_table(
        [Column(t("admin.model")), Column(t("admin.provider")), Column(t("admin.provider_model"))],
        AdminState.models,
        caption=t("admin.models"),
    )
    hint = rx.cond(AdminState.has_flux, rx.fragment(), notice(t("admin.no_flux"), tone="info"))
    off = rx.cond(
        (AdminState.check.at != "") & ~AdminState.check.is_right, notice(t("admin.ledger_off"), tone="danger"), rx.fragment()
    )
    ready = stack(figures, off, hint, section(t("admin.models"), models), gap="24px")
    return rx.fragment(
        page_header(t("nav.admin"), sub=t("admin.sub"), action=ways),
        rx.cond(AdminState.is_ready, ready, skeleton(height="200px")),
    )


def _ledger() -> rx.Component:
    """What the last check of the books found, and when."""
    known = AdminState.check
    result = rx.cond(known.is_right, t("admin.ledger.right"), t("admin.ledger.off"))
    return figure_card(
        t("admin.ledger"),
        rx.cond(known.at == "", t("admin.ledger.unknown"), result),
        change=rx.cond(known.at == "", t("admin.ledger.unknown_note"), t("admin.ledger.checked", at=moment(known.at))),
        href="/admin/credits",
    )
