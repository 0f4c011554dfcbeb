"""A member's credits, moved with one call each, and looked at as the database has them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.ledger import checks, reading
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import Entry, EventKind, Wallet
from lumiku_web.ids import new_id
from tests.factories.house import House

#: Checks that compare the ledger with orders, of which tests of the ledger alone have none.
OF_ORDERS = frozenset({"order_holds", "usage_days", "allowances"})


@dataclass(frozen=True)
class Purse:
    """One member's."""

    user_id: UUID

    @classmethod
    def of_nobody_yet(cls, house: House, credits: int = 0) -> "Purse":
        """A new member's; the sign-up's credits are taken away first."""
        purse = cls(house.member().user_id)
        if credits != purse.wallet.available:
            purse.adjust(credits - purse.wallet.available)
        return purse

    @property
    def wallet(self) -> Wallet:
        return bridge.run(ledger.wallets, [self.user_id])[self.user_id]

    @property
    def balances(self) -> tuple[int, int, int]:
        wallet = self.wallet
        return wallet.available, wallet.held, wallet.owed

    @property
    def entries(self) -> list[Entry]:
        """All of them, oldest first."""
        return list(reversed(bridge.run(reading.statement, self.user_id, limit=10_000).entries))

    @property
    def kinds(self) -> list[str]:
        return [entry.kind.value for entry in self.entries]

    def give(self, amount: int, *, kind: EventKind = EventKind.purchase, key: str = "", reason: str = "a present") -> bool:
        return bridge.run(ledger.give, kind, self.user_id, amount, key=key or str(new_id()), reason=reason)

    def take_back(self, amount: int, *, kind: EventKind = EventKind.refund, key: str = "") -> bool:
        return bridge.run(ledger.take_back, kind, self.user_id, amount, key=key or str(new_id()))

    def adjust(self, amount: int, *, key: str = "", reason: str = "a slip") -> bool:
        return bridge.run(ledger.adjust, self.user_id, amount, key=key or str(new_id()), actor_id=None, reason=reason)

    def hold(self, amount: int, order_id: UUID | None = None) -> UUID:
        order_id = order_id or new_id()
        bridge.run(ledger.hold, self.user_id, order_id, amount)
        return order_id

    def capture(self, order_id: UUID, amount: int, *, item_id: UUID | None = None, cost_microusd: int = 0) -> bool:
        return bridge.run(ledger.capture, self.user_id, order_id, item_id or new_id(), amount, cost_microusd=cost_microusd)

    def release(self, order_id: UUID, amount: int, *, item_id: UUID | None = None) -> bool:
        return bridge.run(ledger.release, self.user_id, order_id, item_id or new_id(), amount)

    def expire(self, order_id: UUID) -> int:
        return bridge.run(ledger.expire, self.user_id, order_id)

    def fill(self, count: int, *, engine: Engine) -> None:
        """So many more entries, as the owner of the tables: each of 1 credit, a minute apart; each hundredth is a grant."""
        with engine.begin() as connection:
            for statement in (_AGE, _FILL):
                connection.execute(text(statement), {"user": self.user_id, "count": count})


def findings(*, without: frozenset[str] = OF_ORDERS) -> dict[str, int]:
    """What the checks of the books find."""

    def look(uow: UnitOfWork) -> dict[str, int]:
        return dict(checks.check(uow).findings)

    return {name: number for name, number in bridge.run(look).items() if name not in without}


_AGE = "UPDATE ledger_events SET created_at = created_at - make_interval(mins => :count) WHERE user_id = :user"
_FILL = """
WITH wallet AS (
    UPDATE wallets SET available = available + :count, entries = entries + :count WHERE user_id = :user RETURNING *
), new AS (
    SELECT uuidv7(make_interval(mins => n - :count)) AS id,
        w.entries - :count + n AS entry, w.available - :count + n AS available, w.held, w.owed, n
    FROM wallet w, generate_series(1, :count) n
), events AS (
    INSERT INTO ledger_events (id, created_at, kind, key, user_id, entry, available, held, owed, reason)
    SELECT id, now() - make_interval(mins => :count - n), CASE WHEN n % 100 = 0 THEN 'grant' ELSE 'purchase' END,
        id::text, :user, entry, available, held, owed, 'filled'
    FROM new
)
INSERT INTO ledger_postings (event_id, account, user_id, currency, amount)
SELECT id, 'available', :user, 'credit', 1 FROM new
UNION ALL SELECT id, CASE WHEN n % 100 = 0 THEN 'granted' ELSE 'sold' END, NULL, 'credit', -1 FROM new
"""
