"""In front of the framework's upload route: only posts, only by the tab's owner to a handler of files, only so many bytes.

That somebody is signed in at all has been seen to before: see `rules`.
"""

from collections.abc import Callable, Collection
from typing import Final
from uuid import UUID

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumiku_web.bootstrap import services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: What a multipart body adds to its file, in bytes, generously.
_ENVELOPE: Final = 20_000

#: Person and session of a tab, by its token; None: nobody's.
OwnerOf = Callable[[str], tuple[UUID, UUID] | None]


class UploadGate:
    """ASGI middleware for `/_upload`. Counts bytes before anything parses them. `handlers` are the names that take files."""

    def __init__(self, app: ASGIApp, owner_of: OwnerOf, handlers: Collection[str]) -> None:
        self.app = app
        self._owner_of = owner_of
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != "/_upload":
            await self.app(scope, receive, send)
            return
        limit = services().settings.upload_limit_bytes + _ENVELOPE
        refusal = self._refusal(scope, limit)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)

    def _refusal(self, scope: Scope, limit: int) -> PlainTextResponse | None:
        """Why nothing of the body is read, or None."""
        if scope["method"] != "POST":
            return PlainTextResponse("Not found", status_code=404)
        headers = Headers(scope=scope)
        actor: Actor | None = scope.get("state", {}).get("actor")
        handler = headers.get("reflex-event-handler", "")
        if actor is None or self._owner_of(headers.get("reflex-client-token", "")) != (actor.user_id, actor.session_id):
            log.warning("uploads.refused_by_tab", user_id=str(actor.user_id) if actor else "")
            return PlainTextResponse("This page is not yours", status_code=403)
        if handler not in self._handlers:
            log.warning("uploads.refused_by_handler", handler=handler[:200])
            return PlainTextResponse("Takes no files", status_code=403)
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > limit:
            log.info("uploads.refused_by_size", length=length[:20])
            return PlainTextResponse("Too large", status_code=413)
        return None


def _counted(receive: Receive, limit: int) -> Receive:
    """`receive` that hangs up after `limit` bytes: Content-Length is only a promise."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                return {"type": "http.disconnect"}
        return message

    return counting
