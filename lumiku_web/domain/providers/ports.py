"""The port of image providers: what is asked of them, what they answer, and what they can do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

Json: TypeAlias = str | int | float | bool | None

#: The longest ticket.
TICKET_CHARACTERS = 1800

#: Called with the ticket of a request that the provider has taken.
Accepted: TypeAlias = Callable[[str], Awaitable[None]]


async def unnoted(_: str) -> None:
    """For callers who will not ask again."""


@dataclass(frozen=True)
class Capabilities:
    """What one provider can do with one of its models. The form shows only this; submit refuses the rest."""

    #: Edge lengths that are accepted, in px, and the step between them.
    min_px: int
    max_px: int
    step_px: int
    #: Inclusive bounds, or None where the parameter does not exist.
    steps: tuple[int, int] | None = None
    guidance: tuple[float, float] | None = None
    seed: bool = True
    #: The provider draws from the looks themselves, not from the words of the prompt.
    honours_looks: bool = False
    #: The picture is drawn, not generated, and says so on its face.
    drawn: bool = False

    def fits(self, width_px: int, height_px: int, steps: int | None, guidance: float | None) -> bool:
        """Say whether all of it can be ordered. What is None, or does not exist here, is not sent."""
        edges = all(self.min_px <= edge <= self.max_px and edge % self.step_px == 0 for edge in (width_px, height_px))
        return edges and _within(steps, self.steps) and _within(guidance, self.guidance)


def _within(value: float | None, bounds: tuple[float, float] | None) -> bool:
    return value is None or bounds is None or bounds[0] <= value <= bounds[1]


@dataclass(frozen=True)
class ImageRequest:
    """One picture, wanted. What is None is not sent."""

    provider_model: str
    prompt: str
    width_px: int
    height_px: int
    #: 0 to 2**32 - 1. The same seed and parameters give the same picture where the provider allows it.
    seed: int
    #: Nothing takes longer than this, from the first byte sent to the last received.
    deadline_seconds: float
    steps: int | None = None
    guidance: float | None = None
    #: `gender`, `age_range`, `hair_style` …: for providers that honour looks.
    looks: Mapping[str, str] = field(default_factory=dict[str, str])
    correlation_id: str = ""
    #: What an earlier attempt of the same wish was given. A provider that knows it asks for that request, and buys no new one.
    ticket: str = ""


@dataclass(frozen=True)
class ImageResult:
    """One picture, made. `content` is not yet trusted: the codec decodes it before it is kept."""

    content: bytes
    #: The provider's own name for this request, if it gave one: kept for support and for asking again.
    request_id: str
    #: Exactly what was sent, by the provider's own parameter names.
    sent: Mapping[str, Json]
    #: In millionths of a US dollar; None: the provider does not say.
    cost_microusd: int | None = None


class ImageProvider(Protocol):
    """Somebody who makes pictures. Async: it waits on a network or a child process, never inside a transaction."""

    name: str

    def capabilities(self, provider_model: str) -> Capabilities:
        """What `provider_model` can do. Raises: Permanent(`model_unknown`)."""
        ...

    async def generate(self, request: ImageRequest, accepted: Accepted = unnoted) -> ImageResult:
        """Make one picture within `request.deadline_seconds`.

        A provider that takes a request first and answers later awaits `accepted` in between, with a ticket of at most
        `TICKET_CHARACTERS`: what is asked again with that ticket is not paid again.

        Raises: Transient (worth another attempt, not before its `retry_after_seconds`), Permanent, and what `accepted` raises.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections and child processes."""
        ...
