"""The payments of the house, and a note of each time that somebody asked for one."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.payments import Held, Payments
from lumiku_web.domain.billing.schemas import Price, Share, Standing


@dataclass(frozen=True)
class Books(Payments):
    """`entries` are what was asked for, in order, each with the order or the item that it was for."""

    entries: list[tuple[str, UUID]] = field(default_factory=list[tuple[str, UUID]])

    def hold(self, uow: UnitOfWork, standing: Standing, order_id: UUID, price: Price, count: int, **how: Any) -> Held:
        self.entries.append(("hold", order_id))
        return super().hold(uow, standing, order_id, price, count, **how)

    def capture(self, uow: UnitOfWork, share: Share, *, cost_microusd: int = 0) -> None:
        self.entries.append(("capture", share.item_id))
        super().capture(uow, share, cost_microusd=cost_microusd)

    def release(self, uow: UnitOfWork, share: Share) -> None:
        self.entries.append(("release", share.item_id))
        super().release(uow, share)
