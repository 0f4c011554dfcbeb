"""The first of two layers that refuse by default: nothing reaches a page, a file, an upload or a socket without its rule."""

from collections import Counter
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.errors import SignInRequired, Unavailable
from lumiku_web.http.rules import Rule, rule_of
from lumiku_web.http.session_cookie import secret_in
from lumiku_web.http.sorry import sorry
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: The page for addresses that lead nowhere.
_NOTHING: Final = "/404"


async def actor_of(headers: Headers) -> Actor | None:
    """The person whose cookie this is, or None. Raises: Unavailable."""
    made = services()
    secret = secret_in(headers.get("cookie", ""), made.settings)
    if not secret:
        return None
    try:
        return await call(made.accounts.actor, secret)
    except SignInRequired:
        return None


class Edge:
    """ASGI middleware. Puts the `Actor` of a signed-in caller into `scope["state"]["actor"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._anonymous: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = rule_of(scope["path"])
        if rule is Rule.public:
            await self.app(scope, receive, send)
            return
        if rule is None:
            await self._nothing_here(scope, receive, send)
            return
        refusal = await self._refusal(rule, scope)
        await (refusal or self.app)(scope, receive, send)

    async def _nothing_here(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An address without a rule reaches no route, whoever asks: only the page that says that there is nothing."""
        if scope["method"] not in {"GET", "HEAD"}:
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            return

        async def send_not_found(message: Message) -> None:
            found = message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK
            await send({**message, "status": HTTPStatus.NOT_FOUND} if found else message)

        await self.app({**scope, "path": _NOTHING, "raw_path": _NOTHING.encode()}, receive, send_not_found)

    async def _refusal(self, rule: Rule, scope: Scope) -> Response | None:
        """Why the request goes no further, or None."""
        if rule in {Rule.nobody, Rule.socket}:  # sockets are upgraded, never fetched
            return PlainTextResponse("Not found", status_code=404)
        headers = Headers(scope=scope)
        try:
            actor = await actor_of(headers)
        except Unavailable:
            return sorry(headers)
        if actor is None:
            if rule is Rule.member_api:
                return PlainTextResponse("Sign in first", status_code=401, headers={"cache-control": "no-store"})
            address = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            return RedirectResponse(f"/sign-in?next={quote(address)}", status_code=303, headers={"cache-control": "no-store"})
        scope.setdefault("state", {})["actor"] = actor
        return None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if rule_of(scope["path"]) is not Rule.socket:
            await _close(receive, send)
            return
        try:
            known = await actor_of(Headers(scope=scope)) is not None
        except Unavailable:
            known = True  # nobody can be recognised now; the guard refuses every event by itself
        if known:
            await self.app(scope, receive, send)
            return
        address = _address(scope)
        if self._anonymous[address] >= services().settings.anonymous_sockets_per_address:
            log.warning("edge.anonymous_sockets_capped", address=address)
            await _close(receive, send)
            return
        self._anonymous[address] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._anonymous[address] -= 1
            if not self._anonymous[address]:
                del self._anonymous[address]


def _address(scope: Scope) -> str:
    """Where the visitor is: as the operator's own proxies say it, if there are any, else the other end of the connection."""
    hops = services().settings.trusted_proxy_hops
    passed = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    if 0 < hops <= len(passed):
        return passed[-hops].strip()
    return scope["client"][0] if scope.get("client") else ""


async def _close(receive: Receive, send: Send) -> None:
    await receive()
    refusal: Message = {"type": "websocket.close", "code": 4401}
    await send(refusal)
