"""Apps and models, as data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from lumiku_web.domain.billing.schemas import Price, Tier
from lumiku_web.domain.providers.ports import Capabilities


class Params(BaseModel):
    """Parent of every app's params: frozen, bounded, versioned; stored as JSON on the order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1

    def priced(self, base: Price) -> Price:
        """The price of one picture of this wish, where the model asks for `base`. Pure, and never less than 1."""
        return base


class AppState(StrEnum):
    """Whether an app can be used."""

    on = "on"
    #: Usable, and not finished.
    beta = "beta"
    #: Shown, and not usable yet.
    coming_soon = "coming_soon"
    off = "off"


@dataclass(frozen=True)
class AppAccess:
    """Who may use an app, by an admin's word."""

    state: AppState = AppState.on
    #: The least plan that has it.
    tier: Tier = Tier.free


@dataclass(frozen=True)
class JobKind:
    """One thing that an app can be asked for."""

    name: str
    params: type[Params]
    #: One attempt at an item never takes longer than this many seconds.
    timeout_seconds: int = 180
    max_attempts: int = 3


@dataclass(frozen=True)
class AppManifest:
    """An app, as data. The folder's name is the slug with underscores."""

    slug: str
    #: Text catalogue keys.
    title: str
    summary: str
    #: Lucide icon name.
    icon: str
    #: Ascending, on the dashboard.
    position: int
    kinds: tuple[JobKind, ...] = field(default_factory=tuple[JobKind, ...])

    @property
    def route(self) -> str:
        return f"/apps/{self.slug}"

    def kind(self, name: str) -> JobKind:
        """Raises KeyError for a kind that the app does not have."""
        found = next((k for k in self.kinds if k.name == name), None)
        if found is None:
            raise KeyError(f"the app {self.slug} has no kind {name}")
        return found


@dataclass(frozen=True)
class ModelRead:
    """A model that can be used right now, with the route that would be taken."""

    key: str
    title: str
    provider: str
    provider_model: str
    capabilities: Capabilities
    width_px: int
    height_px: int
    steps: int | None
    guidance: float | None
    credits_price: int
    quota_price: int
    deadline_seconds: int
    tier: Tier = Tier.free
    is_beta: bool = False

    @property
    def price(self) -> Price:
        return Price(self.credits_price, self.quota_price)

    @property
    def is_drawn(self) -> bool:
        return self.capabilities.drawn


@dataclass(frozen=True)
class OfferedModel:
    """A model that an app offers to a person, who may need another plan for it."""

    model: ModelRead
    #: The person's plan has it.
    is_open: bool

    @property
    def unlocked_by(self) -> Tier:
        """The least plan that has it."""
        return self.model.tier


class Unreachable(StrEnum):
    """Why nobody can order by a model."""

    off = "off"
    #: There is no way to it: none of our providers can make what it needs.
    no_route = "no_route"
    routes_off = "routes_off"
    #: None of its providers has a key in the settings.
    not_set_up = "not_set_up"
    #: Its providers don't know it, or not in its size and with its settings.
    does_not_fit = "does_not_fit"


@dataclass(frozen=True)
class RegisteredModel:
    """A model as an admin sees it, usable or not."""

    key: str
    title: str
    #: Slug; empty: every app offers it.
    app: str
    tier: Tier
    price: Price
    is_enabled: bool
    is_beta: bool
    abilities: dict[str, object]
    #: `<provider> <provider's model>` of each way, in the order of choice.
    routes: tuple[str, ...]
    #: None: it can be ordered.
    why_not: Unreachable | None


@dataclass(frozen=True)
class ModelChange:
    """What an admin decides about a model; as the form has it, not checked yet."""

    credits: object
    quota: object
    tier: object
    is_enabled: bool
    is_beta: bool


#: An app's pipeline function; typed in full where it is run.
Pipeline = Callable[..., Any]
