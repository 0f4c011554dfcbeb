"""Uploads are counted before anything parses them (U2), and taken from the tab's owner alone (T8)."""

from typing import Any
from uuid import UUID

import pytest
from starlette.types import Message, Receive, Scope, Send

from lumiku_web.domain.accounts.schemas import Actor, Role
from lumiku_web.http import upload_gate
from lumiku_web.http.upload_gate import UploadGate
from lumiku_web.settings import Settings

LIMIT = 50_000
ENVELOPE = upload_gate._ENVELOPE
HANDLER = "state.receive"
ADA, EVE = UUID(int=1), UUID(int=2)
PHONE, LAPTOP = UUID(int=3), UUID(int=4)
#: Who has which tab open, with which session.
TABS = {"adas-phone": (ADA, PHONE), "adas-laptop": (ADA, LAPTOP), "eves": (EVE, UUID(int=5))}
ON_HER_PHONE = Actor(ADA, PHONE, Role.member, "Ada", "ada@example.test", "en")


class House:
    settings = Settings.model_construct(upload_limit_bytes=LIMIT)


class Inner:
    """What stands behind the gate: reads everything, remembers the bytes and how it ended."""

    def __init__(self) -> None:
        self.received = 0
        self.ended = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while not self.ended:
            message = await receive()
            self.received += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                self.ended = message["type"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_gate, "services", House)


async def knock(
    inner: Inner,
    *,
    method: str = "POST",
    path: str = "/_upload",
    chunks: tuple[int, ...] = (10,),
    length: Any = None,
    actor: Actor | None = ON_HER_PHONE,
    tab: str = "adas-phone",
    handler: str = HANDLER,
) -> int:
    announced = sum(chunks) if length is None else length
    said = {"content-length": announced, "reflex-client-token": tab, "reflex-event-handler": handler}
    headers = [(name.encode(), str(value).encode("latin-1")) for name, value in said.items() if value != ""]
    waiting = [{"type": "http.request", "body": b"x" * n, "more_body": i + 1 < len(chunks)} for i, n in enumerate(chunks)]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    state = {"actor": actor} if actor else {}
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "http_version": "1.1", "state": state}
    await UploadGate(inner, TABS.get, {HANDLER})(scope, receive, send)
    return int(sent[0]["status"])


async def test_u2_an_honest_upload_passes_whole() -> None:
    inner = Inner()
    assert await knock(inner, chunks=(LIMIT // 2, LIMIT // 2)) == 200
    assert (inner.received, inner.ended) == (LIMIT, "http.request")


async def test_u2_what_announces_too_much_is_refused_unread() -> None:
    inner = Inner()
    assert await knock(inner, length=LIMIT + ENVELOPE + 1) == 413
    assert (inner.received, inner.ended) == (0, "")


@pytest.mark.parametrize("length", ["", "-1", "1e9", "many", "²"])
async def test_u2_what_announces_no_length_is_refused_unread(length: str) -> None:
    inner = Inner()
    assert await knock(inner, length=length) == 413
    assert inner.received == 0


async def test_u2_what_sends_more_than_it_announced_is_cut_off() -> None:
    inner = Inner()
    await knock(inner, chunks=(LIMIT, LIMIT, LIMIT), length=10)
    assert inner.ended == "http.disconnect"
    assert inner.received <= LIMIT + ENVELOPE


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/_upload", "/_upload/"])
async def test_u5_nothing_is_served_from_the_upload_address(method: str, path: str) -> None:
    inner = Inner()
    assert await knock(inner, method=method, path=path) == 404
    assert inner.ended == ""


@pytest.mark.parametrize("tab", ["eves", "adas-laptop", "of-nobody", ""])
async def test_t8_a_tab_that_is_not_this_persons_in_this_session_takes_no_file(tab: str) -> None:
    inner = Inner()
    assert await knock(inner, tab=tab) == 403
    assert (inner.received, inner.ended) == (0, "")


async def test_t8_without_a_person_no_tab_takes_a_file() -> None:
    inner = Inner()
    assert await knock(inner, actor=None) == 403
    assert await knock(inner, actor=None, tab="") == 403
    assert inner.ended == ""


@pytest.mark.parametrize("handler", ["", "state.rename", "state.receive ", "STATE.RECEIVE"])
async def test_t8_a_handler_that_takes_no_files_gets_none(handler: str) -> None:
    inner = Inner()
    assert await knock(inner, handler=handler) == 403
    assert (inner.received, inner.ended) == (0, "")


async def test_other_addresses_are_none_of_its_business() -> None:
    inner = Inner()
    assert await knock(inner, path="/auth/sign-in", chunks=(LIMIT, LIMIT), length="", actor=None, tab="", handler="") == 200
    assert inner.received == 2 * LIMIT
