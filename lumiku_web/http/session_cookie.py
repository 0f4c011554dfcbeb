"""The cookie that carries a session's secret. JavaScript never sees it."""

from typing import Final

from starlette.requests import cookie_parser
from starlette.responses import Response

from lumiku_web.settings import Settings

_NAME: Final = "lumiku_session"
#: RFC 6265bis: a browser accepts this prefix only with Secure, Path=/ and no Domain.
_SECURE_NAME: Final = f"__Host-{_NAME}"


def cookie_name(settings: Settings) -> str:
    """By https the name itself forbids that a subdomain sets it."""
    return _SECURE_NAME if settings.origin.startswith("https://") else _NAME


def secret_in(cookie_header: str, settings: Settings) -> str:
    """The secret in a Cookie header, or an empty text.

    Read as browsers write it: Python's own `SimpleCookie` gives up at the first odd name, and another product on the same host
    may have set one.
    """
    return cookie_parser(cookie_header).get(cookie_name(settings), "")


def set_secret(response: Response, secret: str, settings: Settings) -> None:
    """Hand the secret to the browser, for as long as a session can last."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=settings.session_absolute_seconds,
        path="/",
        secure=settings.origin.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def clear_secret(response: Response, settings: Settings) -> None:
    """Take it back."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.origin.startswith("https://"), httponly=True, samesite="lax"
    )
