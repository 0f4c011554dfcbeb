"""A ledger that writes every call down, in the caller's transaction, and refuses none: what is said twice is seen twice."""

from uuid import UUID

from sqlalchemy import Engine, make_url, text

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.settings import Settings

_INSERT = text("INSERT INTO chaos_ledger (kind, order_id, item_id, amount) VALUES (:kind, :order_id, :item_id, :amount)")


class RecordingLedger:
    """The port `Ledger`."""

    name = "RecordingLedger"

    def hold(self, uow: UnitOfWork, user_id: UUID, amount: int, *, key: UUID) -> None:
        self._write(uow, "hold", key, None, amount)

    def capture(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        self._write(uow, "capture", key, item_id, amount)

    def release(self, uow: UnitOfWork, amount: int, *, key: UUID, item_id: UUID) -> None:
        self._write(uow, "release", key, item_id, amount)

    def _write(self, uow: UnitOfWork, kind: str, order_id: UUID, item_id: UUID | None, amount: int) -> None:
        uow.session.execute(_INSERT, {"kind": kind, "order_id": order_id, "item_id": item_id, "amount": amount})


def make_book(owner: Engine, settings: Settings) -> None:
    """The table that it writes to. `owner` is the role that migrates."""
    role = make_url(settings.database_url).username
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE chaos_ledger (kind text, order_id uuid, item_id uuid, amount integer)"))
        connection.execute(text(f'GRANT SELECT, INSERT ON chaos_ledger TO "{role}"'))
