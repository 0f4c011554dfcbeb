"""A process that moves credits by a plan, and that dies by SIGKILL where it is told to.

It moves what it can; what it moved before it was killed has happened, and the rest has not. The plan can be gone through again.
"""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from uuid import UUID, uuid5

from sqlalchemy import create_engine, event

import lumiku_web.tables  # noqa: F401  (a wallet is a user's)
from lumiku_web.db.unit_of_work import UnitOfWork, transaction
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import EventKind

#: Acts of a plan, each of which is one transaction.
ACTS = 60

Act = Callable[[UnitOfWork], object]


def plan(user_id: UUID, seed: int) -> Iterator[Act]:
    """Purchases, and orders of four pictures of which some come. For another member the same, with other ids."""
    dice = random.Random(seed)
    for number in range(ACTS // 6):
        order = uuid5(user_id, f"order {number}")
        amount, price = dice.randint(30, 90), dice.randint(1, 6)
        yield lambda uow, n=number, a=amount: ledger.give(uow, EventKind.purchase, user_id, a, key=f"purchase {user_id} {n}")
        yield lambda uow, o=order, p=price: ledger.hold(uow, user_id, o, 4 * p)
        for place in range(4):
            item, comes = uuid5(order, f"item {place}"), dice.random() < 0.6
            end = ledger.capture if comes else ledger.release
            yield lambda uow, e=end, o=order, i=item, p=price: e(uow, user_id, o, i, p)


def move(url: str, user_id: UUID, seed: int, *, dies_at: int = 0, after_ms: float = 0.0) -> None:
    """Go through the plan. `dies_at`: before that word to the database, its commits counted; or so long after it, by a clock."""
    engine = create_engine(url, pool_size=1)
    words = 0

    def count(*_: object) -> None:
        nonlocal words
        words += 1
        if words == dies_at and after_ms:
            threading.Timer(after_ms / 1000, os.kill, (os.getpid(), signal.SIGKILL)).start()
        elif words == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    for act in plan(user_id, seed):
        with transaction(engine) as uow:
            act(uow)
