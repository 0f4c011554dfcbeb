"""A price in words: on the button, in the line above it, behind it, and in the menu of models."""

import reflex as rx

from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.ui import theme
from lumiku_web.ui.cards import ModelChoice, PriceTag
from lumiku_web.ui.i18n import moment, number, t
from lumiku_web.ui.kit.button import ghost_button
from lumiku_web.ui.kit.link import text_link
from lumiku_web.ui.kit.props import Style, Text

Tag = rx.Var[PriceTag]


def credits(count: rx.Var[int]) -> rx.Var[str]:
    """Write "1 credit", "1,240 credits"."""
    return rx.cond(count == 1, t("credits.one", count=number(count)), t("credits.many", count=number(count)))


def plan_of(tier: rx.Var[str]) -> rx.Var[str]:
    """Name the plan of a tier."""
    return rx.match(tier, *((one.value, t(f"tier.{one.value}")) for one in Tier if one is not Tier.free), t("tier.free"))


def model_option(model: rx.Var[ModelChoice], *, by_quota: rx.Var[bool]) -> rx.Component:
    """Offer a model with its price for one picture; with the plan that has it where the person's has not."""
    price = rx.cond(by_quota, t("cost.units", count=number(model.quota)), credits(model.credits))
    said = rx.cond(model.is_open, price, t("cost.locked", plan=plan_of(model.tier)))
    title = rx.cond(model.is_beta, t("cost.beta", model=model.title), model.title)
    return rx.el.option(title + " · " + said, value=model.key, disabled=~model.is_open, key=model.key)


def price_label(label: Text, tag: Tag) -> rx.Var[str]:
    """Write "Generate 4 · 32 credits", or by what else it is paid."""
    quota = rx.cond(
        tag.quota_each == 1,
        t("cost.pictures_of", count=number(tag.quota), limit=number(tag.quota_limit)),
        t("cost.units_of", count=number(tag.quota), limit=number(tag.quota_limit)),
    )
    both = rx.cond(tag.by_credits > 0, quota + " + " + credits(tag.credits), quota)
    paid = rx.cond(tag.by_quota > 0, both, credits(tag.credits))
    return rx.cond(tag.is_known, rx.Var.create(label).to(str) + " · " + paid, label)


def price_note(tag: Tag) -> rx.Var[str]:
    """Say what is left afterwards."""
    quota = t("cost.quota_after", left=number(tag.quota_after))
    balance = t("cost.balance_after", credits=credits(tag.balance_after))
    both = rx.cond(tag.by_credits > 0, quota + " · " + balance, quota)
    return rx.cond(tag.is_known, rx.cond(tag.by_quota > 0, both, balance), "")


def why_not(tag: Tag) -> rx.Var[str]:
    """Say why nothing can be ordered; empty where it can."""
    short = t("cost.short", has=credits(tag.balance), missing=credits(tag.missing))
    return rx.match(
        tag.why_not,
        ("", ""),
        ("credits_short", short),
        ("credits_owed", t("cost.owed", owed=credits(tag.owed))),
        ("quota_used_up", t("cost.used_up", moment=moment(tag.ends_at))),
        ("spending_cap", t("cost.capped", cap=credits(tag.cap))),
        ("model_not_in_plan", t("cost.model_locked", model=tag.model, plan=plan_of(tag.tier))),
        ("app_not_in_plan", t("cost.app_locked", plan=plan_of(tag.tier))),
        ("app_coming_soon", t("cost.app_coming_soon")),
        t("cost.app_off"),
    )


def price_way_out(tag: Tag) -> rx.Component:
    """Lead to credits and plans, where those are what is missing."""
    is_closed = (tag.why_not == "") | (tag.why_not == "app_off") | (tag.why_not == "app_coming_soon")
    return rx.cond(is_closed, rx.fragment(), text_link(t("cost.way_out"), href="/credits"))


def price_details(tag: Tag, *, element_id: str = "price-details") -> rx.Component:
    """Show the sum behind a button: one picture times how many, by what it is paid, and what is left."""
    each = rx.cond(tag.has_plan, t("cost.units", count=number(tag.quota_each)), credits(tag.credits_each))
    times = t("cost.times", count=number(tag.by_credits), each=number(tag.credits_each), sum=number(tag.credits))
    units = t("cost.times", count=number(tag.by_quota), each=number(tag.quota_each), sum=number(tag.quota))
    rows = rx.el.dl(
        _row(t("cost.each", model=tag.model), each),
        _row(t("cost.by_quota"), units, tag.by_quota > 0),
        _row(t("cost.quota_left"), t("cost.of", part=number(tag.quota_after), whole=number(tag.quota_limit)), tag.by_quota > 0),
        _row(t("cost.by_credits"), times, tag.by_credits > 0),
        _row(t("cost.balance"), number(tag.balance), tag.by_credits > 0),
        _row(t("cost.after"), number(tag.balance_after), (tag.by_credits > 0) & (tag.missing == 0), is_sum=True),
        _row(t("cost.missing"), number(tag.missing), (tag.by_credits > 0) & (tag.missing > 0), is_sum=True),
        style={"display": "grid", "gap": theme.space(1), "margin": "0"},
    )
    honest = rx.el.p(t("cost.only_delivered"), style={**theme.SMALL, "color": theme.QUIET, "margin": f"{theme.IN_CARD} 0 0"})
    content = rx.popover.content(
        rows,
        honest,
        align="end",
        side="top",
        aria_label=t("cost.details"),
        style={"width": theme.MENU_WIDTH, "padding": theme.space(4)},
    )
    opens = ghost_button(t("cost.details"), icon_name="receipt-text", is_small=True, disabled=~tag.is_known, id=element_id)
    return rx.popover.root(rx.popover.trigger(opens), content)


def _row(label: Text, value: Text, is_shown: rx.Var[bool] | None = None, *, is_sum: bool = False) -> rx.Component:
    weight = {"font_weight": theme.STRONG} if is_sum else {}
    style: Style = {**theme.BODY, "display": "flex", "justify_content": "space-between", "gap": theme.IN_CARD, **weight}
    pair = rx.el.div(
        rx.el.dt(label, style={"color": theme.TEXT if is_sum else theme.QUIET, "min_width": "0", "overflow_wrap": "anywhere"}),
        rx.el.dd(value, style={**theme.TABULAR, "margin": "0", "white_space": "nowrap"}),
        style={**style, "border_top": theme.HAIRLINE, "padding_top": theme.space(1)} if is_sum else style,
    )
    return pair if is_shown is None else rx.cond(is_shown, pair, rx.fragment())
