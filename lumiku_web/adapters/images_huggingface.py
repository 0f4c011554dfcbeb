"""FLUX by the Hugging Face inference router: one POST, answered with the picture itself.

Never retries: attempts belong to the item. Never follows a redirect: the token would go along. The token leaves this module in
one header only; it is in no log, repr or exception, also when the provider repeats it in a message.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from lumiku_web.adapters.provider_http import (
    IMAGES,
    OK,
    Answer,
    Connections,
    Secret,
    bounded_pause,
    meaning,
    patience,
    picture,
    read,
    traced,
)
from lumiku_web.clock import utc_now
from lumiku_web.domain.providers.ports import Accepted, Capabilities, ImageRequest, ImageResult, Json, unnoted
from lumiku_web.errors import External, Permanent, Transient

#: FLUX works on blocks of 16 px. The bounds are those of the model cards and of the router.
MODELS: Final[Mapping[str, Capabilities]] = {
    "black-forest-labs/FLUX.1-dev": Capabilities(256, 1536, 16, steps=(1, 50), guidance=(1.0, 20.0)),
    "black-forest-labs/FLUX.1-schnell": Capabilities(256, 1536, 16, steps=(1, 16)),
}

_SERVICE_UNAVAILABLE = 503


class HuggingFaceImages:
    """The ImageProvider `huggingface`. It answers with the picture itself, so there is never a ticket.

    `connections` bounds the calls in flight of one process; `body_limit_bytes` what one answer may weigh.
    """

    name = "huggingface"

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        connections: int = 1000,
        body_limit_bytes: int = 40_000_000,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._token = Secret(token)
        self._base_url = base_url.rstrip("/")
        self._connections = Connections(connections)
        self._body_limit_bytes = body_limit_bytes
        self._now = now

    def capabilities(self, provider_model: str) -> Capabilities:
        try:
            return MODELS[provider_model]
        except KeyError:
            raise Permanent("model_unknown", model=provider_model) from None

    async def generate(self, request: ImageRequest, accepted: Accepted = unnoted) -> ImageResult:  # noqa: ARG002 (the port's)
        """Ask once. `ImageResult.sent` has the model, the prompt as `inputs`, and the parameters that were chosen."""
        self.capabilities(request.provider_model)
        parameters = _parameters(request)
        try:
            async with asyncio.timeout(request.deadline_seconds):
                answer = await self._ask(request, {"inputs": request.prompt, "parameters": parameters})
        except TimeoutError:
            raise Transient("provider_timeout", detail=f"no whole answer in {request.deadline_seconds:g} s") from None
        if answer.status != OK:
            raise self._refusal(answer)
        sent: dict[str, Json] = {"model": request.provider_model, "inputs": request.prompt, **parameters}
        return ImageResult(picture(answer), answer.headers.get("x-request-id", ""), sent)

    async def aclose(self) -> None:
        await self._connections.aclose()

    async def _ask(self, request: ImageRequest, body: Mapping[str, object]) -> Answer:
        url = f"{self._base_url}/models/{request.provider_model}"
        headers, timeout = self._headers(request), patience(request.deadline_seconds)
        call = self._connections.client().stream("POST", url, json=body, headers=headers, timeout=timeout)
        return await read(call, limit_bytes=self._body_limit_bytes, media_types=IMAGES)

    def _headers(self, request: ImageRequest) -> dict[str, str]:
        token = self._token.for_header()
        return {"authorization": f"Bearer {token}", "accept": "image/png", **traced(request.correlation_id)}

    def _refusal(self, answer: Answer) -> External:
        refusal = meaning(answer, self._token, now=self._now)
        loading = bounded_pause(answer.told().get("estimated_time")) if answer.status == _SERVICE_UNAVAILABLE else None
        return refusal if loading is None else Transient("model_loading", retry_after_seconds=loading, detail=refusal.detail)


def _parameters(request: ImageRequest) -> dict[str, Json]:
    chosen: dict[str, Json] = {
        "width": request.width_px,
        "height": request.height_px,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "seed": request.seed,
    }
    return {name: value for name, value in chosen.items() if value is not None}
