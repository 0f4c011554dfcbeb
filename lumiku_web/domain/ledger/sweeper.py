"""Looks at the books each night."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from lumiku_web.db.unit_of_work import Call
from lumiku_web.domain.ledger import checks
from lumiku_web.domain.ledger.schemas import CheckRead
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Seconds between two looks whether a new UTC day has begun.
EVERY_SECONDS: Final = 60.0


@dataclass(frozen=True)
class NightWatch:
    """The leader's; several at once do no harm."""

    call: Call
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def once(self) -> CheckRead | None:
        """One look. Raises: Unavailable."""
        found: CheckRead | None = await self.call(checks.check_once_a_day)
        if found is not None and found.is_right:
            log.info("ledger.checked", events=found.events)
        elif found is not None:
            log.error("ledger.wrong", events=found.events, **found.findings)
        return found

    async def run(self) -> None:
        """Look again and again; a part of the house that is down is waited for."""
        while True:
            try:
                await self.once()
            except Unavailable as down:
                log.warning("ledger.check_waits", reason=down.key)
            except Exception:
                log.exception("ledger.check_bug")
            await self.sleep(EVERY_SECONDS)
