"""No credits yet: every order is free. The admin page says so."""

from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork


class NullLedger:
    """Keeps no account of anything."""

    name = "NullLedger"

    def hold(self, uow: UnitOfWork, user_id: UUID, amount: int, *, key: UUID) -> None:
        """Nothing is set aside."""

    def capture(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        """Nothing is taken."""

    def release(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        """Nothing is given back."""
