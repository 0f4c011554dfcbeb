"""One item, from the claim to its end. Two short transactions, and the long waits between them hold none."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from lumiku_web.db.unit_of_work import Call
from lumiku_web.domain.catalog.schemas import AppManifest, Params, Pipeline
from lumiku_web.domain.catalog.service import Providers
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.ports import ImageCodec
from lumiku_web.domain.gallery.schemas import PreparedImage
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.pipeline import Wish
from lumiku_web.domain.generations.schemas import Claim, Fence, ModelTerms
from lumiku_web.domain.providers.ports import Accepted, Capabilities, ImageProvider, ImageRequest, ImageResult
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.errors import LumikuError, Permanent, Transient, Unavailable
from lumiku_web.logs import correlated, get_logger

log = get_logger(__name__)

#: Pauses between tries while PostgreSQL is away: a minute. Whether the lease is still ours, the row says afterwards.
PATIENCE_SECONDS: Final = (0.5, 1.0, 2.0, *[4.0] * 14)
#: Before the next attempt, where a part of the house is down: a full disk is not emptied in a moment.
REST_SECONDS: Final = 60.0
#: An edge that differs by so much from what was ordered is no rounding any more.
WRONG_BY_PX: Final = 64


@dataclass(frozen=True)
class Context:
    """What the pipeline of one item may reach: see `PipelineContext`."""

    provider: ImageProvider
    claim: Claim
    accepted: Accepted

    @property
    def capabilities(self) -> Capabilities:
        return self.provider.capabilities(self.claim.model.provider_model)

    async def image(self, wish: Wish) -> ImageResult:
        """Ask with the order's own size, seed and settings, once for each item. Raises: Transient, Permanent."""
        model = self.claim.model
        request = ImageRequest(
            provider_model=model.provider_model,
            prompt=wish.prompt,
            width_px=model.width_px,
            height_px=model.height_px,
            seed=self.claim.seed,
            deadline_seconds=model.deadline_seconds,
            steps=model.steps,
            guidance=model.guidance,
            looks=wish.looks,
            correlation_id=self.claim.correlation_id,
            ticket=self.claim.ticket,
        )
        return await self.provider.generate(request, self.accepted)


@dataclass(frozen=True)
class Held:
    """An item of this process, and the task that works on it."""

    fence: Fence
    task: "asyncio.Task[Any] | None"


@dataclass
class Runner:
    """Runs items in this process; `held` are those that it holds right now."""

    call: Call
    leases: Leases
    providers: Providers
    apps: Mapping[str, AppManifest]
    pipeline: Callable[[AppManifest], Pipeline]
    codec: ImageCodec
    storage: Storage
    #: As many as there are cores: decoding and encoding is CPU work.
    cpu: asyncio.Semaphore
    held: dict[UUID, Held] = field(default_factory=dict[UUID, "Held"])

    async def run(self, item_id: UUID) -> None:
        """Claim the item and bring it to an end, or leave it alone if it is not to be had. Raises nothing that was foreseen."""
        claim: Claim | None = await self.call(self.leases.claim, item_id)
        if claim is None:
            log.info("items.not_claimed", item_id=str(item_id))
            return
        with correlated(claim.correlation_id, item_id=str(item_id), attempt=claim.attempt):
            self.held[item_id] = Held(claim.fence, asyncio.current_task())
            try:
                await self._attempt(claim)
            finally:
                self.held.pop(item_id, None)

    async def renew(self) -> None:
        """Prolong every lease that this process holds. What it holds no longer (cancelled, taken over) is given up."""
        asked = dict(self.held)
        if not asked:
            return
        still: set[UUID] = await self.call(self.leases.renew, {item: held.fence for item, held in asked.items()})
        for item, held in asked.items():
            if item not in still and self.held.get(item) is held and held.task:
                log.info("items.given_up", item_id=str(item))
                held.task.cancel()

    async def _attempt(self, claim: Claim) -> None:
        try:
            async with asyncio.timeout(claim.timeout_seconds):
                made = await self._make(claim)
            await _to_its_end(self._keep(claim, made))
        except _FencedError:
            log.warning("items.fenced", item_id=str(claim.item_id))
        except TimeoutError:
            await self._patiently(self.leases.put_back, claim, Transient("provider_timeout"))
        except Transient as busy:
            log.info("items.transient", reason=busy.key, detail=busy.detail)
            await self._patiently(self.leases.put_back, claim, busy)
        except Unavailable as down:
            await self._patiently(self.leases.put_back, claim, Transient(down.key, retry_after_seconds=REST_SECONDS))
        except LumikuError as refused:
            await self._patiently(self.leases.fail, claim, refused)
        except asyncio.CancelledError:
            with suppress(Unavailable):  # the sweeper finds it when its lease has ended
                await asyncio.shield(asyncio.ensure_future(self.call(self.leases.give_back, claim)))
            raise
        except Exception:
            log.exception("items.bug")
            await self._patiently(self.leases.fail, claim, Permanent("bug", reference=claim.correlation_id[:8]))

    async def _make(self, claim: Claim) -> "_Made":
        log.info("items.started", app=claim.app, model=claim.model.key)
        app = self.apps.get(claim.app)
        provider = self.providers.get(claim.model.provider)
        if app is None:
            raise Permanent("app_gone")
        if provider is None:
            raise Permanent("provider_misconfigured")
        params = _params(app, claim)
        context = Context(provider, claim, partial(self._accepted, claim))
        result: ImageResult = await self.pipeline(app)(context, params)
        recipe = {**result.sent, "model": claim.model.title, "provider": claim.model.provider, "seed": claim.seed}
        prepared = await self._prepare(result, recipe)
        check_size(claim.model, prepared)
        return _Made(prepared, recipe, result)

    async def _accepted(self, claim: Claim, ticket: str) -> None:
        """Commit the ticket before the picture is waited for. Raises: _FencedError, if the item is another attempt's by now."""
        if not await self._patiently(self.leases.accepted, claim, ticket):
            raise _FencedError
        log.info("items.accepted")

    async def _prepare(self, result: ImageResult, recipe: Mapping[str, object]) -> PreparedImage:
        async with self.cpu:
            return await asyncio.to_thread(self.codec.prepare_result, result.content, recipe)

    async def _keep(self, claim: Claim, made: "_Made") -> None:
        """Store, then write the row. An attempt that was fenced meanwhile must not touch the files of its successor."""
        if not await self._patiently(self.leases.about_to_store, claim):
            raise _FencedError
        await asyncio.to_thread(gallery.store, self.storage, claim.user_id, claim.item_id, made.prepared)
        result = made.result
        facts = {"recipe": made.recipe, "request_id": result.request_id, "cost_microusd": result.cost_microusd}
        if await self._patiently(self.leases.deliver, claim, made.prepared, **facts):
            log.info("items.delivered", bytes=len(made.prepared.original))

    async def _patiently(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (what the use case returns)
        """As `call`, over a PostgreSQL that is away for some seconds: what was made has been paid for."""
        for delay in PATIENCE_SECONDS:
            try:
                return await self.call(use_case, *args, **kwargs)
            except Unavailable as down:
                log.warning("items.waiting", reason=down.key, seconds=delay)
                await asyncio.sleep(delay)
        return await self.call(use_case, *args, **kwargs)


@dataclass(frozen=True)
class _Made:
    """A picture that may be kept, and how it came about."""

    prepared: PreparedImage
    recipe: Mapping[str, object]
    result: ImageResult


class _FencedError(Exception):
    """The item is another attempt's by now: this one has nothing more to say."""


def check_size(model: ModelTerms, prepared: PreparedImage) -> None:
    """Providers round to their own grid, of at most 32 px; a picture that is off by more was not what was ordered.

    Raises: Permanent(`result_wrong_size`).
    """
    off_px = max(abs(prepared.width_px - model.width_px), abs(prepared.height_px - model.height_px))
    if off_px >= WRONG_BY_PX:
        raise Permanent(
            "result_wrong_size",
            width_px=prepared.width_px,
            height_px=prepared.height_px,
            ordered_width_px=model.width_px,
            ordered_height_px=model.height_px,
        )


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Storing and delivering take moments: a cancellation waits for them, so that no thread writes on behind our back.

    One that comes when all is done came too late, and is none.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if task.cancelled() or task.exception():
            raise


def _params(app: AppManifest, claim: Claim) -> Params:
    """What was ordered, as the app understands it today. Raises: Permanent(`order_outdated`)."""
    try:
        return app.kind(claim.kind).params.model_validate(claim.params)
    except (KeyError, ValidationError) as changed:
        raise Permanent("order_outdated", detail=str(changed)) from changed
