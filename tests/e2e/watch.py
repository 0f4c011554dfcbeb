"""What a page does without being seen: requests, frames of its sockets, complaints in the console."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebSocket

#: Engine.IO: 2 asks "are you there?", 3 says yes. Nobody decides to send them.
_HEARTBEATS: Final = ("2", "3")
#: Reported by the page's own script for each violation of the content security policy.
_REPORT: Final = """
document.addEventListener("securitypolicyviolation", e => console.error(`csp: ${e.violatedDirective} ${e.blockedURI}`));
"""


@dataclass
class Watch:
    """Everything since the page was opened."""

    #: Paths of requests, in their order.
    requests: list[str] = field(default_factory=list[str])
    #: Frames that the page sent on its sockets, heartbeats left out.
    sent: list[str] = field(default_factory=list[str])
    received: list[str] = field(default_factory=list[str])
    #: Of these, the ones that load a page anew.
    documents: list[str] = field(default_factory=list[str])
    #: Errors and warnings of the console, uncaught exceptions, requests that failed or were refused.
    complaints: list[str] = field(default_factory=list[str])

    def mark(self) -> "Mark":
        """From here on."""
        return Mark(self, len(self.requests), len(self.sent), len(self.received))


@dataclass(frozen=True)
class Mark:
    """What a page did since a moment."""

    watch: Watch
    requests_before: int
    sent_before: int
    received_before: int

    @property
    def requests(self) -> list[str]:
        return self.watch.requests[self.requests_before :]

    @property
    def sent(self) -> list[str]:
        return self.watch.sent[self.sent_before :]

    @property
    def received(self) -> list[str]:
        return self.watch.received[self.received_before :]


def report_violations(context: BrowserContext) -> None:
    """Let every page of `context` tell its console what the content security policy has stopped."""
    context.add_init_script(_REPORT)


def watch(page: Page) -> Watch:
    """Listen from now on: before the page is opened."""
    seen = Watch()
    page.on("request", lambda request: _note(request, seen))
    page.on("websocket", lambda socket: _listen(socket, seen))
    page.on("console", lambda message: _hear(message, seen))
    page.on("pageerror", lambda error: seen.complaints.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda request: _fail(request, seen))
    page.on("response", lambda response: _look(response, seen))
    return seen


def _note(request: Request, seen: Watch) -> None:
    path = urlsplit(request.url).path
    seen.requests.append(path)
    if request.is_navigation_request():
        seen.documents.append(path)


def _listen(socket: WebSocket, seen: Watch) -> None:
    socket.on("framesent", _kept_in(seen.sent))
    socket.on("framereceived", _kept_in(seen.received))


def _kept_in(frames: list[str]) -> Callable[[str | bytes], None]:
    def keep(frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        if text not in _HEARTBEATS:
            frames.append(text)

    return keep


def _hear(message: ConsoleMessage, seen: Watch) -> None:
    if message.type in {"error", "warning"}:
        seen.complaints.append(f"{message.type}: {message.text}")


def _fail(request: Request, seen: Watch) -> None:
    if request.failure != "net::ERR_ABORTED":  # the page was left before the answer came
        seen.complaints.append(f"failed: {_named(request)} {request.failure}")


def _look(response: Response, seen: Watch) -> None:
    if response.status >= 400:
        seen.complaints.append(f"{response.status}: {_named(response.request)}")


def _named(request: Request) -> str:
    return f"{request.method} {urlsplit(request.url).path}"
