"""Usage in words: sums as the page shows them, in the person's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from lumiku_web.domain.usage.schemas import Cell, Measure, Span, Sums, UsageRead, summed
from lumiku_web.ui.kit.chart import Chart, Share, day_bars, shares
from lumiku_web.ui.kit.record_table import NO_VALUE, Record
from lumiku_web.ui.texts import day, number, say

_MICRO: Final = 1_000_000
#: Bars of a list.
_LISTED: Final = 8


@dataclass(frozen=True)
class Choice:
    """What the page was asked for, beside the days."""

    measure: Measure = Measure.pictures
    #: By what the bars of a day are divided: `model` or `app`.
    stack: str = "model"


@dataclass(frozen=True)
class UsageView:
    """Everything that the page shows of a span of days."""

    span: str = ""
    is_newest: bool = True
    #: Pairs of value and label.
    apps: list[list[str]] = field(default_factory=list[list[str]])
    models: list[list[str]] = field(default_factory=list[list[str]])
    pictures: str = NO_VALUE
    credits: str = NO_VALUE
    quota: str = NO_VALUE
    cost: str = NO_VALUE
    cost_note: str = ""
    chart: Chart = field(default_factory=Chart)
    top_models: list[Share] = field(default_factory=list[Share])
    top_members: list[Share] = field(default_factory=list[Share])
    by_app: list[Record] = field(default_factory=list[Record])
    by_model: list[Record] = field(default_factory=list[Record])
    by_member: list[Record] = field(default_factory=list[Record])
    by_day: list[Record] = field(default_factory=list[Record])
    member_note: str = ""


@dataclass(frozen=True)
class Words:
    """The person's language, and what apps and models are called in it."""

    language: str
    apps: Mapping[str, str]
    models: Mapping[str, str]

    def measured(self, measure: Measure) -> Callable[[float], str]:
        """Writes a number of this measure."""
        return self.usd if measure is Measure.cost_microusd else self.count

    def count(self, value: float) -> str:
        return number(self.language, value)

    def usd(self, micro: float) -> str:
        """With as many decimals as tell something: a picture costs cents."""
        dollars = micro / _MICRO
        return say(
            self.language, "usage.usd", amount=number(self.language, dollars, decimals=2 if dollars >= 1 or not micro else 4)
        )

    def span(self, span: Span) -> str:
        first = day(self.language, span.first, has_year=span.first.year != span.last.year)
        return f"{first} \N{EN DASH} {day(self.language, span.last)}"


def view(found: UsageRead, choice: Choice, words: Words, *, is_newest: bool) -> UsageView:
    """All of it."""
    total, measured = found.total, words.measured(choice.measure)
    by_app, by_model = found.by(lambda cell: cell.app), found.by(lambda cell: cell.model)
    named_models = [(words.models.get(key, key), sums) for key, sums in _ranked(by_model, choice.measure)]
    named_apps = [(words.apps.get(key, key), sums) for key, sums in _ranked(by_app, choice.measure)]
    counted = say(words.language, f"usage.{choice.measure.value}")
    per_usd = total.credits_per_usd
    return UsageView(
        span=words.span(found.span),
        is_newest=is_newest,
        apps=[[key, words.apps.get(key, key)] for key in found.apps],
        models=[[key, words.models.get(key, key)] for key in found.models],
        pictures=words.count(total.pictures),
        credits=words.count(total.credits),
        quota=words.count(total.quota),
        cost=words.usd(total.cost_microusd),
        cost_note=say(words.language, "usage.cost_unsaid")
        if per_usd is None
        else say(words.language, "usage.cost_note", credits=number(words.language, per_usd, decimals=1)),
        chart=_chart(found, choice, words, counted),
        top_models=shares([(name, sums.of(choice.measure)) for name, sums in named_models[:_LISTED]], say=measured),
        top_members=shares([(one.email, one.sums.of(choice.measure)) for one in found.members[:_LISTED]], say=measured),
        by_app=[_record(name, name, sums, words) for name, sums in named_apps],
        by_model=[_record(name, name, sums, words) for name, sums in named_models],
        by_member=[_record(str(one.user_id), one.email, one.sums, words) for one in found.members],
        by_day=_days(found, words),
        member_note=_member_note(found, words, counted),
    )


def _chart(found: UsageRead, choice: Choice, words: Words, counted: str) -> Chart:
    names, of = (words.models, _model) if choice.stack == "model" else (words.apps, _app)
    days = found.span.days
    by_place = found.by(lambda cell: (of(cell), cell.day))
    ranked = _ranked(found.by(of), choice.measure)
    series = [
        (names.get(key, key), [by_place.get((key, on), Sums()).of(choice.measure) for on in days])
        for key, sums in ranked
        if sums.of(choice.measure)
    ]
    measured = words.measured(choice.measure)
    whole = say(
        words.language,
        "usage.whole",
        measure=counted,
        span=words.span(found.span),
        total=measured(found.total.of(choice.measure)),
    )
    rest = say(words.language, "usage.rest")
    return day_bars([day(words.language, on, has_year=False) for on in days], series, words=whole, rest=rest, say=measured)


def _app(cell: Cell) -> str:
    return cell.app


def _model(cell: Cell) -> str:
    return cell.model


def _ranked(sums: Mapping[str, Sums], measure: Measure) -> list[tuple[str, Sums]]:
    """The greatest first."""
    return sorted(sums.items(), key=lambda pair: (-pair[1].of(measure), -pair[1].pictures, pair[0]))


def _days(found: UsageRead, words: Words) -> list[Record]:
    """The newest first, also those on which nothing happened."""
    sums: Mapping[date, Sums] = summed((cell.day, cell.sums) for cell in found.cells)
    return [
        _record(on.isoformat(), day(words.language, on), sums.get(on, Sums()), words, value=on.isoformat())
        for on in reversed(found.span.days)
    ]


def _record(row_id: str, name: str, sums: Sums, words: Words, *, value: str = "") -> Record:
    """Name, pictures, credits, quota, cost, cost of a picture, credits for each dollar."""
    per_usd, dollars = sums.credits_per_usd, sums.cost_microusd / _MICRO
    each = sums.cost_microusd / sums.pictures if sums.pictures and sums.cost_microusd else None
    numbers: Sequence[tuple[str, float | str]] = [
        (words.count(sums.pictures), sums.pictures),
        (words.count(sums.credits), sums.credits),
        (words.count(sums.quota), sums.quota),
        (words.usd(sums.cost_microusd), dollars),
        (NO_VALUE, "") if each is None else (words.usd(each), round(each / _MICRO, 6)),
        (NO_VALUE, "") if per_usd is None else (number(words.language, per_usd, decimals=1), round(per_usd, 3)),
    ]
    return Record(id=row_id, cells=[name, *(text for text, _ in numbers)], values=[value, *(exact for _, exact in numbers)])


def _member_note(found: UsageRead, words: Words, counted: str) -> str:
    if found.member_count <= len(found.members):
        return ""
    shown, every = words.count(len(found.members)), words.count(found.member_count)
    return say(words.language, "usage.member_note", shown=shown, all=every, measure=counted)
