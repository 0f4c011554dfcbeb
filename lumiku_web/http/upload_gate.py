"""In front of the framework's upload route: only posts, only of signed-in people (see `rules`), only so many bytes."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumiku_web.bootstrap import services
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: What a multipart body adds to its file, in bytes, generously.
_ENVELOPE = 20_000


class UploadGate:
    """ASGI middleware for `/_upload`. Counts bytes before anything parses them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != "/_upload":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in {"POST", "OPTIONS"}:
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
            return
        limit = services().settings.upload_limit_bytes + _ENVELOPE
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal() or int(length) > limit:
            log.info("uploads.refused_by_size", length=length[:20])
            await PlainTextResponse("Too large", status_code=413)(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)


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
