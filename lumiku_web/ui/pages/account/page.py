"""Sign in, sign up: plain forms that the browser posts itself, because only its own answer can set the session's cookie."""

from collections.abc import Sequence

import reflex as rx

from lumiku_web.domain.accounts.policy import EMAIL_MAX, NAME_MAX, PASSWORD_MIN
from lumiku_web.ui import kit, theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.props import Text
from lumiku_web.ui.pages.account.problems import form_problem, problem_of
from lumiku_web.ui.pages.account.state import AccountPageState
from lumiku_web.ui.shell import public_frame


def sign_in() -> rx.Component:
    """`/sign-in`, `on_load=AccountPageState.load`."""
    return _frame(
        t("account.sign_in_title"),
        "",
        action="/auth/sign-in",
        fields=[_email(), _password("current-password", help_text="")],
        button=t("account.sign_in"),
        other=rx.fragment(t("account.no_account"), " ", kit.text_link(t("account.sign_up"), href="/sign-up")),
    )


def sign_up() -> rx.Component:
    """`/sign-up`, `on_load=AccountPageState.load`. The very first account is the admin's, and the page says so."""
    is_first = AccountPageState.is_first_visit
    return _frame(
        rx.cond(is_first, t("account.first_title"), t("account.sign_up_title")),
        rx.cond(is_first, t("account.first_sub"), ""),
        action="/auth/sign-up",
        fields=[_name(), _email(), _password("new-password", help_text=t("account.password_help", minimum=PASSWORD_MIN))],
        button=rx.cond(is_first, t("account.create_first"), t("account.sign_up")),
        other=rx.cond(
            is_first,
            rx.fragment(),
            rx.fragment(t("account.have_account"), " ", kit.text_link(t("account.sign_in"), href="/sign-in")),
        ),
    )


def _frame(
    title: Text, sub: Text, *, action: str, fields: Sequence[rx.Component], button: Text, other: rx.Component
) -> rx.Component:
    problem = form_problem()
    form = kit.native_form(
        rx.el.input(type="hidden", name="next", value=AccountPageState.next_path, read_only=True),
        *fields,
        kit.primary_button(button, type="submit", is_wide=True),
        action=action,
        style={"display": "flex", "flex_direction": "column", "gap": theme.BETWEEN_BLOCKS},
    )
    head = rx.el.div(
        rx.el.h1(title, style={**theme.TITLE, "margin": "0"}),
        rx.cond(
            sub != "", rx.el.p(sub, style={**theme.BODY, "color": theme.QUIET, "margin": f"{theme.space(1)} 0 0"}), rx.fragment()
        )
        if isinstance(sub, rx.Var)
        else rx.fragment(),
    )
    return public_frame(
        rx.el.div(
            kit.card(
                head,
                rx.cond(problem != "", kit.notice(problem, tone="danger"), rx.fragment()),
                form,
                style={"gap": theme.BETWEEN_BLOCKS, "padding": theme.space(6), theme.PHONE: {"padding": theme.space(4)}},
            ),
            rx.el.p(other, style={**theme.BODY, "color": theme.QUIET, "text_align": "center", "margin": f"{theme.space(4)} 0 0"}),
            style={"width": "100%", "max_width": theme.ACCOUNT_WIDTH},
        )
    )


def _name() -> rx.Component:
    return kit.text_field(
        t("account.name"),
        control_id="name",
        name="name",
        default_value=AccountPageState.typed_name,
        error=problem_of("name"),
        auto_complete="name",
        required=True,
        max_length=NAME_MAX,
    )


def _email() -> rx.Component:
    return kit.text_field(
        t("account.email"),
        control_id="email",
        name="email",
        type="email",
        default_value=AccountPageState.typed_email,
        error=problem_of("email"),
        auto_complete="email",
        required=True,
        max_length=EMAIL_MAX,
    )


def _password(auto_complete: str, *, help_text: Text) -> rx.Component:
    return kit.text_field(
        t("account.password"),
        control_id="password",
        name="password",
        type="password",
        help_text=help_text,
        error=problem_of("password"),
        auto_complete=auto_complete,
        required=True,
    )
