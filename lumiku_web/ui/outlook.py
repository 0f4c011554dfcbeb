"""What a tab shows of pictures that are not there yet: place, time, reason, in the person's words. Told by `forecast`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from lumiku_web.domain.generations.outlook import EXACT_PLACES, Outlook, Span, Why
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say

#: Seconds up to which a time is told in seconds, and in minutes.
_IN_SECONDS, _IN_MINUTES = 90, 90 * 60
_UNITS = {"s": 1, "min": 60, "h": 3600}


class OutlookState(SessionState):
    """One line for each picture that waits or runs, and one for its order, by their ids; nothing else stays in it."""

    lines: dict[str, str] = {}

    def _tell(self, outlooks: Mapping[UUID, Outlook]) -> None:
        """Show these, and no other ones. For the forecast only."""
        lines = made_lines(outlooks, self.language)
        if lines != self.lines:
            self.lines = lines


def made_lines(outlooks: Mapping[UUID, Outlook], language: str) -> dict[str, str]:
    """Each picture's line by its id, and each order's by its own."""
    orders: dict[UUID, list[Outlook]] = {}
    for one in outlooks.values():
        orders.setdefault(one.order_id, []).append(one)
    said = {**outlooks, **{order_id: whole(some) for order_id, some in orders.items()}}
    return {str(key): text for key, one in said.items() if (text := words(one, language))}


def whole(outlooks: Iterable[Outlook]) -> Outlook:
    """Of an order: its first picture that waits, and the time until the last one is there."""
    some = sorted(outlooks, key=lambda one: (one.why is Why.running, one.place is None, one.place or 0))
    first, times = some[0], [one.time for one in some]
    if first.why in {Why.slowed, Why.attempt}:  # theirs is the time until it goes on
        return first
    known = [time for time in times if time is not None]
    is_known = len(known) == len(times)
    return replace(first, time=Span(max(t.low for t in known), max(t.high for t in known)) if is_known else None)


def words(outlook: Outlook, language: str) -> str:
    """One line, such as “Place 3 · about 40 s”; empty where there is nothing to say."""
    time = _time(outlook.time, language) if outlook.time else ""
    if outlook.why in {Why.running, Why.slowed, Why.attempt}:
        return say(language, f"outlook.{outlook.why}", time=time) if time else ""
    reason = "" if outlook.why is Why.turn else say(language, f"outlook.{outlook.why}", count=outlook.count)
    line = " · ".join(part for part in (reason, _place(outlook.place, language), time) if part)
    return line[:1].upper() + line[1:]


def _place(place: int | None, language: str) -> str:
    if place is None:
        return ""
    return say(language, "outlook.place" if place <= EXACT_PLACES else "outlook.about_place", place=place)


def _time(span: Span, language: str) -> str:
    high = _amount(span.high, _unit(span.high), language)
    if span.low == span.high:
        return say(language, "time.about", time=high)
    if not span.low:
        return say(language, "time.less", time=high)
    unit = _unit(span.high)
    if span.low % _UNITS[unit] == 0:
        return say(language, "time.range", low=span.low // _UNITS[unit], high=high)
    return say(language, "time.range", low=_amount(span.low, _unit(span.low), language), high=high)


def _unit(seconds: int) -> str:
    return "s" if seconds <= _IN_SECONDS else "min" if seconds <= _IN_MINUTES else "h"


def _amount(seconds: int, unit: str, language: str) -> str:
    return say(language, f"time.{unit}", count=seconds // _UNITS[unit])
