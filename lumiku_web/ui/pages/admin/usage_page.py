"""Admin: what was used, by day, app, model and member; what was captured for it, and what it cost at the providers."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, icon_button
from lumiku_web.ui.kit.chart import day_chart, share_list
from lumiku_web.ui.kit.data_table import Column
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.figure_card import figure_card
from lumiku_web.ui.kit.inputs import segmented, segmented_field, select_field
from lumiku_web.ui.kit.link import plain_link
from lumiku_web.ui.kit.props import Text
from lumiku_web.ui.kit.record_table import Record, record_table
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import card, columns, page_header, row, section, stack
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.admin.usage_state import AdminUsageState
from lumiku_web.ui.session import SessionState

_VIEW: Final = AdminUsageState.view


@member_page("/admin/usage", title="usage.title", active="admin", on_load=(AdminUsageState.load,))
def usage() -> rx.Component:
    """For others there is nothing here: its data is loaded for admins only."""
    return rx.cond(SessionState.is_admin, _everything(), empty_state(t("error.not_permitted"), picture="lost"))


def _everything() -> rx.Component:
    back = plain_link(t("nav.admin"), href="/admin", style={**theme.SMALL, "color": theme.QUIET})
    shown = stack(_days(), _filters(), _figures(), _by_day(), _lists(), *_tables(), gap=theme.BETWEEN_SECTIONS)
    waiting = stack(skeleton(height=theme.space(32)), skeleton(height=theme.CHART_HEIGHT), gap=theme.BETWEEN_SECTIONS)
    return rx.fragment(
        stack(back, page_header(t("usage.title"), sub=t("usage.sub")), gap=theme.space(1)),
        rx.cond(AdminUsageState.is_ready, shown, waiting),
    )


def _days() -> rx.Component:
    """Which days, and the way to those before and after."""
    periods = segmented(
        [(name, t(f"usage.{name}")) for name in ("week", "days_30", "days_90", "month")],
        value=AdminUsageState.period,
        on_change=AdminUsageState.choose_period,
        control_id="period",
        aria_label=t("usage.period"),
    )
    steps = row(
        icon_button("chevron-left", t("usage.earlier"), on_click=AdminUsageState.earlier),
        rx.el.span(_VIEW.span, id="span", aria_live="polite", style={**theme.BODY, **theme.TABULAR, "font_weight": theme.MEDIUM}),
        icon_button("chevron-right", t("usage.later"), on_click=AdminUsageState.later, disabled=_VIEW.is_newest),
        style={"flex_wrap": "nowrap"},
    )
    return row(
        rx.el.div(periods, style={"flex": f"0 1 {theme.space(100)}", "min_width": "0", theme.PHONE: {"flex": "1 1 100%"}}),
        steps,
        gap=theme.BETWEEN_BLOCKS,
        style={"justify_content": "space-between"},
    )


def _filters() -> rx.Component:
    only = row(
        rx.el.span(t("usage.only_member", member=AdminUsageState.member), style={"overflow_wrap": "anywhere", "min_width": "0"}),
        ghost_button(t("usage.everybody"), icon_name="x", is_small=True, on_click=AdminUsageState.everybody),
    )
    chosen = columns(
        select_field(
            t("usage.app"),
            control_id="app",
            options=_VIEW.apps,
            empty_label=t("usage.all_apps"),
            value=AdminUsageState.app,
            on_change=AdminUsageState.choose_app,
        ),
        select_field(
            t("usage.model"),
            control_id="model",
            options=_VIEW.models,
            empty_label=t("usage.all_models"),
            value=AdminUsageState.model,
            on_change=AdminUsageState.choose_model,
        ),
        select_field(
            t("usage.measure"),
            control_id="measure",
            options=[(name, t(f"usage.{name}")) for name in ("pictures", "credits", "quota", "cost_microusd")],
            value=AdminUsageState.measure,
            on_change=AdminUsageState.choose_measure,
        ),
        segmented_field(
            t("usage.stacked_by"),
            control_id="stack",
            options=[("model", t("usage.model")), ("app", t("usage.app"))],
            value=AdminUsageState.stack,
            on_change=AdminUsageState.choose_stack,
        ),
        least=theme.space(55),
    )
    return stack(chosen, rx.cond(AdminUsageState.member != "", only, rx.fragment()), gap=theme.IN_CARD)


def _figures() -> rx.Component:
    return columns(
        figure_card(t("usage.pictures"), _VIEW.pictures),
        figure_card(t("usage.credits"), _VIEW.credits),
        figure_card(t("usage.quota"), _VIEW.quota),
        figure_card(t("usage.cost"), _VIEW.cost, change=_VIEW.cost_note),
        least=theme.space(60),
    )


def _by_day() -> rx.Component:
    return section(
        t("usage.by_day"),
        card(day_chart(t("usage.by_day"), _VIEW.chart, name="by_day", nothing=t("usage.nothing_counted"))),
        rx.el.p(
            t("usage.cost_hint"), style={**theme.SMALL, "color": theme.QUIET, "margin": "0", "max_width": theme.READING_WIDTH}
        ),
    )


def _lists() -> rx.Component:
    def listed(title: Text, rows: rx.Var) -> rx.Component:
        return section(title, card(share_list(rows, label=title, nothing=t("usage.nothing"))))

    return columns(
        listed(t("usage.top_models"), _VIEW.top_models),
        listed(t("usage.top_members"), _VIEW.top_members),
        least=theme.space(100),
    )


def _tables() -> list[rx.Component]:
    def heads(first: Text) -> list[Column]:
        numbers = ("pictures", "credits", "quota", "cost", "per_picture", "per_usd")
        return [Column(first), *(Column(t(f"usage.{name}"), is_number=True) for name in numbers)]

    def only(member: rx.Var[Record]) -> rx.Component:
        return ghost_button(
            t("usage.only"),
            icon_name="filter",
            is_small=True,
            aria_label=t("usage.only_one", member=member.cells[0]),
            on_click=AdminUsageState.choose_member(member.id),
        )

    nothing = t("usage.nothing")
    note = rx.el.p(_VIEW.member_note, style={**theme.SMALL, "color": theme.QUIET, "margin": "0"})
    members = record_table(
        t("usage.by_member"), heads(t("usage.member")), _VIEW.by_member, name="usage_members", nothing=nothing, actions=only
    )
    days = record_table(t("usage.by_day"), heads(t("usage.day")), _VIEW.by_day, name="usage_days", nothing=nothing)
    folded = rx.el.details(
        rx.el.summary(t("usage.days_table"), style={**theme.BODY, "cursor": "pointer", "padding": f"{theme.space(2)} 0"}), days
    )
    return [
        record_table(t("usage.by_model"), heads(t("usage.model")), _VIEW.by_model, name="usage_models", nothing=nothing),
        record_table(t("usage.by_app"), heads(t("usage.app")), _VIEW.by_app, name="usage_apps", nothing=nothing),
        stack(members, rx.cond(_VIEW.member_note != "", note, rx.fragment()), gap=theme.IN_CONTROL),
        folded,
    ]
