"""What leaves this package: orders and their items as frozen facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lumiku_web.domain.billing.schemas import PaidWith, Price, Standing
from lumiku_web.domain.catalog.schemas import AppManifest, JobKind, ModelRead, Params
from lumiku_web.domain.gallery.schemas import ImageRead


class ItemStatus(StrEnum):
    """Where one picture of an order stands."""

    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    canceled = "canceled"


#: Attempt and dispatch of a running item. Only together are they new with every claim: an attempt that was given back does not
#: count, but its item is handed over anew.
Fence: TypeAlias = tuple[int, int]

#: Nothing changes any more.
FINAL = frozenset({ItemStatus.succeeded, ItemStatus.failed, ItemStatus.canceled})


@dataclass(frozen=True)
class Waiting:
    """An item that may have its turn."""

    id: UUID
    user_id: UUID
    route: str
    weight: int


@dataclass(frozen=True)
class Active:
    """How many items of a member are in RQ by one route, and how many of them run."""

    user_id: UUID
    route: str
    count: int
    running: int


@dataclass(frozen=True)
class WorkerRead:
    """A worker process, as it last said of itself."""

    name: str
    host: str
    pid: int
    #: Items that it holds, and may hold at once.
    in_flight: int
    concurrency: int
    #: Items that it has brought to an end since it started.
    done: int
    started_at: datetime | None
    seen_at: datetime | None
    #: How late its loop was at worst since its last word, in milliseconds.
    loop_lag_ms: float
    #: `busy`, `idle`, `suspended`, `stopping`.
    state: str

    @property
    def capacity(self) -> int:
        """Items that it has room for: one that takes no more work, for what it holds."""
        return self.in_flight if self.state in {"suspended", "stopping"} else self.concurrency


@dataclass(frozen=True)
class Order:
    """What a person asks for. `key` is minted when the form opens: the same key again is the same order."""

    key: UUID
    project_id: UUID
    app: AppManifest
    kind: JobKind
    params: Params
    #: The person's own words, for the card.
    title: str
    count: int
    #: Of the first item; each further item has the next one. 0 to 2**32 - 1.
    seed: int
    #: Key of the model; empty takes the best that can be used.
    model: str = ""
    #: One for each item, where they don't follow one another.
    seeds: tuple[int, ...] = ()
    #: As the form showed it: at any other price the order is refused. None: nobody was shown one.
    shown_price: Price | None = None


@dataclass(frozen=True)
class ItemRead:
    """One tile."""

    id: UUID
    position: int
    status: ItemStatus
    attempt: int
    #: Text catalogue key (`error.<key>`) of what last went wrong, with the facts of its sentence.
    failure: str
    failure_facts: dict[str, object]
    #: Not tried again before this.
    not_before_at: datetime | None
    image: ImageRead | None
    paid_with: PaidWith
    #: It failed, and another order has taken it up.
    is_tried_again: bool = False


@dataclass(frozen=True)
class GenerationRead:
    """One order with its tiles."""

    id: UUID
    user_id: UUID
    project_id: UUID
    project_name: str
    app: str
    title: str
    model_title: str
    is_drawn: bool
    width_px: int
    height_px: int
    correlation_id: str
    created_at: datetime
    #: Of one picture.
    price: Price
    items: tuple[ItemRead, ...]

    @property
    def is_running(self) -> bool:
        return any(item.status not in FINAL for item in self.items)

    @property
    def failed(self) -> int:
        """How many pictures it did not come to."""
        return sum(item.status is ItemStatus.failed for item in self.items)

    @property
    def canceled(self) -> int:
        """How many pictures somebody did not want any more."""
        return sum(item.status is ItemStatus.canceled for item in self.items)

    @property
    def left_to_try(self) -> int:
        """How many of those that failed no other order has taken up."""
        return sum(item.status is ItemStatus.failed and not item.is_tried_again for item in self.items)


@dataclass(frozen=True)
class OrderName:
    """What a statement says of an order."""

    title: str
    project_id: UUID


@dataclass(frozen=True)
class MemberFeed:
    """What changed for one member since a mark: whole orders, and pictures that came or changed."""

    user_id: UUID
    #: The member's number that this feed brings a tab to.
    sequence: int
    orders: tuple[GenerationRead, ...] = ()
    #: Oldest change first.
    pictures: tuple[ImageRead, ...] = ()
    #: What the member has, as of this number.
    standing: Standing | None = None


@dataclass(frozen=True)
class Claim:
    """An item that one attempt of one worker holds. Whatever it writes must say `fence`: another one may hold it by then."""

    item_id: UUID
    attempt: int
    dispatch: int
    user_id: UUID
    project_id: UUID
    generation_id: UUID
    app: str
    kind: str
    title: str
    params: dict[str, object]
    model: "ModelTerms"
    seed: int
    max_attempts: int
    timeout_seconds: int
    correlation_id: str
    #: Of a request that an earlier attempt made by the same route; empty if there is none.
    ticket: str = ""

    @property
    def fence(self) -> Fence:
        return self.attempt, self.dispatch


class ModelTerms(BaseModel):
    """What was frozen of the model when the order was taken: later changes of the registry do not reach it (L12)."""

    model_config = ConfigDict(frozen=True)

    key: str
    title: str
    provider: str
    provider_model: str
    width_px: int
    height_px: int
    steps: int | None
    guidance: float | None
    #: For one picture.
    credits_price: int
    quota_price: int = 1
    deadline_seconds: int
    is_drawn: bool

    @property
    def route(self) -> str:
        """Whose tickets these are."""
        return f"{self.provider} {self.provider_model}"

    @classmethod
    def of(cls, model: ModelRead) -> "ModelTerms":
        """As the registry says now."""
        return cls.model_validate(model, from_attributes=True)
