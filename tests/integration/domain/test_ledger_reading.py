"""Pages of the books: whole, in order, and at the same cost however many entries there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.ledger import reading
from lumiku_web.domain.ledger.schemas import Account, Entry, EventKind, Wallet
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.purse import Purse

#: A page of 50 and one more; of each the event and two postings, by index and by row, and some for the edges.
MOST_ROWS = 51 * 6


@pytest.fixture
def purse(house: House) -> Purse:
    return Purse.of_nobody_yet(house, 100)


def pages(purse: Purse, *, limit: int, **chosen: Any) -> list[list[Entry]]:
    """All pages of a statement."""
    found: list[list[Entry]] = []
    after = None
    while not found or after is not None:
        page = bridge.run(reading.statement, purse.user_id, after=after, limit=limit, **chosen)
        found.append(list(page.entries))
        after = page.after
    return found


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.number for entry in entries]


def test_a_statement_says_of_each_entry_what_it_moved_and_what_was_left(purse: Purse) -> None:
    order, item = purse.hold(30), new_id()
    purse.capture(order, 10, item_id=item, cost_microusd=7)
    purse.take_back(80)
    purse.give(5, reason="thank you")
    given, taken, captured, held = bridge.run(reading.statement, purse.user_id, limit=4).entries
    assert [e.kind for e in (given, taken, captured, held)] == ["purchase", "refund", "capture", "hold"]
    assert (held.available, held.held, held.owed, held.wallet) == (-30, 30, 0, Wallet(70, 30, 0))
    assert (captured.available, captured.held, captured.owed, captured.wallet) == (0, -10, 0, Wallet(70, 20, 0))
    assert (taken.available, taken.held, taken.owed, taken.wallet) == (-70, 0, 10, Wallet(0, 20, 10))
    assert (given.available, given.held, given.owed, given.wallet) == (0, 0, -5, Wallet(0, 20, 5))
    assert (captured.order_id, captured.item_id, given.reason) == (order, item, "thank you")
    for older, newer in ((held, captured), (captured, taken), (taken, given)):
        assert newer.number == older.number + 1
        for name in ("available", "held", "owed"):
            assert getattr(newer.wallet, name) == getattr(older.wallet, name) + getattr(newer, name)


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_the_pages_are_the_whole_statement_of_this_member_alone(house: House, purse: Purse, limit: int) -> None:
    Purse.of_nobody_yet(house, 5).give(3)
    for _ in range(4):
        purse.give(1)
    found = pages(purse, limit=limit)
    assert all(len(page) == limit for page in found[:-1])
    assert numbers([entry for page in found for entry in page]) == [6, 5, 4, 3, 2, 1]
    assert {entry.user_id for page in found for entry in page} == {purse.user_id}
    assert bridge.run(reading.statement, new_id()).entries == ()


def test_a_statement_is_of_the_kinds_and_the_time_that_are_asked_for(purse: Purse, owner_engine: Engine) -> None:
    purse.fill(300, engine=owner_engine)
    grants = [entry for page in pages(purse, limit=2, kinds=[EventKind.grant]) for entry in page]
    assert numbers(grants) == [302, 202, 102]
    both = pages(purse, limit=500, kinds=[EventKind.grant, EventKind.sign_up, EventKind.hold])
    assert numbers(both[0]) == [302, 202, 102, 1]
    assert pages(purse, limit=5, kinds=[EventKind.chargeback]) == [[]]
    since, until = (utc_now() - timedelta(minutes=ago, seconds=30) for ago in (200, 100))
    some = [entry for page in pages(purse, limit=7, since=since, until=until) for entry in page]
    everything = bridge.run(reading.statement, purse.user_id, limit=500).entries
    assert some == [entry for entry in everything if since <= entry.at < until]
    assert len(some) == 100


def test_a_time_is_kept_to_though_entries_overtook_each_other(purse: Purse, owner_engine: Engine) -> None:
    """Who waited for the wallet carries a later number than its time would give it."""
    purse.fill(100, engine=owner_engine)
    with owner_engine.begin() as connection:
        connection.execute(
            text("UPDATE ledger_events SET created_at = created_at - make_interval(mins => 5) WHERE entry = 60"),
        )
    entries = bridge.run(reading.statement, purse.user_id, limit=500).entries
    moved = next(entry for entry in entries if entry.number == 60)
    for border in (moved.at - timedelta(seconds=1), moved.at + timedelta(seconds=1)):
        older = bridge.run(reading.statement, purse.user_id, limit=500, until=border).entries
        newer = bridge.run(reading.statement, purse.user_id, limit=500, since=border).entries
        assert list(older) == [entry for entry in entries if entry.at < border]
        assert list(newer) == [entry for entry in entries if entry.at >= border]


def test_browsing_shows_everybody_newest_first_or_one(house: House, purse: Purse) -> None:
    other = Purse.of_nobody_yet(house, 7)
    purse.give(1)
    other.give(2)
    found: list[Entry] = []
    after = None
    while not found or after:
        page, after = bridge.run(reading.browse, after=after, limit=2)
        found += page
    assert [entry.id for entry in found] == sorted((entry.id for entry in [*purse.entries, *other.entries]), reverse=True)
    mine, after = bridge.run(reading.browse, user_id=purse.user_id, limit=2)
    assert numbers(mine) == [3, 2]
    rest, end = bridge.run(reading.browse, after=after, user_id=purse.user_id, limit=2)
    assert (numbers(rest), end) == ([1], None)
    bought, end = bridge.run(reading.browse, kinds=[EventKind.purchase], limit=2)
    assert ([entry.user_id for entry in bought], end) == ([other.user_id, purse.user_id], None)


def test_l1_the_totals_sum_to_zero_in_each_currency(house: House, purse: Purse) -> None:
    given = house.services.settings.sign_up_credits
    order = purse.hold(40)
    purse.capture(order, 30, cost_microusd=900)
    purse.give(7)
    purse.take_back(100)
    totals = bridge.run(reading.totals)
    assert totals == {
        Account.available: 0,
        Account.held: 10,
        Account.owed: -33,
        Account.granted: -given,
        Account.sold: 93,
        Account.revenue: 30,
        Account.corrections: given - 100,
        Account.provider_cost: 900,
        Account.provider_payable: -900,
    }
    assert sum(amount for account, amount in totals.items() if "provider" not in account) == 0


@contextmanager
def heard(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are said meanwhile, with their parameters."""
    words: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        words.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    yield words
    event.remove(engine, "before_cursor_execute", hear)


def rows_read(plan: dict[str, Any]) -> int:
    """What a plan has touched: rows that came out of tables and indexes, and those that were read in vain."""
    own = 0
    if "Relation Name" in plan or "Index Name" in plan:
        loops = plan["Actual Loops"]
        vain = sum(plan.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
        own = round((plan["Actual Rows"] + vain) * loops)
    return own + sum(rows_read(child) for child in plan.get("Plans", []))


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param({}, id="newest"),
        pytest.param({"after": 1500}, id="in the middle"),
        pytest.param({"kinds": [EventKind.grant]}, id="a kind"),
        pytest.param({"kinds": [EventKind.sign_up, EventKind.refund]}, id="rare kinds"),
        pytest.param({"until": utc_now() - timedelta(minutes=2500)}, id="long ago"),
        pytest.param({"since": utc_now() - timedelta(minutes=20)}, id="lately"),
    ],
)
def test_a_page_of_a_statement_reads_what_it_shows_however_much_there_is(
    house: House, services: Services, owner_engine: Engine, chosen: dict[str, Any]
) -> None:
    user_id = two_who_have_much(house, owner_engine)
    assert 0 < rows_of(services.engine, partial(reading.statement, user_id=user_id, **chosen)) <= MOST_ROWS


@pytest.mark.parametrize("kinds", [(), (EventKind.sign_up,)])
@pytest.mark.parametrize("whose", ["everybody's", "one's"])
def test_a_page_of_the_books_reads_what_it_shows_however_much_there_is(
    house: House, services: Services, owner_engine: Engine, whose: str, kinds: tuple[EventKind, ...]
) -> None:
    user_id = two_who_have_much(house, owner_engine)
    look = partial(reading.browse, user_id=user_id if whose == "one's" else None, kinds=kinds)
    assert 0 < rows_of(services.engine, look) <= MOST_ROWS


def two_who_have_much(house: House, engine: Engine) -> UUID:
    purses = [Purse.of_nobody_yet(house, 1) for _ in range(2)]
    for purse in purses:
        purse.fill(3000, engine=engine)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE ledger_events, ledger_postings"))
    return purses[0].user_id


def rows_of(engine: Engine, look: Callable[[UnitOfWork], object]) -> int:
    """How many rows the one statement touches that it takes to look."""
    with heard(engine) as words:
        bridge.run(look)
    ((statement, parameters),) = words
    with engine.connect() as connection:
        explained = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    return rows_read(explained[0]["Plan"])
