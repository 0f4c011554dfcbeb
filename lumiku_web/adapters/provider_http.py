"""What adapters of HTTP services share: connections, answers within bounds, what goes wrong on the way, what a status means.

Nothing here retries, follows a redirect, keeps a cookie or asks the environment for a proxy.
"""

import asyncio
import math
import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import anyio
import httpx
from pydantic import JsonValue, SecretStr, TypeAdapter, ValidationError

from lumiku_web.clock import utc_now
from lumiku_web.errors import External, Permanent, Transient

OK: Final = 200
IMAGES: Final = ("image/",)

_CONNECT_SECONDS = 10.0
_SERVER_ERROR = 500
_MESSAGE_BYTES = 16_384
_DETAIL_CHARACTERS = 300
#: A provider that asks for more patience than this is asked again anyway: the item's own deadline decides.
_LONGEST_PAUSE_SECONDS = 3600.0
_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)

_TRANSIENT: Final[Mapping[int, str]] = {408: "provider_timeout", 429: "provider_busy"}
_PERMANENT: Final[Mapping[int, str]] = {
    401: "provider_misconfigured",
    402: "provider_out_of_credit",
    403: "provider_misconfigured",
    404: "model_unknown",
    410: "model_unknown",
}


@dataclass(frozen=True)
class Answer:
    """A whole answer, read within its bound."""

    status: int
    headers: httpx.Headers
    body: bytes

    def told(self) -> dict[str, JsonValue]:
        """Read the JSON object of the body; empty if it is none."""
        with suppress(ValidationError):
            told = _JSON.validate_json(self.body)
            return told if isinstance(told, dict) else {}
        return {}


class Secret:
    """A key or token. It is in no repr, and nothing but `for_header` hands it out."""

    def __init__(self, text: str) -> None:
        self._text = SecretStr(text.strip())

    def for_header(self) -> str:
        """Raises: Permanent(`provider_misconfigured`) if there is none, or it would not stay within its header."""
        text = self._text.get_secret_value()
        if not _fits_a_header(text):
            raise Permanent("provider_misconfigured", detail="there is no key, or it has spaces or odd characters in it")
        return text

    def cut_out(self, message: str) -> str:
        """Return the message without the secret, which some providers repeat."""
        text = self._text.get_secret_value()
        return message.replace(text, "***") if text else message


class Connections:
    """At most `most` of them, of which `kept` wait for the next call. They belong to the event loop that calls.

    `tls` says whom to believe that they are who they say; by default the authorities that httpx knows.
    """

    def __init__(self, most: int, *, kept: int | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._limits = httpx.Limits(max_connections=most, max_keepalive_connections=most if kept is None else kept)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._loop = loop
            no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
            self._client = httpx.AsyncClient(
                verify=self._tls or _known_authorities(),
                follow_redirects=False,
                trust_env=False,
                cookies=no_cookies,
                limits=self._limits,
                headers={"accept-encoding": "identity"},
            )
        return self._client

    async def aclose(self) -> None:
        """A later call opens again."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()


@cache
def _known_authorities() -> ssl.SSLContext:
    """Reading them takes some 20 ms of processor time."""
    return httpx.create_ssl_context(trust_env=False)


def load_early() -> None:
    """Load now what the first request of a process would load on its event loop, while others wait. Blocking; for workers."""
    _known_authorities()
    asyncio.run(_backend())


async def _backend() -> None:
    """Have httpx and anyio import what they else import when it is asked for."""
    async with httpx.AsyncClient(verify=_known_authorities(), trust_env=False):
        anyio.Event()


def patience(seconds: float) -> httpx.Timeout:
    """No step takes longer than `seconds`; to connect takes ten at most."""
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


async def read(
    call: AbstractAsyncContextManager[httpx.Response], *, limit_bytes: int, media_types: Collection[str] = ()
) -> Answer:
    """Make the call and read its answer: a 200 up to `limit_bytes` and of one of these types, the message of another as it is.

    Raises: Transient(`provider_unreachable` | `provider_timeout` | `result_truncated`), Permanent(`result_too_large` |
    `result_unreadable`).
    """
    begun = False
    try:
        async with call as response:
            begun = True
            return await _whole(response, limit_bytes, media_types)
    except httpx.ConnectTimeout:
        raise Transient("provider_unreachable", detail="ConnectTimeout") from None
    except httpx.TimeoutException as late:
        raise Transient("provider_timeout", detail=type(late).__name__) from None
    except httpx.HTTPError as broken:
        # The words of these exceptions may quote a header, so only their kind is told.
        key = "result_truncated" if begun else "provider_unreachable"
        raise Transient(key, detail=type(broken).__name__) from None


async def _whole(response: httpx.Response, limit_bytes: int, media_types: Collection[str]) -> Answer:
    """Raw chunks, joined once: httpx's own `.content` would keep each body alive until a late garbage collection."""
    is_wanted = response.status_code == OK
    limit = limit_bytes if is_wanted else _MESSAGE_BYTES
    if is_wanted:
        _check_type(response.headers.get("content-type", ""), media_types)
        if _length(response) > limit:
            raise Permanent("result_too_large", detail=f"{_length(response)} bytes announced")
    parts, read_bytes = list[bytes](), 0
    async for part in response.aiter_raw():
        parts.append(part)
        read_bytes += len(part)
        if read_bytes > limit:
            break
    if is_wanted and read_bytes > limit:
        raise Permanent("result_too_large", detail=f"more than {limit} bytes")
    return Answer(response.status_code, response.headers, b"".join(parts))


def _check_type(media_type: str, wanted: Collection[str]) -> None:
    if wanted and not media_type.startswith(tuple(wanted)):
        raise Permanent("result_unreadable", detail=f"content type {media_type[:80]!r}")


def picture(answer: Answer) -> bytes:
    """Take the body, if it looks like a picture.

    What is no picture is Permanent: the provider has counted the call, and asking again would be paid again.
    """
    if not answer.body.startswith(_MAGICS):
        raise Permanent("result_unreadable", detail=f"{len(answer.body)} bytes that are no PNG, JPEG or WebP")
    return answer.body


def meaning(answer: Answer, secret: Secret, *, now: Callable[[], datetime] = utc_now) -> External:
    """What an answer other than 200 means, with the pause that it asks for and its own words for the log."""
    detail = f"{answer.status}: {secret.cut_out(_message(answer))[:_DETAIL_CHARACTERS]}"
    key = "provider_failed" if answer.status >= _SERVER_ERROR else _TRANSIENT.get(answer.status)
    if key is not None:
        return Transient(key, retry_after_seconds=_pause(answer, now), detail=detail)
    refused = "provider_redirected" if httpx.codes.is_redirect(answer.status) else "provider_refused"
    return Permanent(_PERMANENT.get(answer.status, refused), detail=detail)


def _message(answer: Answer) -> str:
    """The provider's words. Of a list of faults only what and where: it may repeat the prompt."""
    told = answer.told()
    words = told.get("detail") or told.get("error") or told.get("message")
    if isinstance(words, list):
        faults = [fault for fault in words if isinstance(fault, dict)]
        return "; ".join(f"{fault.get('loc')}: {fault.get('msg')}" for fault in faults) or str(words)
    return str(words or "") or answer.body.decode("utf-8", "replace")


def _pause(answer: Answer, now: Callable[[], datetime]) -> float | None:
    """`Retry-After` in seconds from now, as a number or a date; else the body's own `retry_after`."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return bounded_pause(float(text))
    with suppress(ValueError):
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return bounded_pause((aware - now()).total_seconds())
    return bounded_pause(answer.told().get("retry_after"))


def bounded_pause(value: object) -> float | None:
    """Bound a pause, in seconds; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return min(max(float(value), 0.0), _LONGEST_PAUSE_SECONDS)


def _length(response: httpx.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0


def traced(correlation_id: str) -> dict[str, str]:
    """Make the header that leads from the provider's log to ours."""
    return {"x-request-id": correlation_id} if _fits_a_header(correlation_id) else {}


def _fits_a_header(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
