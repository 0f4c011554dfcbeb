"""Headers of every answer: what the browser may load, and the correlation id."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumiku_web.logs import correlated

_INLINE: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def content_security_policy(built_pages: Path) -> str:
    """Scripts only from here, plus the inline ones of the built pages by their hash; no eval."""
    found = {
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for page in built_pages.rglob("*.html")
        for script in _INLINE.findall(page.read_text(encoding="utf-8"))
    }
    hashes = " ".join(f"'sha256-{digest}'" for digest in sorted(found))
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; "
        "object-src 'none'"
    )


class SecurityHeaders:
    """ASGI middleware: security headers where the answer has none of its own, one correlation id a request."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with correlated() as correlation_id:

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._complete(MutableHeaders(scope=message), scope["path"], correlation_id)
                await send(message)

            await self.app(scope, receive, send_with_headers)

    def _complete(self, headers: MutableHeaders, path: str, correlation_id: str) -> None:
        headers.setdefault("content-security-policy", self.policy)
        headers.setdefault("x-content-type-options", "nosniff")
        headers.setdefault("referrer-policy", "same-origin")
        headers.setdefault("cross-origin-opener-policy", "same-origin")
        headers["x-request-id"] = correlation_id
        if path.startswith(("/assets/", "/fonts/")):
            headers.setdefault("cache-control", "public, max-age=31536000, immutable")
        elif headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("cache-control", "no-cache")
