"""The part of the page of credits with every entry: lists, months, pages, and all of it as a file."""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from lumiku_web.http.statement import SHOWN
from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import secondary_button
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.inputs import segmented
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.props import Style
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.statement import statement_table
from lumiku_web.ui.kit.surface import row, section
from lumiku_web.ui.pages.credits.state import StatementState
from lumiku_web.ui.session import SessionState

_MONTH_NAME = FunctionStringVar.create(
    "((month, language) => new Date(month + '-01T00:00Z')"
    ".toLocaleDateString(language, { month: 'long', year: 'numeric', timeZone: 'UTC' }))"
)


def statement() -> rx.Component:
    """Newest first, fifty at a time."""
    some = rx.fragment(statement_table(StatementState.rows), _pages())
    nothing = rx.el.p(t("statement.nothing"), role="status", style={**theme.BODY, "color": theme.QUIET, "margin": "0"})
    listed = rx.cond(StatementState.rows.length() > 0, some, nothing)
    return rx.el.div(
        section(
            t("statement.title"),
            _tools(),
            rx.cond(StatementState.is_stale, _news(), rx.fragment()),
            rx.cond(StatementState.is_ready, listed, skeleton(height=theme.space(80))),
        ),
        id="statement",
        style={"min_width": "0"},
    )


def _tools() -> rx.Component:
    kinds = segmented(
        [(name, t(f"statement.show.{name}")) for name in SHOWN],
        value=StatementState.show,
        on_change=StatementState.filter_kinds,
        control_id="kinds",
        aria_label=t("statement.kinds"),
    )
    return row(
        rx.el.div(kinds, style={"flex": f"0 1 {theme.FORM_WIDTH}", theme.PHONE: {"flex": "1 1 100%"}}),
        _month(),
        _file(),
        style={theme.PHONE: {"width": "100%"}},
    )


def _month() -> rx.Component:
    def option(month: rx.Var[str]) -> rx.Component:
        return rx.el.option(_MONTH_NAME.call(month, SessionState.language).to(str), value=month)

    return rx.el.select(
        rx.el.option(t("statement.all_time"), value=""),
        rx.foreach(StatementState.months, option),
        value=StatementState.month,
        on_change=StatementState.filter_month,
        aria_label=t("statement.month"),
        title=t("statement.month_note"),
        name="month",
        id="month",
        style={**_CONTROL, theme.PHONE: {"flex": "1", "font_size": theme.TOUCH_INPUT_SIZE}},
    )


def _file() -> rx.Component:
    """The browser follows it by itself: the answer is a file, no page."""
    href = rx.Var.create("/credits/statement.csv?show=") + StatementState.show + "&month=" + StatementState.month
    style: Style = {**_CONTROL, "display": "inline-flex", "align_items": "center", "gap": theme.IN_CONTROL}
    return rx.el.a(
        icon("download"),
        t("statement.file"),
        href=href,
        download=True,
        reload_document=True,
        id="statement-file",
        style={**style, "text_decoration": "none", "&:hover": {"background": theme.HOVER}},
    )


_CONTROL: Style = {**theme.CONTROL, "cursor": "pointer"}


def _news() -> rx.Component:
    show = secondary_button(t("statement.show_new"), is_small=True, on_click=StatementState.newest)
    return notice(t("statement.stale"), action=show)


def _pages() -> rx.Component:
    newer = secondary_button(
        t("statement.newer"), icon_name="arrow-left", on_click=StatementState.newer, disabled=~StatementState.has_newer
    )
    older = secondary_button(
        t("statement.older"), icon_name="arrow-right", on_click=StatementState.older, disabled=~StatementState.has_older
    )
    both = row(newer, older, style={"justify_content": "end"})
    return rx.cond(StatementState.has_newer | StatementState.has_older, both, rx.fragment())
