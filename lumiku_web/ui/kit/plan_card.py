"""A plan beside others: what it costs, and what it gives."""

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.cards import PlanCard
from lumiku_web.ui.i18n import money, number, t
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.props import Flag, Style
from lumiku_web.ui.kit.surface import card


def plan_card(plan: rx.Var[PlanCard], *, is_present: Flag, is_next: Flag = False) -> rx.Component:
    """Mark the person's own plan, and the one that follows it."""
    price = money(plan.price_minor, plan.currency)
    period = rx.cond(plan.is_yearly, t("plan.a_year"), t("plan.a_month"))
    mark = rx.cond(is_present, _mark(t("plan.yours")), rx.cond(is_next, _mark(t("plan.next")), rx.fragment()))
    lists = rx.el.ul(
        _line("image", t("plan.daily", count=number(plan.daily_quota))),
        _line("calendar", t("plan.monthly", count=number(plan.monthly_quota))),
        _line("chevrons-right", rx.cond(plan.weight > 1, t("plan.turns", count=plan.weight), t("plan.turn"))),
        _line("sparkles", plan.models),
        style={"list_style": "none", "margin": "0", "padding": "0", "display": "grid", "gap": theme.IN_CONTROL},
    )
    return card(
        rx.el.div(
            rx.el.h3(plan.title, style={**theme.LEAD, "font_weight": theme.STRONG, "margin": "0"}),
            mark,
            style={
                "display": "flex",
                "flex_wrap": "wrap",
                "align_items": "center",
                "justify_content": "space-between",
                "gap": theme.space(1),
                "min_height": theme.space(6),
            },
        ),
        rx.el.p(
            rx.el.span(price, style={**theme.TITLE, **theme.TABULAR, "white_space": "nowrap"}),
            " ",
            rx.el.span(period, style={**theme.SMALL, "color": theme.QUIET}),
            style={"margin": "0"},
        ),
        lists,
        is_article=True,
        aria_label=plan.title,
        style={"border": theme.line(rx.cond(is_present, theme.CONTROL_LINE, theme.LINE))},
    )


def _mark(text: rx.Var[str]) -> rx.Component:
    look: Style = {
        **theme.CAPTION,
        "font_weight": theme.MEDIUM,
        "padding": f"{theme.space(0.5)} {theme.space(2)}",
        "border_radius": theme.RADIUS_TILE,
        "background": theme.SUNKEN,
        "color": theme.TEXT,
    }
    return rx.el.span(text, style=look)


def _line(mark: str, text: rx.Var[str]) -> rx.Component:
    return rx.el.li(
        icon(mark, style={"color": theme.QUIET, "margin_top": theme.space(0.5)}),
        rx.el.span(text, style={"min_width": "0"}),
        style={**theme.SMALL, "display": "flex", "gap": theme.IN_CONTROL},
    )
