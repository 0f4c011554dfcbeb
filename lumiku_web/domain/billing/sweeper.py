"""Writes down what time does to subscriptions. Nothing that is enforced waits for it: see `policy.as_of`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from lumiku_web.db.unit_of_work import Call
from lumiku_web.domain.billing.subscriptions import LIMIT, Billing
from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

#: Seconds between two looks.
EVERY_SECONDS: Final = 60.0


@dataclass(frozen=True)
class SubscriptionSweeper:
    """The leader's; several at once do no harm."""

    call: Call
    billing: Billing
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def once(self) -> int:
        """One look; a full batch is followed by the next one. Returns how many members it moved along. Raises: Unavailable."""
        moved = 0
        while batch := await self.call(self.billing.advance):
            moved += batch
            if batch < LIMIT:
                break
        if moved:
            log.info("billing.advanced", members=moved)
        return moved

    async def run(self) -> None:
        """Look again and again; a database that is down is waited for."""
        while True:
            try:
                await self.once()
            except Unavailable as down:
                log.warning("billing.waiting", reason=down.key)
            except Exception:
                log.exception("billing.bug")
            await self.sleep(EVERY_SECONDS)
