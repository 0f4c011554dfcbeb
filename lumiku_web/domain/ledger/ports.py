"""What an order costs, as far as generations need to know."""

from typing import Protocol
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork


class Ledger(Protocol):
    """Holds before the work, captures with each delivery, releases the rest. All within the caller's transaction."""

    #: What the admin page calls it.
    name: str

    def hold(self, uow: UnitOfWork, user_id: UUID, amount: int, *, key: UUID) -> None:
        """Set `amount` credits aside under `key`; the same key again does nothing. Raises: LimitReached."""
        ...

    def capture(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        """Take `amount` of the hold for one delivered item, once."""
        ...

    def release(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        """Give `amount` of the hold back for one item that was not delivered, once."""
        ...
