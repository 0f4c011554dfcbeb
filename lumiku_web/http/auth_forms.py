"""Sign-up, sign-in and sign-out: plain form posts. A full navigation follows, so that the next socket carries the new cookie."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lumiku_web.bootstrap import CORES, services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.accounts.policy import checked_account
from lumiku_web.errors import LumikuError
from lumiku_web.http.session_cookie import clear_secret, secret_in, set_secret
from lumiku_web.logs import get_logger

log = get_logger(__name__)

HOME: Final = "/home"
#: Bytes of a form, at most; the longest honest one is a tenth of it.
_FORM_LIMIT: Final = 16_384
#: Hashing takes a core for 40 ms and 19 MiB: only so many at once.
_hashing = asyncio.Semaphore(CORES)


async def sign_in(request: Request) -> Response:
    """`email`, `password`, `next`. A wrong password and an unknown address look the same and take the same time."""
    form, refusal = await _form(request, "/sign-in")
    if refusal:
        return refusal
    made = services()
    try:
        known = await call(accounts.credentials, form.get("email"))
        async with _hashing:
            fits = await asyncio.to_thread(made.passwords.verify, str(form.get("password", "")), known.password_hash)
        if not fits or known.user_id is None:
            log.info("accounts.sign_in_refused")
            return _back("/sign-in", "invalid_credentials", form)
        secret = await call(made.accounts.open_session, known.user_id, user_agent=request.headers.get("user-agent", ""))
    except LumikuError as refused:
        return _back("/sign-in", _code(refused), form)
    return _welcome(form, secret)


async def sign_up(request: Request) -> Response:
    """`name`, `email`, `password`, `next`. The very first account is the admin's."""
    form, refusal = await _form(request, "/sign-up")
    if refusal:
        return refusal
    made = services()
    try:
        account = await asyncio.to_thread(
            checked_account, email=form.get("email"), name=form.get("name"), password=form.get("password")
        )
        async with _hashing:
            password_hash = await asyncio.to_thread(made.passwords.hash, account.password)
        language = request.headers.get("accept-language", "")[:2].lower()
        user_id = await call(made.accounts.sign_up, account, password_hash, language=language)
        secret = await call(made.accounts.open_session, user_id, user_agent=request.headers.get("user-agent", ""))
    except LumikuError as refused:
        return _back("/sign-up", _code(refused), form)
    return _welcome(form, secret)


async def sign_out(request: Request) -> Response:
    """End this browser's session; its other tabs are told."""
    _, refusal = await _form(request, "/")
    if refusal:
        return refusal
    made = services()
    response = RedirectResponse("/", status_code=303)
    try:
        await call(made.accounts.sign_out, secret_in(request.headers.get("cookie", ""), made.settings))
    except LumikuError as refused:
        return RedirectResponse(f"/home?{urlencode({'error': _code(refused)})}", status_code=303)
    clear_secret(response, made.settings)
    return response


async def _form(request: Request, page: str) -> tuple[Mapping[str, object], Response | None]:
    """The form, or the way back for one that another site has sent or that is too large."""
    if not _same_origin(request):
        log.warning("auth.foreign_form", origin=request.headers.get("origin", "")[:200])
        return {}, _back(page, "csrf", {})
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _FORM_LIMIT:
        return {}, _back(page, "form_too_large", {})
    form: FormData = await request.form(max_files=0, max_fields=10)
    typed = {key: value for key, value in form.items() if isinstance(value, str)}
    return {**typed, "next": typed.get("next") or _next_of_page(request)}, None


def _next_of_page(request: Request) -> str:
    """Where the page with the form was to lead: somebody may send it before the page has filled its hidden field."""
    page = urlsplit(request.headers.get("referer", ""))
    return parse_qs(page.query).get("next", [""])[0] if page.netloc == request.headers.get("host", "") else ""


def _same_origin(request: Request) -> bool:
    """A browser sends Origin with every form post; it must name the very address that the form was sent to."""
    origin = request.headers.get("origin", "")
    if not origin:
        return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return origin == services().settings.public_origin or urlsplit(origin).netloc == request.headers.get("host", "")


def _welcome(form: Mapping[str, object], secret: str) -> Response:
    response = RedirectResponse(_local(form.get("next")), status_code=303, headers={"cache-control": "no-store"})
    set_secret(response, secret, services().settings)
    return response


def _local(address: object) -> str:
    """Only a path of our own: anything else would send a person to a stranger's page."""
    path = str(address or "")
    safe = path.startswith("/") and not path.startswith(("//", "/\\", "/auth/")) and "\\" not in path and path.isprintable()
    return path if safe else HOME


def _back(page: str, code: str, form: Mapping[str, object]) -> Response:
    """To the form again: what went wrong as a code, what was typed as it was, but never the password."""
    typed = {key: str(form[key])[:300] for key in ("email", "name", "next") if form.get(key)}
    return RedirectResponse(
        f"{page}?{urlencode({'error': code, **typed})}", status_code=303, headers={"cache-control": "no-store"}
    )


def _code(refused: LumikuError) -> str:
    return "unavailable" if refused.key == "database_unreachable" else refused.key


ROUTES = [
    Route("/auth/sign-in", sign_in, methods=["POST"]),
    Route("/auth/sign-up", sign_up, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
]
