"""What the database refuses, whoever asks (L1, L3, L10, L14)."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from lumiku_web.ids import new_id
from lumiku_web.settings import Settings
from tests.factories.house import House
from tests.factories.purse import Purse, findings


@pytest.fixture
def purse(house: House) -> Purse:
    return Purse.of_nobody_yet(house, 100)


@pytest.fixture
def application(settings: Settings) -> Iterator[Engine]:
    """As the role that runs."""
    engine = create_engine(settings.database_url)
    yield engine
    engine.dispose()


def write_event(connection: Connection, user_id: UUID, postings: list[tuple[str, str, int]], **columns: object) -> None:
    """An event as the product writes it, with these postings of account, currency and amount."""
    known = {"id": new_id(), "kind": "purchase", "key": str(new_id()), "entry": 999, "available": 0, "reason": "", **columns}
    connection.execute(
        text(
            "INSERT INTO ledger_events (id, created_at, kind, key, user_id, entry, available, held, owed, reason)"
            " VALUES (:id, now(), :kind, :key, :user_id, :entry, :available, 0, 0, :reason)"
        ),
        {"user_id": user_id, **known},
    )
    for account, currency, amount in postings:
        owner = user_id if account in {"available", "held", "owed"} else None
        connection.execute(
            text("INSERT INTO ledger_postings VALUES (:event, :account, :owner, :currency, :amount)"),
            {"event": known["id"], "account": account, "owner": owner, "currency": currency, "amount": amount},
        )


def change(connection: Connection, table: str, values: str) -> None:
    connection.execute(text(f"UPDATE {table} SET {values}"))  # noqa: S608 (of this file)


@pytest.mark.parametrize(
    "postings",
    [
        pytest.param([], id="none"),
        pytest.param([("available", "credit", 5)], id="one side"),
        pytest.param([("available", "credit", 5), ("sold", "credit", -4)], id="unequal sides"),
        pytest.param([("provider_cost", "microusd", 5)], id="one side in dollars"),
        pytest.param(
            [("available", "credit", 5), ("sold", "credit", -5), ("provider_cost", "microusd", 1)], id="equal in one currency"
        ),
        pytest.param([("available", "credit", 5), ("provider_payable", "microusd", -5)], id="one currency for the other"),
    ],
)
def test_l1_an_event_that_does_not_sum_to_zero_is_refused_at_the_commit(
    application: Engine, purse: Purse, postings: list[tuple[str, str, int]]
) -> None:
    with application.connect() as connection:
        write_event(connection, purse.user_id, postings)
        with pytest.raises(IntegrityError, match="does not sum to zero"):
            connection.commit()
    assert findings() == {}


def test_l1_a_posting_that_comes_later_is_looked_at_too(application: Engine, purse: Purse) -> None:
    statement = text("INSERT INTO ledger_postings VALUES (:event, 'revenue', NULL, 'credit', 5)")
    with application.connect() as connection:
        connection.execute(statement, {"event": purse.entries[-1].id})
        with pytest.raises(IntegrityError, match="does not sum to zero"):
            connection.commit()


@pytest.mark.parametrize(
    ("postings", "constraint"),
    [
        ([("available", "credit", 0), ("sold", "credit", 0)], "amount_not_zero"),
        ([("available", "microusd", 5), ("sold", "credit", -5)], "currency_of_its_account"),
        ([("provider_cost", "credit", 5), ("provider_payable", "credit", -5)], "currency_of_its_account"),
        ([("pocket", "credit", 5), ("sold", "credit", -5)], "account_known"),
    ],
)
def test_l10_a_posting_that_makes_no_sense_is_refused(
    application: Engine, purse: Purse, postings: list[tuple[str, str, int]], constraint: str
) -> None:
    with application.connect() as connection, pytest.raises(IntegrityError, match=constraint):
        write_event(connection, purse.user_id, postings)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"kind": "gift"}, "kind_known"),
        ({"kind": "grant", "reason": ""}, "reason_given"),
        ({"kind": "adjustment", "reason": ""}, "reason_given"),
        ({"available": -1}, "balances_not_negative"),
        ({"entry": 1}, "user_id_entry"),
        ({"key": "x" * 201}, "key_length"),
    ],
)
def test_l10_an_event_that_makes_no_sense_is_refused(
    application: Engine, purse: Purse, columns: dict[str, object], constraint: str
) -> None:
    with application.connect() as connection, pytest.raises(IntegrityError, match=constraint):
        write_event(connection, purse.user_id, [("available", "credit", 5), ("sold", "credit", -5)], **columns)


@pytest.mark.parametrize("balance", ["available", "held", "owed"])
def test_l3_no_statement_makes_a_balance_negative(application: Engine, purse: Purse, balance: str) -> None:
    with application.connect() as connection, pytest.raises(IntegrityError, match=f"{balance}_not_negative"):
        change(connection, "wallets", f"{balance} = {balance} - 1000")
    assert purse.balances == (100, 0, 0)


@pytest.mark.parametrize(
    "values", ["captured = 11", "released = 11", "captured = 6, released = 5", "captured = -1", "amount = 0"]
)
def test_l5_no_statement_ends_more_than_was_held(application: Engine, purse: Purse, values: str) -> None:
    purse.hold(10)
    with application.connect() as connection, pytest.raises(IntegrityError, match=r"ends_once|amount_positive"):
        change(connection, "holds", values)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("image_models", "credits_price = 0"),
        ("image_models", "credits_price = -8"),
        ("image_models", "quota_price = 0"),
        ("generations", "credits_price = 0"),
        ("generations", "quota_price = -1"),
        ("generations", "count = -1"),
        ("generations", "model_key = 'nobody-knows-it'"),
    ],
)
def test_l10_a_price_of_nothing_and_an_unknown_model_are_refused_by_the_database(
    application: Engine, house: House, table: str, values: str
) -> None:
    house.submit(house.member())
    with application.connect() as connection, pytest.raises(IntegrityError):
        change(connection, table, values)


@pytest.mark.parametrize("table", ["ledger_postings", "ledger_events", "ledger_checks"])
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_l14_the_role_that_runs_can_add_to_the_books_and_change_nothing(
    application: Engine, purse: Purse, table: str, act: str
) -> None:
    column = "amount" if table == "ledger_postings" else "created_at"
    with application.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(act.format(table, column, column)))
    assert purse.balances == (100, 0, 0)


@pytest.mark.parametrize("act", ["DROP TRIGGER sums_to_zero ON ledger_postings", "ALTER TABLE wallets DROP COLUMN owed"])
def test_l14_the_role_that_runs_can_take_no_guard_away(application: Engine, purse: Purse, act: str) -> None:
    with application.connect() as connection, pytest.raises(ProgrammingError, match="must be owner"):
        connection.execute(text(act))
