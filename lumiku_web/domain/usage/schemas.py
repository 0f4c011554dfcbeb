"""What leaves this package: sums of a span of days, as facts."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

Key = TypeVar("Key", bound=Hashable)


class Period(StrEnum):
    """How long a span of UTC days is."""

    week = "week"
    days_30 = "days_30"
    days_90 = "days_90"
    #: Of the calendar.
    month = "month"


class Measure(StrEnum):
    """What can be summed, by its name in `Sums`."""

    pictures = "pictures"
    credits = "credits"
    quota = "quota"
    cost_microusd = "cost_microusd"


@dataclass(frozen=True)
class Span:
    """UTC days from the first to the last, both with it."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Sums:
    """What was delivered, and by what it was paid."""

    pictures: int = 0
    #: Captured.
    credits: int = 0
    quota: int = 0
    #: What providers said that it cost them; those that say nothing add nothing.
    cost_microusd: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.pictures + other.pictures,
            self.credits + other.credits,
            self.quota + other.quota,
            self.cost_microusd + other.cost_microusd,
        )

    def of(self, measure: Measure) -> int:
        """One of the four."""
        return getattr(self, measure.value)

    @property
    def credits_per_usd(self) -> float | None:
        """Credits captured for each US dollar of provider cost; None where nothing was said of a cost."""
        return self.credits * 1_000_000 / self.cost_microusd if self.cost_microusd else None


@dataclass(frozen=True)
class Cell:
    """One model by one app on one day."""

    day: date
    app: str
    model: str
    sums: Sums


@dataclass(frozen=True)
class MemberSums:
    """One member over the span."""

    user_id: UUID
    email: str
    sums: Sums


@dataclass(frozen=True)
class UsageRead:
    """A span of days, of one moment of the database."""

    span: Span
    #: Those that fit the filter.
    cells: tuple[Cell, ...]
    #: The first of them, by what was asked for.
    members: tuple[MemberSums, ...]
    #: How many members there are in all.
    member_count: int
    #: What there is to filter by.
    apps: tuple[str, ...]
    models: tuple[str, ...]

    @property
    def total(self) -> Sums:
        return sum((cell.sums for cell in self.cells), Sums())

    def by(self, key: Callable[[Cell], Key]) -> dict[Key, Sums]:
        """The sums of each key, in the order in which they come first."""
        return summed((key(cell), cell.sums) for cell in self.cells)


def summed(parts: Iterable[tuple[Key, Sums]]) -> dict[Key, Sums]:
    """The sums of each key."""
    found: dict[Key, Sums] = {}
    for key, sums in parts:
        found[key] = found.get(key, Sums()) + sums
    return found
