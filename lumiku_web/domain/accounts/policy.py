"""What a name, an address and a password must be."""

import re
from typing import Final

from lumiku_web.domain.accounts.schemas import NewAccount
from lumiku_web.errors import InvalidInput
from lumiku_web.typed_text import one_line

#: NIST SP 800-63B: at least 8 characters, no rules of composition; the upper bound only keeps hashing cheap.
PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 200
#: RFC 5321: 254 octets is the longest path that mail can carry.
EMAIL_MAX: Final = 254
NAME_MAX: Final = 100
#: Of zxcvbn's 0 to 4: 2 withstands about a million guesses.
_SCORE_MIN: Final = 2
_ADDRESS: Final = re.compile(r"[^@\s\"'<>()\[\],;:\\]+@[^@\s.]+(\.[^@\s.]+)+")


def checked_email(text: object) -> str:
    """An address that mail could reach, in lower case. Raises: InvalidInput(`email_invalid`)."""
    try:
        email = one_line(text, field="email", limit=EMAIL_MAX).lower()
    except InvalidInput:
        raise InvalidInput("email_invalid", field="email") from None
    if not _ADDRESS.fullmatch(email):
        raise InvalidInput("email_invalid", field="email")
    return email


def checked_account(*, email: object, name: object, password: object) -> NewAccount:
    """A sign-up form that may become an account.

    Raises: InvalidInput(`email_invalid` | `name_required` | `name_too_long`), and what `checked_password` raises.
    """
    address = checked_email(email)
    try:
        called = one_line(name, field="name", limit=NAME_MAX)
    except InvalidInput as wrong:
        raise InvalidInput("name_required" if wrong.key == "required" else "name_too_long", field="name", **wrong.facts) from None
    return NewAccount(address, called, checked_password(password, hints=[address, called]))


def checked_password(text: object, *, hints: list[str]) -> str:
    """A password of fair length that is not easily guessed; `hints` are words that somebody would try first.

    Raises: InvalidInput(`password_too_short` | `password_too_long` | `password_guessable`).
    """
    password = text if isinstance(text, str) else ""
    if len(password) < PASSWORD_MIN:
        raise InvalidInput("password_too_short", field="password", minimum=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise InvalidInput("password_too_long", field="password", maximum=PASSWORD_MAX)
    if _guessable(password, hints):
        raise InvalidInput("password_guessable", field="password")
    return password


def _guessable(password: str, hints: list[str]) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415  (0.2 s and 10 MB that only sign-up needs)

    words = [part for hint in hints for part in re.split(r"[@.\s]+", hint) if part]
    # The library refuses more than 72 characters, and 72 are enough to judge.
    return int(zxcvbn(password[:72], user_inputs=words)["score"]) < _SCORE_MIN
