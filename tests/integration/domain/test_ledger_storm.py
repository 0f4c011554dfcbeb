"""Many at once, and death at any point (L2, L3, L7)."""

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine

from lumiku_web import bridge
from lumiku_web.bootstrap import Services, install
from lumiku_web.db.engine import make_engine
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.generations.models import Generation
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.models import Hold, WalletRow
from lumiku_web.errors import LimitReached
from lumiku_web.ids import new_id
from tests.factories import mover
from tests.factories.at_once import at_once
from tests.factories.house import House
from tests.factories.patience import patient
from tests.factories.purse import Purse, findings
from tests.factories.rows import all_rows, count_of

KILLS = 40
#: What a plan says to the database at least, where all of it has happened before.
WORDS = mover.ACTS * 3


@pytest.fixture
def many_connections(services: Services) -> Iterator[Engine]:
    """Spenders wait for the wallet, not for a connection."""
    engine = patient(make_engine(services.settings.database_url, pool_size=64, application="storm"))
    install(Services(**{**vars(services), "engine": engine}))
    yield engine
    install(services)
    engine.dispose()


def moved(purse: Purse, seed: int, **death: float) -> int | None:
    """Let a process go through the plan; its exit code."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([mover.__name__])
    url = bridge.services().settings.database_url
    process = context.Process(target=mover.move, args=(url, purse.user_id, seed), kwargs=death)
    process.start()
    process.join(120)
    return process.exitcode


def test_l2_a_process_that_is_killed_at_any_point_leaves_books_that_are_right(house: House) -> None:
    seed = int(os.urandom(4).hex(), 16)
    dice = random.Random(seed)
    killed, spared = Purse.of_nobody_yet(house), Purse.of_nobody_yet(house)
    assert moved(spared, seed) == 0
    for number in range(KILLS):
        at = dice.randint(1, WORDS)
        after_ms = dice.uniform(0.1, 4.0) if number % 2 else 0.0
        ends = {-signal.SIGKILL, 0} if after_ms else {-signal.SIGKILL}
        assert moved(killed, seed, dies_at=at, after_ms=after_ms) in ends
        assert findings() == {}, f"seed {seed}, word {at}, {after_ms:.1f} ms later"
    assert moved(killed, seed) == 0
    assert killed.balances == spared.balances
    assert Counter(killed.kinds) == Counter(spared.kinds), "all happened, and each once"
    assert [entry.number for entry in killed.entries] == list(range(1, len(killed.entries) + 1))
    assert findings() == {}


def test_l3_64_who_spend_at_once_spend_what_is_there_and_no_more(house: House, many_connections: Engine) -> None:
    purse = Purse.of_nobody_yet(house, 100)

    def spend(number: int) -> str:
        order = new_id()
        try:
            purse.hold(3, order)
        except LimitReached as short:
            return short.key
        if number % 2:
            purse.capture(order, 3)
            return "captured"
        purse.release(order, 2)
        return "released"

    with ThreadPoolExecutor(64) as spenders:
        answers = Counter(spenders.map(spend, range(64 * 4)))
    captured, released = 3 * answers["captured"], answers["released"]
    assert set(answers) == {"captured", "released", "credits_short"}
    assert purse.balances == (100 - captured - released, released, 0), "of each three that were released one is still held"
    assert min(min(e.wallet.available, e.wallet.held) for e in purse.entries) >= 0
    assert findings() == {}


def test_l3_64_orders_at_once_are_as_many_as_the_credits_last_for(house: House, many_connections: Engine) -> None:
    ada = house.member()
    purse, studio = Purse(ada.user_id), house.project(ada).id
    purse.adjust(21 - purse.wallet.available)
    answers = at_once(lambda _: house.submit(ada, house.order(studio, count=2)), range(64))
    assert answers.count("credits_short") == 54
    assert (count_of(Generation), count_of(Hold)) == (10, 10)
    assert purse.balances == (1, 20, 0)
    assert findings(without=frozenset()) == {}


def test_l3_a_wallet_that_was_read_before_is_read_again_under_its_lock(house: House, many_connections: Engine) -> None:
    purse = Purse.of_nobody_yet(house, 10)
    known = []

    def late(uow: UnitOfWork) -> None:
        known.append(uow.session.get(WalletRow, purse.user_id))
        with ThreadPoolExecutor(1) as somebody:
            somebody.submit(purse.hold, 8).result(60)
        with pytest.raises(LimitReached):
            ledger.hold(uow, purse.user_id, new_id(), 8)

    bridge.run(late)
    assert purse.balances == (2, 8, 0)


def test_l7_one_key_in_fifty_parallel_requests_holds_once(house: House, many_connections: Engine) -> None:
    ada = house.member()
    purse, order = Purse(ada.user_id), house.order(house.project(ada).id, count=4)
    before = purse.wallet.available
    answers = {answer.id for answer in at_once(lambda _: house.submit(ada, order), range(50))}
    assert [hold.order_id for hold in all_rows(Hold)] == list(answers)
    assert purse.balances == (before - 4, 4, 0)
    assert purse.kinds.count("hold") == 1
    assert findings(without=frozenset()) == {}


def test_l7_one_end_of_an_item_said_by_many_at_once_is_one(house: House, many_connections: Engine) -> None:
    purse = Purse.of_nobody_yet(house, 10)
    order, item = purse.hold(10), new_id()

    def end(number: int) -> tuple[str, bool]:
        word = "capture" if number % 2 else "release"
        return word, getattr(purse, word)(order, 10, item_id=item)

    heard = [word for word, was_first in at_once(end, range(32)) if was_first]
    assert len(heard) == 1
    assert purse.balances == ((10, 0, 0) if heard == ["release"] else (0, 0, 0))
    assert findings() == {}


def test_what_one_member_does_keeps_no_other_waiting(house: House, many_connections: Engine) -> None:
    one, other = Purse.of_nobody_yet(house, 10), Purse.of_nobody_yet(house, 10)

    def while_locked(user_id: UUID) -> bool:
        with ThreadPoolExecutor(1) as somebody, many_connections.connect() as connection:
            connection.exec_driver_sql("SELECT 1 FROM wallets WHERE user_id = %s FOR UPDATE", (user_id,))
            return somebody.submit(other.give, 5).result(60)

    assert while_locked(one.user_id)
    assert other.balances == (15, 0, 0)
