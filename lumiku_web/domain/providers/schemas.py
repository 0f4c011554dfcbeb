"""What is known of a route: one model of one provider, and how it lets itself be asked right now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

#: Stands for all routes where one is paused.
EVERYTHING: Final = "*"


@dataclass(frozen=True)
class RouteState:
    """How a route may be asked. Times are of the database's clock."""

    #: `<provider> <provider's model>`, as in `ModelTerms.route`; or `EVERYTHING`.
    key: str
    #: Requests in flight that an admin allows; None: as many as there are.
    concurrency_limit: int | None = None
    #: The same after the provider said that it is too much; grows with every answer. None: it did not lately.
    allowed: int | None = None
    #: Nothing is asked before, by the provider's own wish.
    slowed_until: datetime | None = None
    #: Text catalogue key (`error.<key>`) of that wish.
    slow_reason: str = ""
    paused_at: datetime | None = None

    @property
    def limit(self) -> int | None:
        """Requests in flight at most; None: no bound."""
        bounds = [bound for bound in (self.concurrency_limit, self.allowed) if bound is not None]
        return min(bounds, default=None)

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing may be asked, by an admin's or the provider's wish."""
        return self.paused_at is not None or (self.slowed_until is not None and self.slowed_until > now)
