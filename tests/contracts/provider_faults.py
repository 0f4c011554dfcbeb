"""The fault table: whatever goes wrong at a provider, by whichever adapter, is one of our outcomes.

`python -m tests.contracts.provider_faults --write` drives every cell and writes `docs/provider-faults.md`;
`test_provider_faults.py` drives them again and compares.
"""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from lumiku_web.adapters.codec_pillow import PillowCodec
from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.images_bfl import BflImages
from lumiku_web.adapters.images_huggingface import HuggingFaceImages
from lumiku_web.adapters.images_illustrator import Illustrator
from lumiku_web.domain.generations.runner import check_size
from lumiku_web.domain.generations.schemas import ModelTerms
from lumiku_web.domain.providers.ports import ImageProvider, ImageRequest
from lumiku_web.errors import External, Transient
from lumiku_web.ui.texts import catalogue
from tests.stub_provider.client import StubProvider

PAGE: Final = Path(__file__).parents[2] / "docs" / "provider-faults.md"
ADAPTERS: Final = {"huggingface": "Hugging Face", "bfl": "Black Forest Labs", "illustrator": "Illustrator"}
NEVER: Final = "–"  # noqa: RUF001 (a dash, as in print)

_MODELS = {"huggingface": "black-forest-labs/FLUX.1-dev", "bfl": "flux-dev", "illustrator": "dicebear"}
#: Short, but long enough for a request to be accepted on a busy machine.
_PLENTY, _SHORT = 30.0, 1.0

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and what the stub is told for each service; None: can't go wrong there."""

    name: str
    huggingface: Options | None = None
    bfl: Options | None = None
    #: What happens to the illustrator, by its name in `_ILLUSTRATORS`.
    illustrator: str | None = None
    deadline_seconds: float = _PLENTY


def _both(scenario: str, **options: Any) -> dict[str, Options]:
    told = {"scenario": scenario, **options}
    return {"huggingface": told, "bfl": told}


FAULTS: Final = (
    Fault("the key is refused", {"scenario": "401"}, {"scenario": "403"}),
    Fault("no credit left", **_both("402")),
    Fault("no such model", **_both("404"), illustrator="unknown_model"),
    Fault("the request is refused", **_both("422"), illustrator="unknown_look"),
    Fault("too many requests, with a time to wait", **_both("429", retry_after=7)),
    Fault("too many requests", **_both("429")),
    Fault("fault of the server (500)", **_both("500")),
    Fault("the model is loading, or overloaded (503)", {"scenario": "loading"}, {"scenario": "503"}),
    Fault("nobody listens", {"scenario": "nobody"}, {"scenario": "nobody"}),
    Fault("a redirect to a private address, of the request", **_both("redirect", at="submit")),
    Fault("the connection is reset before the answer", {"scenario": "reset"}, {"scenario": "reset", "at": "poll"}),
    Fault("fault of the server while it works", bfl={"scenario": "500", "at": "poll"}),
    Fault("no answer", {"scenario": "slow"}, {"scenario": "pending"}, "hanging", _SHORT),
    Fault(
        "the answer comes after the deadline", **_both("success", delay_seconds=3), illustrator="slow", deadline_seconds=_SHORT
    ),
    Fault("the answer trickles", **_both("trickle"), deadline_seconds=_SHORT),
    Fault("the request ends in an error", bfl={"scenario": "error"}, illustrator="dying"),
    Fault("the provider has forgotten the request", bfl={"scenario": "task_not_found"}),
    Fault("the prompt is moderated", bfl={"scenario": "request_moderated"}),
    Fault("the picture is moderated", bfl={"scenario": "content_moderated"}),
    Fault("the provider's word leads to another house", bfl={"scenario": "success", "polling_url": "https://evil.example/"}),
    Fault("the picture lies at a private address", bfl={"scenario": "success", "sample": "https://127.0.0.1/x.png"}),
    Fault("a redirect to a private address, of the picture", bfl={"scenario": "redirect"}),
    Fault("the picture's address has expired", bfl={"scenario": "expired"}),
    Fault("the picture is cut off", **_both("truncated")),
    Fault("the connection is reset within the picture", **_both("truncated_by_reset")),
    Fault("an answer of another type", **_both("html")),
    Fault("no picture in the answer", **_both("not_an_image")),
    Fault("a damaged picture", **_both("damaged")),
    Fault("an empty answer", **_both("empty")),
    Fault("50 MB, announced", **_both("huge")),
    Fault("50 MB, unannounced", **_both("huge_chunked")),
    Fault("a picture of another size", **_both("other_size")),
    Fault("a black picture", **_both("black")),
)
NAMES: Final = [fault.name for fault in FAULTS]

#: What was ordered.
_TERMS: Final = ModelTerms(
    key="flux",
    title="FLUX",
    provider="any",
    provider_model="any",
    width_px=512,
    height_px=512,
    steps=None,
    guidance=None,
    credits_price=0,
    deadline_seconds=30,
    is_drawn=False,
)


@dataclass(frozen=True)
class Outcome:
    """How one cell ended."""

    key: str
    is_retried: bool
    #: How long the provider wants to be left alone.
    pause_seconds: float | None = None
    #: The next attempt asks for the request that was accepted, and buys no new one.
    is_asked_again: bool = False

    def __str__(self) -> str:
        pause = "" if self.pause_seconds is None else f" (in {self.pause_seconds:g} s)"
        return f"`{self.key}`{pause}{' (asked again)' if self.is_asked_again else ''}"


@dataclass
class House:
    """One adapter of each kind, the stub, and the checks that every picture passes."""

    stub: StubProvider
    providers: dict[str, ImageProvider]
    codec: PillowCodec = field(default_factory=PillowCodec)

    async def outcome(self, fault: Fault, adapter: str) -> Outcome | None:
        """Let it go wrong. None: it can't, with this adapter."""
        told = getattr(fault, adapter)
        if told is None:
            return None
        request = ImageRequest(_MODELS[adapter], "a portrait", 512, 512, seed=1, deadline_seconds=fault.deadline_seconds)
        if adapter == "illustrator":
            return await _failed(_ILLUSTRATORS[told](self.providers[adapter], request))
        self.stub.reset()
        async with self._provider(adapter, told) as provider:
            tickets: list[str] = []
            failed = await _failed(self._kept(provider, request, tickets))
            if not failed.is_retried or not tickets:
                return failed
            bought = self.stub.told("accepted")
            with suppress(External):  # it may go wrong again
                await provider.generate(replace(request, ticket=tickets[-1]))
            return replace(failed, is_asked_again=self.stub.told("accepted") == bought)

    @asynccontextmanager
    async def _provider(self, adapter: str, told: Options) -> AsyncIterator[ImageProvider]:
        if told["scenario"] != "nobody":
            self.stub.set(**told)
            yield self.providers[adapter]
            return
        provider = _made(adapter, f"http://127.0.0.1:{_unused_port()}")
        yield provider
        await provider.aclose()

    async def _kept(self, provider: ImageProvider, request: ImageRequest, tickets: list[str]) -> None:
        """As a worker does it, up to the point where the picture would be stored."""

        async def note(ticket: str) -> None:
            tickets.append(ticket)

        result = await provider.generate(request, note)
        check_size(_TERMS, self.codec.prepare_result(result.content, {}))


async def _failed(work: Awaitable[object]) -> Outcome:
    try:
        await work
    except External as refused:
        if isinstance(refused, Transient):
            return Outcome(refused.key, is_retried=True, pause_seconds=refused.retry_after_seconds)
        return Outcome(refused.key, is_retried=False)
    raise AssertionError("nothing went wrong")


async def _unknown_model(provider: ImageProvider, request: ImageRequest) -> None:
    await provider.generate(replace(request, provider_model="nobody"))


async def _unknown_look(provider: ImageProvider, request: ImageRequest) -> None:
    await provider.generate(replace(request, looks={"aura": "blue"}))


async def _slow(provider: ImageProvider, request: ImageRequest) -> None:
    await provider.generate(replace(request, width_px=1536, height_px=1536, deadline_seconds=0.001))


async def _hanging(provider: ImageProvider, request: ImageRequest) -> None:
    await _stopped(provider, request)
    await provider.generate(request)


async def _dying(provider: ImageProvider, request: ImageRequest) -> None:
    (child,) = await _stopped(provider, request)
    drawing = asyncio.create_task(provider.generate(request))
    await asyncio.sleep(0)
    os.kill(child, signal.SIGKILL)
    await drawing


async def _stopped(provider: ImageProvider, request: ImageRequest) -> list[int]:
    """A child that is there, and does nothing more."""
    assert isinstance(provider, Illustrator)
    await provider.generate(replace(request, deadline_seconds=_PLENTY))
    for child in provider.processes():
        os.kill(child, signal.SIGSTOP)
    return provider.processes()


_ILLUSTRATORS: Final[dict[str, Callable[[ImageProvider, ImageRequest], Awaitable[None]]]] = {
    "unknown_model": _unknown_model,
    "unknown_look": _unknown_look,
    "slow": _slow,
    "hanging": _hanging,
    "dying": _dying,
}


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """Everything that the table needs, running."""
    with StubProvider() as stub:
        made = House(stub, {adapter: _made(adapter, stub.url) for adapter in ADAPTERS})
        yield made
        for provider in made.providers.values():
            await provider.aclose()


def _made(adapter: str, url: str) -> ImageProvider:
    if adapter == "huggingface":
        return HuggingFaceImages(url, "hf_test")
    if adapter == "bfl":
        return BflImages(url, "bfl_test", HttpFetcher(trusted_origins=[url]), pause_seconds=0.01, longest_pause_seconds=0.05)
    return Illustrator()


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page(outcomes: Mapping[tuple[str, str], Outcome | None]) -> str:
    """The whole page, by fault and adapter."""
    faults = [
        "| " + " | ".join([name, *(str(outcomes[name, adapter] or NEVER) for adapter in ADAPTERS)]) + " |" for name in NAMES
    ]
    keys = {outcome.key: outcome.is_retried for outcome in outcomes.values() if outcome}
    meanings = [f"| `{key}` | {_sentence(key)} | {'yes' if keys[key] else 'no'} |" for key in sorted(keys)]
    return _PAGE.format(adapters=" | ".join(ADAPTERS.values()), faults="\n".join(faults), meanings="\n".join(meanings))


def _sentence(key: str) -> str:
    """In English; what is filled in later is three dots."""
    return re.sub(r"\{\w+\}", "…", catalogue("en")[f"error.{key}"])


async def _drive_all() -> dict[tuple[str, str], Outcome | None]:
    async with house() as made:
        return {(fault.name, adapter): await made.outcome(fault, adapter) for fault in FAULTS for adapter in ADAPTERS}


def main() -> None:
    text = page(asyncio.run(_drive_all()))
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


_PAGE = f"""\
# What goes wrong at a provider

Whatever a provider does, an order ends in one of these ways, and nothing is charged but a picture that was kept. Made by
`python -m tests.contracts.provider_faults --write`, which lets everything go wrong at a stub; a test compares.

“{NEVER}”: it can't happen there. “In 7 s”: the provider names the time of the next attempt. “Asked again”: the next attempt asks
for the request that was already accepted, so that nothing is bought twice; otherwise it orders anew.

| what goes wrong | {{adapters}} |
| --- | --- | --- | --- |
{{faults}}

Tried again means: while attempts remain, not before the time that the provider names, else after about 5 s, then 20 s.

| outcome | what the person reads | tried again |
| --- | --- | --- |
{{meanings}}
"""

if __name__ == "__main__":
    main()
