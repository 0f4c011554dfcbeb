"""FLUX by the Hugging Face inference router: one POST, answered with the picture itself.

Never retries: attempts belong to the item. Never follows a redirect: the token would go along. The token leaves this module in
one header only; it is in no log, repr or exception, also when the provider repeats it in a message.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Never

import httpx
from pydantic import JsonValue, SecretStr, TypeAdapter, ValidationError

from lumiku_web.clock import utc_now
from lumiku_web.domain.providers.ports import Capabilities, ImageRequest, ImageResult, Json
from lumiku_web.errors import External, Permanent, Transient

#: FLUX works on blocks of 16 px. The bounds are those of the model cards and of the router.
MODELS: Final[Mapping[str, Capabilities]] = {
    "black-forest-labs/FLUX.1-dev": Capabilities(256, 1536, 16, steps=(1, 50), guidance=(1.0, 20.0)),
    "black-forest-labs/FLUX.1-schnell": Capabilities(256, 1536, 16, steps=(1, 16)),
}

_CONNECT_SECONDS = 10.0
_OK, _REQUEST_TIMEOUT, _TOO_MANY_REQUESTS, _SERVER_ERROR, _SERVICE_UNAVAILABLE = 200, 408, 429, 500, 503
_MESSAGE_BYTES = 16_384
_DETAIL_CHARACTERS = 300
#: A provider that asks for more patience than this is asked again anyway: the item's own deadline decides.
_LONGEST_PAUSE_SECONDS = 3600.0
_MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)

_TRANSIENT: Final[Mapping[int, str]] = {_REQUEST_TIMEOUT: "provider_timeout", _TOO_MANY_REQUESTS: "provider_busy"}
_PERMANENT: Final[Mapping[int, str]] = {
    401: "provider_misconfigured",
    402: "provider_out_of_credit",
    403: "provider_misconfigured",
    404: "model_unknown",
    410: "model_unknown",
}


@dataclass(frozen=True)
class _Answer:
    """A whole answer, read within its bound."""

    status: int
    headers: httpx.Headers
    body: bytes


class HuggingFaceImages:
    """The ImageProvider `huggingface`.

    `connections` bounds the calls in flight of one process; `body_limit_bytes` what one answer may weigh. The client is made
    at the first call, for the event loop that calls.
    """

    name = "huggingface"

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        connections: int = 100,
        body_limit_bytes: int = 40_000_000,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._token = SecretStr(token.strip())
        self._base_url = base_url.rstrip("/")
        self._connections = connections
        self._body_limit_bytes = body_limit_bytes
        self._now = now
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def capabilities(self, provider_model: str) -> Capabilities:
        try:
            return MODELS[provider_model]
        except KeyError:
            raise Permanent("model_unknown", model=provider_model) from None

    async def generate(self, request: ImageRequest) -> ImageResult:
        """Ask once. `ImageResult.sent` has the model, the prompt as `inputs`, and the parameters that were chosen."""
        self.capabilities(request.provider_model)
        parameters = _parameters(request)
        try:
            async with asyncio.timeout(request.deadline_seconds):
                answer = await self._ask(request, {"inputs": request.prompt, "parameters": parameters})
        except TimeoutError:
            raise Transient("provider_timeout", detail=f"no whole answer in {request.deadline_seconds:g} s") from None
        if answer.status != _OK:
            self._refuse(answer)
        sent: dict[str, Json] = {"model": request.provider_model, "inputs": request.prompt, **parameters}
        return ImageResult(_picture(answer), answer.headers.get("x-request-id", ""), sent)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _ask(self, request: ImageRequest, body: Mapping[str, object]) -> _Answer:
        """Send the request and read the answer within its bound. Raises: Transient, Permanent, TimeoutError."""
        url = f"{self._base_url}/models/{request.provider_model}"
        headers, deadline = self._headers(request), request.deadline_seconds
        patience = httpx.Timeout(deadline, connect=min(deadline, _CONNECT_SECONDS))
        begun = False
        try:
            async with self._http().stream("POST", url, json=body, headers=headers, timeout=patience) as response:
                begun = True
                return await self._read(response)
        except httpx.ConnectTimeout:
            raise Transient("provider_unreachable", detail="ConnectTimeout") from None
        except httpx.TimeoutException as late:
            raise Transient("provider_timeout", detail=type(late).__name__) from None
        except httpx.HTTPError as broken:
            # The words of these exceptions may quote a header, so only their kind is told.
            key = "result_truncated" if begun else "provider_unreachable"
            raise Transient(key, detail=type(broken).__name__) from None

    async def _read(self, response: httpx.Response) -> _Answer:
        """Raw chunks into one buffer: httpx's own `.content` would keep each body alive until a late garbage collection."""
        is_picture = response.status_code == _OK
        limit = self._body_limit_bytes if is_picture else _MESSAGE_BYTES
        body = bytearray()
        if is_picture and _length(response) > limit:
            raise Permanent("result_too_large", detail=f"{_length(response)} bytes announced")
        async for part in response.aiter_raw():
            body += part
            if len(body) > limit:
                break
        if is_picture and len(body) > limit:
            raise Permanent("result_too_large", detail=f"more than {limit} bytes")
        return _Answer(response.status_code, response.headers, bytes(body))

    def _http(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._loop = loop
            self._client = httpx.AsyncClient(
                follow_redirects=False,
                trust_env=False,
                limits=httpx.Limits(max_connections=self._connections, max_keepalive_connections=self._connections),
            )
        return self._client

    def _headers(self, request: ImageRequest) -> dict[str, str]:
        token = self._token.get_secret_value()
        if not _fits_a_header(token):
            raise Permanent("provider_misconfigured", detail="there is no token, or it has spaces or odd characters in it")
        headers = {"authorization": f"Bearer {token}", "accept": "image/png", "accept-encoding": "identity"}
        if _fits_a_header(request.correlation_id):
            headers["x-request-id"] = request.correlation_id
        return headers

    def _refuse(self, answer: _Answer) -> Never:
        """Say what an answer other than 200 means. Raises: always."""
        told = _told(answer.body)
        message = str(told.get("error", "")) or answer.body.decode("utf-8", "replace")
        detail = f"{answer.status}: {self._without_token(message)[:_DETAIL_CHARACTERS]}"
        raise _meaning(answer.status, self._pause(answer), bounded_pause(told.get("estimated_time")), detail)

    def _pause(self, answer: _Answer) -> float | None:
        """`Retry-After` in seconds from now; it may be a number or a date."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return bounded_pause(float(text))
        with suppress(ValueError):
            moment = parsedate_to_datetime(text)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return bounded_pause((aware - self._now()).total_seconds())
        return None

    def _without_token(self, message: str) -> str:
        return message.replace(self._token.get_secret_value(), "***")


def _parameters(request: ImageRequest) -> dict[str, Json]:
    chosen: dict[str, Json] = {
        "width": request.width_px,
        "height": request.height_px,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "seed": request.seed,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _meaning(status: int, pause: float | None, loading: float | None, detail: str) -> External:
    if status == _SERVICE_UNAVAILABLE and loading is not None:
        return Transient("model_loading", retry_after_seconds=loading, detail=detail)
    key = "provider_failed" if status >= _SERVER_ERROR else _TRANSIENT.get(status)
    if key is not None:
        return Transient(key, retry_after_seconds=pause, detail=detail)
    refused = "provider_redirected" if httpx.codes.is_redirect(status) else "provider_refused"
    return Permanent(_PERMANENT.get(status, refused), detail=detail)


def _picture(answer: _Answer) -> bytes:
    """Take the body, if it looks like a picture.

    What is no picture is Permanent: the provider has counted the call, and asking again would be paid again.
    """
    media_type = answer.headers.get("content-type", "")
    if not media_type.startswith("image/"):
        raise Permanent("result_unreadable", detail=f"content type {media_type[:80]!r}")
    if not answer.body.startswith(_MAGICS):
        raise Permanent("result_unreadable", detail=f"{len(answer.body)} bytes that are no PNG, JPEG or WebP")
    return answer.body


def _told(body: bytes) -> dict[str, JsonValue]:
    """Read the JSON object of an error, if it is one."""
    with suppress(ValidationError):
        told = _JSON.validate_json(body)
        return told if isinstance(told, dict) else {}
    return {}


def bounded_pause(value: object) -> float | None:
    """Bound a pause, in seconds; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return min(max(float(value), 0.0), _LONGEST_PAUSE_SECONDS)


def _length(response: httpx.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0


def _fits_a_header(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
