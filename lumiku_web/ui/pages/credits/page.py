"""Credits & plan: what one has now, the plan, what can be had, a bound of one's own, and the statement."""

from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import day, number, t, time_of_day
from lumiku_web.ui.kit.button import primary_button, secondary_button
from lumiku_web.ui.kit.check_field import check_field
from lumiku_web.ui.kit.confirm import confirm_dialog
from lumiku_web.ui.kit.inputs import number_field
from lumiku_web.ui.kit.meter import meter
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.plan_card import plan_card
from lumiku_web.ui.kit.props import Style, Text
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.surface import card, page_header, row, section, stack
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.page import member_page
from lumiku_web.ui.pages.credits.state import ROUTE, CreditsState, StatementState
from lumiku_web.ui.pages.credits.statement import statement

_PURSE: Final = LiveState.purse


@member_page(f"/{ROUTE}", title="credits.title", active="credits", on_load=(CreditsState.load, StatementState.load))
def credits_and_plan() -> rx.Component:
    """The numbers at the top change by themselves, as the chip does."""
    return rx.fragment(
        page_header(t("credits.title"), sub=t("credits.sub")),
        rx.cond(CreditsState.is_ready & (_PURSE.words != ""), _now(), _skeleton()),
        statement(),
        _questions(),
    )


def _now() -> rx.Component:
    return stack(
        rx.el.div(_balance(), _plan(), style=_TWO),
        section(t("plans.title"), _advice(), _plans()),
        section(t("spending.title"), _spending()),
        gap=theme.BETWEEN_SECTIONS,
    )


def _skeleton() -> rx.Component:
    two = rx.el.div(skeleton(height=theme.space(52)), skeleton(height=theme.space(52)), style=_TWO)
    return stack(two, skeleton(height=theme.space(60)), gap=theme.BETWEEN_SECTIONS)


_TWO: Final[Style] = {
    "display": "grid",
    "grid_template_columns": "minmax(0, 1fr) minmax(0, 2fr)",
    "gap": theme.BETWEEN_BLOCKS,
    "align_items": "stretch",
    theme.NARROW: {"grid_template_columns": "minmax(0, 1fr)"},
}
_QUIET: Final[Style] = {**theme.SMALL, "color": theme.QUIET, "margin": "0"}


def _heading(text: Text) -> rx.Component:
    return rx.el.h2(text, style={**theme.SMALL, "color": theme.QUIET, "font_weight": theme.MEDIUM, "margin": "0"})


def _balance() -> rx.Component:
    """What can be spent, what is held and what that means, and what is owed."""
    held = rx.el.p(
        rx.el.strong(t("balance.held", count=number(_PURSE.held)), style={"font_weight": theme.MEDIUM, "color": theme.TEXT}),
        " ",
        t("balance.held_means"),
        style={**_QUIET, **theme.TABULAR},
    )
    owed = notice(t("balance.owed", count=number(_PURSE.owed)), tone="danger")
    return card(
        _heading(t("balance.title")),
        rx.el.p(
            rx.el.span(number(_PURSE.available), style={**theme.DISPLAY, **theme.TABULAR}, id="available"),
            " ",
            rx.cond(_PURSE.available == 1, t("balance.credit"), t("balance.credits")),
            style={**theme.BODY, "color": theme.QUIET, "margin": "0", "& > span": {"color": theme.TEXT}},
        ),
        held,
        rx.cond(_PURSE.owed > 0, owed, rx.fragment()),
    )


def _plan() -> rx.Component:
    """Its name, how long it goes on, what is left of its quota, and the way to end it."""
    title = rx.cond(_PURSE.status == "", t("plan.none"), _PURSE.plan_title)
    is_ending = _PURSE.status == "canceled"
    stop = secondary_button(t("plan.cancel"), is_small=True, id="cancel-plan", on_click=CreditsState.ask("cancel"))
    go_on = primary_button(t("plan.resume"), is_small=True, id="resume-plan", on_click=CreditsState.ask("resume_plan"))
    head = row(
        rx.el.div(
            _heading(t("plan.present")),
            rx.el.p(title, id="plan", style={**theme.TITLE, "margin": "0", "overflow_wrap": "anywhere"}),
            style={"min_width": "0"},
        ),
        rx.cond(_PURSE.status == "", rx.fragment(), rx.cond(is_ending, go_on, stop)),
        style={"justify_content": "space-between", "align_items": "start"},
    )
    return card(head, _status(), rx.cond(_PURSE.has_plan, _quota(), rx.fragment()))


def _status() -> rx.Component:
    until = day(_PURSE.until)
    follows = t("plan.follows", plan=CreditsState.plan_titles[_PURSE.next_plan_key], day=until)
    goes_on = rx.cond(_PURSE.next_plan_key != "", follows, t("plan.paid_until", day=until))
    quiet = rx.el.p(
        rx.match(_PURSE.status, ("active", goes_on), ("canceled", t("plan.ends", day=until)), t("plan.none_means")), style=_QUIET
    )
    return rx.match(
        _PURSE.status,
        ("grace", notice(t("plan.grace", day=until), tone="warning")),
        ("suspended", notice(t("plan.suspended", day=until), tone="warning")),
        quiet,
    )


def _quota() -> rx.Component:
    def left(gauge: rx.Var) -> rx.Var[str]:
        return t("quota.left", left=number(gauge.left), limit=number(gauge.limit))

    def note(gauge: rx.Var, again: rx.Var[str]) -> rx.Var[str]:
        counted = t("quota.used", used=number(gauge.used), held=number(gauge.held))
        return counted + " · " + again

    today, month = _PURSE.day, _PURSE.month
    return rx.el.div(
        meter(
            today,
            label=t("quota.today"),
            value=left(today),
            note=note(today, t("quota.again_at", time=time_of_day(today.ends_at))),
        ),
        meter(month, label=t("quota.month"), value=left(month), note=note(month, t("quota.again_on", day=day(month.ends_at)))),
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fit, minmax(min({theme.space(60)}, 100%), 1fr))",
            "gap": theme.BETWEEN_BLOCKS,
        },
    )


def _advice() -> rx.Component:
    """Nobody can buy here yet, so nothing looks like a button that sells."""
    return rx.el.p(t("plans.how"), style={**theme.BODY, "color": theme.QUIET, "margin": "0", "max_width": theme.READING_WIDTH})


def _plans() -> rx.Component:
    def one(plan: rx.Var) -> rx.Component:
        is_present = (plan.key == _PURSE.plan_key) & (_PURSE.status != "")
        return plan_card(plan, is_present=is_present, is_next=plan.key == _PURSE.next_plan_key)

    return rx.el.div(
        rx.foreach(CreditsState.plans, one),
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fill, minmax(min({theme.space(50)}, 100%), 1fr))",
            "gap": theme.BETWEEN_BLOCKS,
        },
    )


def _spending() -> rx.Component:
    """A form of its own key, so that it shows what another tab has saved."""
    cap = rx.cond(_PURSE.has_cap, _PURSE.cap.to_string(), "")
    spent = t("spending.spent", count=number(_PURSE.spent))
    form = rx.el.form(
        number_field(
            t("spending.cap"),
            control_id="cap",
            default_value=cap,
            help_text=t("spending.cap_help"),
            error=CreditsState.field_errors["cap"],
            aside=rx.el.span(spent, style={**theme.SMALL, **theme.TABULAR, "color": theme.QUIET}),
            min=0,
            step=1,
        ),
        check_field(
            t("spending.beyond"),
            control_id="uses_credits",
            default_checked=_PURSE.uses_credits,
            help_text=t("spending.beyond_help"),
            is_beside_a_field=True,
        ),
        rx.el.div(secondary_button(t("spending.save"), type="submit", id="save-spending"), style={"grid_column": "1 / -1"}),
        on_submit=CreditsState.set_spending,
        key=rx.Var.create("spending-") + cap.to(str) + _PURSE.uses_credits.to_string(),
        style={
            "display": "grid",
            "grid_template_columns": f"repeat(auto-fit, minmax(min({theme.space(70)}, 100%), 1fr))",
            "column_gap": theme.space(8),
            "row_gap": theme.BETWEEN_BLOCKS,
        },
    )
    return card(form)


def _questions() -> rx.Component:
    until = day(_PURSE.until)
    is_paid = _PURSE.status == "active"
    end = confirm_dialog(
        is_open=CreditsState.question == "cancel",
        title=t("plan.cancel_title", plan=_PURSE.plan_title),
        body=rx.cond(is_paid, t("plan.cancel_body", day=until), t("plan.cancel_now_body")),
        confirm_label=t("plan.cancel"),
        on_confirm=CreditsState.cancel,
        on_cancel=CreditsState.keep,
    )
    go_on = confirm_dialog(
        is_open=CreditsState.question == "resume_plan",
        title=t("plan.resume_title", plan=_PURSE.plan_title),
        body=t("plan.resume_body", day=until),
        confirm_label=t("plan.resume"),
        on_confirm=CreditsState.resume_plan,
        on_cancel=CreditsState.keep,
        is_dangerous=False,
    )
    return rx.fragment(end, go_on)
