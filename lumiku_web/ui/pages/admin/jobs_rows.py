"""The house in words: numbers and lists as the page of jobs shows them, in the person's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lumiku_web.domain.generations.overview import FailedOrder, Numbers, RouteNumbers, StuckItem
from lumiku_web.domain.generations.schemas import ItemStatus, WorkerRead
from lumiku_web.ui.kit.record_table import NO_VALUE, Record
from lumiku_web.ui.texts import say

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
#: Looks that make a line.
_LINE_FROM: Final = 5
#: How late a worker's loop may be before its row says so.
LAG_MS: Final = 250.0


@dataclass(frozen=True)
class Figures:
    """What stands at the top."""

    waiting: str = NO_VALUE
    waiting_note: str = ""
    oldest: str = NO_VALUE
    in_flight: str = NO_VALUE
    in_flight_note: str = ""
    failed: str = NO_VALUE
    failed_note: str = ""
    #: SVG paths of the last minutes, in a box of 100 by 24.
    waiting_line: str = ""
    in_flight_line: str = ""


def figures(now: Numbers, lately: Sequence[Numbers], language: str) -> Figures:
    """The four numbers, each with a line about it."""
    return Figures(
        waiting=str(now.waiting + now.handed_over),
        waiting_note=say(language, "jobs.waiting_note", count=now.handed_over),
        oldest=NO_VALUE if now.oldest_wait_seconds is None else _span(now.oldest_wait_seconds, language),
        in_flight=say(language, "jobs.of", part=now.running, whole=now.capacity),
        in_flight_note=say(language, "jobs.in_flight_note", percent=round(100 * now.utilisation)),
        failed=str(now.failed),
        failed_note=say(language, "jobs.failed_note", count=now.ended),
        waiting_line=_line([some.waiting + some.handed_over for some in lately]),
        in_flight_line=_line([some.running for some in lately]),
    )


def _line(values: Sequence[int]) -> str:
    """The newest at the right; flat at the bottom where nothing happened."""
    if len(values) < _LINE_FROM:
        return ""
    most, step = max(*values, 1), 100 / (len(values) - 1)
    points = (f"{place * step:.1f} {22 - 16 * value / most:.1f}" for place, value in enumerate(values))
    return "M" + "L".join(points)


def worker_rows(workers: Iterable[WorkerRead], now: datetime, language: str) -> list[Record]:
    """By name."""
    return [_worker(worker, now, language) for worker in workers]


def route_rows(now: Numbers, language: str) -> list[Record]:
    """By key."""
    return [_route(route, now.at, language) for route in now.routes]


def stuck_rows(items: Iterable[StuckItem], now: datetime, language: str) -> list[Record]:
    """As they came."""
    return [_stuck(item, now, language) for item in items]


def failed_rows(orders: Iterable[FailedOrder], now: datetime, language: str) -> list[Record]:
    """As they came."""
    return [_failed(order, now, language) for order in orders]


def _worker(worker: WorkerRead, now: datetime, language: str) -> Record:
    tone = {"stopping": "warning", "suspended": "warning"}.get(worker.state, "success")
    word = say(language, f"jobs.worker.{worker.state}") if worker.state in _WORKER_STATES else worker.state or NO_VALUE
    lag_ms = round(worker.loop_lag_ms, -1)  # what flickers is sent each time
    if lag_ms > LAG_MS:
        tone, word = "danger", say(language, "jobs.worker.late")
    return Record(
        id=worker.name,
        cells=[
            worker.name,
            worker.host or NO_VALUE,
            word,
            say(language, "jobs.of", part=worker.in_flight, whole=worker.concurrency),
            str(worker.done),
            f"{lag_ms:.0f} ms",
            ago(worker.started_at, now, language),
        ],
        values=["", "", "", worker.in_flight, worker.done, lag_ms, iso(worker.started_at)],
        tone=tone,
    )


_WORKER_STATES: Final = ("started", "busy", "idle", "suspended", "stopping")


def _route(route: RouteNumbers, now: datetime, language: str) -> Record:
    kind, tone, word = _route_state(route, now, language)
    limit, reason = route.state.concurrency_limit, route.state.slow_reason
    return Record(
        id=route.key,
        cells=[
            named(route.key),
            word,
            str(route.waiting),
            str(route.in_flight),
            NO_VALUE if limit is None else str(limit),
            _seconds(route.median_seconds),
            _seconds(route.p90_seconds),
            str(route.failed),
            say(language, f"jobs.slow.{reason}") if kind == "slowed" and reason else NO_VALUE,
        ],
        values=[
            "",
            "",
            route.waiting,
            route.in_flight,
            "" if limit is None else limit,
            _rounded(route.median_seconds),
            _rounded(route.p90_seconds),
            route.failed,
            "",
        ],
        kind=kind,
        tone=tone,
    )


def _route_state(route: RouteNumbers, now: datetime, language: str) -> tuple[str, str, str]:
    """Kind, tone, words."""
    state = route.state
    if state.paused_at is not None:
        return "paused", "warning", say(language, "jobs.route.paused")
    if state.slowed_until is not None and state.slowed_until > now:
        rest = _span((state.slowed_until - now).total_seconds(), language)
        return "slowed", "warning", say(language, "jobs.route.slowed", span=rest)
    if state.allowed is not None:
        return "slowed", "warning", say(language, "jobs.route.careful", count=state.limit)
    if state.concurrency_limit is not None:
        return "open", "", say(language, "jobs.route.limited")
    return "open", "success", say(language, "jobs.route.open")


def named(key: str) -> str:
    """A route as people read it."""
    return key.replace(" ", " · ", 1)


def _stuck(item: StuckItem, now: datetime, language: str) -> Record:
    reason = say(language, f"error.{item.failure}", **{"seconds": 30, **item.failure_facts}) if item.failure else NO_VALUE
    return Record(
        id=str(item.id),
        cells=[
            item.email,
            named(item.route),
            say(language, f"jobs.trouble.{item.trouble.value}"),
            say(language, "jobs.of", part=item.attempt, whole=item.max_attempts),
            ago(item.ordered_at, now, language),
            reason,
            item.correlation_id[:8],
        ],
        values=["", "", "", item.attempt, iso(item.ordered_at), "", ""],
        kind="again" if item.status is ItemStatus.queued and item.failure else item.status.value,
        tone="danger" if item.trouble.value == "overdue" else "warning",
    )


def _failed(order: FailedOrder, now: datetime, language: str) -> Record:
    return Record(
        id=str(order.id),
        cells=[
            order.email,
            named(order.route),
            say(language, "jobs.of", part=order.failed, whole=order.count),
            say(language, f"error.{order.failure}", **{"seconds": 30, **order.failure_facts}),
            ago(order.failed_at, now, language),
            order.correlation_id[:8],
        ],
        values=["", "", order.failed, "", iso(order.failed_at), ""],
        kind="again" if order.is_tried_again else "running" if order.is_running else "open",
    )


def _span(seconds: float, language: str) -> str:
    """To the second below a minute, then as coarse as one says it."""
    whole = int(seconds)
    if whole < _MINUTE:
        return say(language, "age.seconds", count=whole)
    if whole < _HOUR:
        return say(language, "age.minutes", count=whole // _MINUTE)
    if whole < _DAY:
        return say(language, "age.hours", hours=whole // _HOUR, minutes=whole % _HOUR // _MINUTE)
    return say(language, "age.days", days=whole // _DAY, hours=whole % _DAY // _HOUR)


def ago(then: datetime | None, now: datetime, language: str) -> str:
    """It changes once a minute at most: what changes is sent."""
    if then is None:
        return NO_VALUE
    seconds = (now - then).total_seconds()
    return say(language, "age.now") if seconds < _MINUTE else say(language, "age.ago", span=_span(seconds, language))


def iso(then: datetime | None) -> str:
    return then.isoformat(timespec="seconds") if then else ""


def _seconds(value: float | None) -> str:
    return NO_VALUE if value is None else f"{_rounded(value)} s"


def _rounded(value: float | None) -> float | str:
    return "" if value is None else round(value, 1) if value < _MINUTE else round(value)
