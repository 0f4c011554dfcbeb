"""What a sign-in or sign-up can come back with, each beside the field that it concerns."""

from typing import Final

import reflex as rx

from lumiku_web.domain.accounts.policy import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN
from lumiku_web.ui.i18n import t
from lumiku_web.ui.pages.account.state import AccountPageState

#: Field → code → key of the catalogue. The empty field is the form as a whole.
PROBLEMS: Final[dict[str, dict[str, str]]] = {
    "": {
        "invalid_credentials": "account.invalid_credentials",
        "deactivated": "account.deactivated",
        "sign_up_closed": "account.sign_up_closed",
        "too_many": "account.too_many",
        "session_expired": "account.session_expired",
        "csrf": "account.csrf",
        "form_too_large": "account.form_too_large",
    },
    "name": {"name_required": "account.name_required", "name_too_long": "account.name_too_long"},
    "email": {"email_invalid": "account.email_invalid", "email_taken": "account.email_taken"},
    "password": {
        "password_too_short": "account.password_too_short",
        "password_too_long": "account.password_too_long",
        "password_guessable": "account.password_guessable",
    },
}
_BOUNDS: Final = {
    "account.password_too_short": {"minimum": PASSWORD_MIN},
    "account.password_too_long": {"maximum": PASSWORD_MAX},
    "account.name_too_long": {"maximum": NAME_MAX},
}


def problem_of(field: str) -> rx.Var[str]:
    """Return the sentence for a field, or an empty text."""
    return rx.match(AccountPageState.problem, *_cases(field), "")


def form_problem() -> rx.Var[str]:
    """Return the sentence for the form as a whole; a code that nobody knows counts as "unavailable"."""
    of_fields = [(code, "") for field, codes in PROBLEMS.items() if field for code in codes]
    return rx.match(AccountPageState.problem, ("", ""), *of_fields, *_cases(""), t("account.unavailable"))


def _cases(field: str) -> list[tuple[str, rx.Var[str]]]:
    return [(code, t(key, **_BOUNDS.get(key, {}))) for code, key in PROBLEMS[field].items()]
