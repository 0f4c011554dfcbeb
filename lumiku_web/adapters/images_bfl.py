"""FLUX by Black Forest Labs: a request is submitted, asked for until it is ready, and its picture fetched from another address.

The contract is that of docs.bfl.ai. Never retries: attempts belong to the item, and the next one goes on with the ticket of this
one. The key leaves this module in one header, to the configured address and to `bfl.ai` only; it is in no log, repr or exception,
also when the provider repeats it in a message.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.provider_http import IMAGES, OK, Answer, Connections, Secret, meaning, patience, picture, read, traced
from lumiku_web.clock import utc_now
from lumiku_web.domain.providers.ports import TICKET_CHARACTERS, Accepted, Capabilities, ImageRequest, ImageResult, Json, unnoted
from lumiku_web.errors import Permanent, Transient

#: As the model's own page of docs.bfl.ai has it. FLUX.2 makes up to 4 megapixels, in blocks of 16 px.
MODELS: Final[Mapping[str, Capabilities]] = {
    "flux-dev": Capabilities(256, 1440, 32, steps=(1, 50), guidance=(1.5, 5.0)),
    "flux-pro-1.1": Capabilities(256, 1440, 32),
    "flux-2-pro": Capabilities(256, 2048, 16),
}
#: Who may be asked for a result, besides the configured address: the submission says which of its clusters has it.
_HOSTS: Final = ("bfl.ai",)
#: docs.bfl.ai/quick_start/pricing: one credit is one US cent.
_MICROUSD_A_CREDIT: Final = 10_000
#: docs.bfl.ai/api_integration: more requests than this at work are refused by 429.
_AT_WORK: Final = 24

_PENDING, _READY = "Pending", "Ready"
#: What has ended without a picture, and without the wish being at fault: it can only be ordered anew.
_TRANSIENT: Final[Mapping[str, str]] = {"Error": "provider_failed", "Task not found": "request_lost"}
_PERMANENT: Final[Mapping[str, str]] = {"Request Moderated": "prompt_moderated", "Content Moderated": "picture_moderated"}
#: Of a result's address: its ten minutes are over.
_EXPIRED: Final = frozenset({401, 403, 404, 410})
_NOT_FOUND: Final = 404
_JSON_BYTES: Final = 1_000_000
_GROWTH: Final = 1.5


class _GoneError(Transient):
    """The request will give no picture any more: another one has to be submitted."""


class _Ticket(BaseModel):
    """A request that was taken. Its JSON is the ticket."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1, max_length=200)
    polling_url: str = Field(min_length=1, max_length=1400)
    #: In the provider's credits.
    cost: float | None = Field(default=None, ge=0, le=1_000_000)


class BflImages:
    """The ImageProvider `bfl`.

    `at_work` bounds its requests of one process, and waiting for a place counts towards the deadline. A result is asked for after
    `pause_seconds`, then ever more seldom, up to every `longest_pause_seconds`.
    """

    name = "bfl"

    def __init__(
        self,
        base_url: str,
        key: str,
        fetcher: HttpFetcher,
        *,
        at_work: int = _AT_WORK,
        body_limit_bytes: int = 40_000_000,
        pause_seconds: float = 0.5,
        longest_pause_seconds: float = 2.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._key = Secret(key)
        self._base_url = base_url.rstrip("/")
        self._fetcher = fetcher
        self._places = asyncio.Semaphore(at_work)
        self._connections = Connections(at_work)
        self._body_limit_bytes = body_limit_bytes
        self._pauses = pause_seconds, longest_pause_seconds
        self._now = now

    def capabilities(self, provider_model: str) -> Capabilities:
        try:
            return MODELS[provider_model]
        except KeyError:
            raise Permanent("model_unknown", model=provider_model) from None

    async def generate(self, request: ImageRequest, accepted: Accepted = unnoted) -> ImageResult:
        """Go on with the request of the ticket; without one, or if it will give nothing any more, submit a new one."""
        self.capabilities(request.provider_model)
        wish = _wish(request)
        try:
            async with asyncio.timeout(request.deadline_seconds), self._places:
                ticket, content = await self._made(request, wish, accepted)
        except TimeoutError:
            raise Transient("provider_timeout", detail=f"no picture in {request.deadline_seconds:g} s") from None
        cost = None if ticket.cost is None else round(ticket.cost * _MICROUSD_A_CREDIT)
        return ImageResult(content, ticket.id, {"model": request.provider_model, **wish}, cost)

    async def aclose(self) -> None:
        await self._connections.aclose()
        await self._fetcher.aclose()

    async def _made(self, request: ImageRequest, wish: dict[str, Json], accepted: Accepted) -> tuple[_Ticket, bytes]:
        known = self._known(request.ticket)
        if known is not None:
            try:
                return known, await self._result(known, request, pause=0)
            except _GoneError:
                pass
        ticket = await self._submit(request, wish)
        await accepted(ticket.model_dump_json())
        return ticket, await self._result(ticket, request, pause=self._pauses[0])

    async def _submit(self, request: ImageRequest, wish: Mapping[str, Json]) -> _Ticket:
        url = f"{self._base_url}/v1/{request.provider_model}"
        answer = await self._ask("POST", httpx.URL(url), request, json=wish)
        if answer.status != OK:
            raise meaning(answer, self._key, now=self._now)
        try:
            ticket = _Ticket.model_validate_json(answer.body)
        except ValidationError:
            raise Permanent("result_unreadable", detail="the submission was answered without id or address") from None
        self._fetcher.check(ticket.polling_url, hosts=_HOSTS)
        return ticket

    def _known(self, text: str) -> _Ticket | None:
        """Read a ticket; None if there is none that can still be asked for, say because the configured address has changed."""
        if not text or len(text) > TICKET_CHARACTERS:
            return None
        try:
            ticket = _Ticket.model_validate_json(text)
            self._fetcher.check(ticket.polling_url, hosts=_HOSTS)
        except (ValidationError, Permanent):
            return None
        return ticket

    async def _result(self, ticket: _Ticket, request: ImageRequest, *, pause: float) -> bytes:
        """Ask until it is ready, then fetch the picture at once: its address lives for ten minutes."""
        place = self._fetcher.check(ticket.polling_url, hosts=_HOSTS)
        while True:
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(max(pause * _GROWTH, self._pauses[0]), self._pauses[1])
            answer = await self._ask("GET", place, request)
            told = answer.told()
            status = _status(answer, told)
            if status == _READY:
                return await self._fetched(_sample(told), request)
            if status in _PERMANENT:
                raise Permanent(_PERMANENT[status], detail=self._key.cut_out(_reasons(told)))
            if status in _TRANSIENT:
                raise _GoneError(_TRANSIENT[status], detail=self._key.cut_out(_reasons(told)))
            if answer.status != OK:
                raise meaning(answer, self._key, now=self._now)
            if status != _PENDING:
                raise Transient("provider_failed", detail=f"a status that is not known: {self._key.cut_out(status)[:80]!r}")

    async def _fetched(self, url: str, request: ImageRequest) -> bytes:
        answer = await self._fetcher.fetch(
            url, limit_bytes=self._body_limit_bytes, deadline_seconds=request.deadline_seconds, media_types=IMAGES
        )
        if answer.status in _EXPIRED:
            raise _GoneError("result_expired", detail=f"{answer.status} of the result's address")
        if answer.status != OK:
            raise meaning(answer, self._key, now=self._now)
        return picture(answer)

    async def _ask(
        self, method: str, place: httpx.URL, request: ImageRequest, *, json: Mapping[str, Json] | None = None
    ) -> Answer:
        headers = {"x-key": self._key.for_header(), "accept": "application/json", **traced(request.correlation_id)}
        client = self._connections.client()
        call = client.stream(method, place, json=json, headers=headers, timeout=patience(request.deadline_seconds))
        return await read(call, limit_bytes=_JSON_BYTES)


def _wish(request: ImageRequest) -> dict[str, Json]:
    """By the provider's own parameter names. Asked for as PNG, which can carry its recipe."""
    chosen: dict[str, Json] = {
        "prompt": request.prompt,
        "width": request.width_px,
        "height": request.height_px,
        "steps": request.steps,
        "guidance": request.guidance,
        "seed": request.seed,
        "output_format": "png",
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _status(answer: Answer, told: Mapping[str, JsonValue]) -> str:
    """What became of the request; it is said with other answers than 200 too."""
    return str(told.get("status") or ("Task not found" if answer.status == _NOT_FOUND else ""))


def _sample(told: Mapping[str, JsonValue]) -> str:
    result = told.get("result")
    sample = result.get("sample") if isinstance(result, dict) else None
    if not isinstance(sample, str):
        raise Permanent("result_unreadable", detail="ready, but without the address of a picture")
    return sample


def _reasons(told: Mapping[str, JsonValue]) -> str:
    """Why the provider's filter refused, for the log; its other words may repeat the prompt."""
    details = told.get("details")
    reasons = details.get("Moderation Reasons") if isinstance(details, dict) else None
    return f"{told.get('status')}: {reasons or ''}"[:200]
