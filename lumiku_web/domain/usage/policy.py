"""Which days a span has."""

from datetime import date, timedelta
from typing import Final

from lumiku_web.domain.usage.schemas import Period, Span

_LENGTHS: Final = {Period.week: 7, Period.days_30: 30, Period.days_90: 90}
#: Steps that somebody may go back: decades.
_BACK_MAX: Final = 1000


def span_of(period: Period, today: date, back: int = 0) -> Span:
    """The span that ends today, or as many spans before it as `back` says. Months are those of the calendar."""
    back = min(max(back, 0), _BACK_MAX)
    if period is Period.month:
        months = today.year * 12 + today.month - 1 - back
        first = date(months // 12, months % 12 + 1, 1)
        after = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
        return Span(first, min(after - timedelta(days=1), today))
    length = timedelta(days=_LENGTHS[period])
    last = today - back * length
    return Span(last - length + timedelta(days=1), last)
