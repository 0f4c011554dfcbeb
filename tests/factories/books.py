"""A ledger that only writes down what it was told."""

from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork


class Books:
    """The port `Ledger`; `entries` are what it was asked for, in order."""

    name = "Books"

    def __init__(self) -> None:
        self.entries: list[tuple[str, UUID]] = []

    def hold(self, uow: UnitOfWork, user_id: UUID, amount: int, *, key: UUID) -> None:
        self.entries.append(("hold", key))

    def capture(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        self.entries.append(("capture", item_id))

    def release(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        self.entries.append(("release", item_id))
