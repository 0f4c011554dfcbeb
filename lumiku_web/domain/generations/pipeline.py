"""What an app's pipeline may ask for while it makes one picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lumiku_web.domain.providers.ports import Capabilities, ImageResult


@dataclass(frozen=True)
class Wish:
    """One picture in an app's words. Size, steps, guidance and seed are the order's own; the context adds them."""

    prompt: str
    looks: Mapping[str, str] = field(default_factory=dict[str, str])


class PipelineContext(Protocol):
    """No session, no settings, no queue: a pipeline runs in a unit test with any provider."""

    @property
    def capabilities(self) -> Capabilities:
        """What the model of this order can do."""
        ...

    async def image(self, wish: Wish) -> ImageResult:
        """Ask the order's provider. Raises: Transient, Permanent."""
        ...
