"""Accounts and sessions: one first admin, secrets that are kept nowhere, sessions that end (T4, T5)."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import update

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.accounts.models import SignInSession, User
from lumiku_web.domain.accounts.schemas import NewAccount
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.errors import Conflict, InvalidInput, NotPermitted, SignInRequired
from tests.factories.at_once import at_once
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of


def sign_up(services: Services, email: str) -> UUID:
    return bridge.run(services.accounts.sign_up, NewAccount(email, "Ada", ""), "hash", language="id")


def change_session(**values: object) -> None:
    def write(uow: UnitOfWork) -> None:
        uow.session.execute(update(SignInSession).values(**values))

    bridge.run(write)


def test_the_first_account_is_the_admins_and_no_other_is(services: Services, house: House) -> None:
    assert not bridge.run(accounts.has_accounts)
    assert house.member().is_admin
    assert not house.member(name="Eve").is_admin
    assert bridge.run(accounts.has_accounts)


def test_eight_first_visitors_at_once_make_one_admin(services: Services) -> None:
    assert len(set(at_once(lambda number: sign_up(services, f"visitor{number}@example.test"), range(8)))) == 8
    assert sorted(user.role for user in all_rows(User)) == ["admin", *["member"] * 7]


def test_one_address_is_one_account_whatever_its_case(services: Services) -> None:
    sign_up(services, "ada@example.test")
    with pytest.raises(Conflict) as refused:
        sign_up(services, "Ada@Example.test")
    assert refused.value.key == "email_taken"


def test_one_address_signed_up_eight_times_at_once_is_one_account(services: Services) -> None:
    sign_up(services, "first@example.test")
    assert at_once(lambda _: sign_up(services, "ada@example.test"), range(8)).count("email_taken") == 7
    assert count_of(User) == 2


def test_closed_sign_up_lets_the_first_one_in_only(services: Services) -> None:
    closed = replace(services.accounts, sign_up_open=False)
    bridge.run(closed.sign_up, NewAccount("ada@example.test", "Ada", ""), "hash", language="en")
    with pytest.raises(NotPermitted) as refused:
        bridge.run(closed.sign_up, NewAccount("eve@example.test", "Eve", ""), "hash", language="en")
    assert refused.value.key == "sign_up_closed"


def test_t4_the_secret_is_kept_nowhere_but_in_the_cookie(house: House, owner_engine: Engine) -> None:
    actor, secret = house.sign_in()
    (session,) = all_rows(SignInSession)
    assert session.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) >= 43, "256 random bits"
    with owner_engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for table in tables:
            rows = connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars().all()  # noqa: S608 (our own tables)
            assert not any(secret in row for row in rows), table
    assert secret not in repr(actor)


def test_t4_every_sign_in_has_a_session_of_its_own(services: Services, house: House) -> None:
    actor, secret = house.sign_in()
    other = bridge.run(services.accounts.open_session, actor.user_id, user_agent="x" * 1000)
    assert secret != other
    assert bridge.run(services.accounts.actor, other).session_id != actor.session_id


def test_t4_a_session_ends_when_nobody_uses_it(services: Services, house: House) -> None:
    _, secret = house.sign_in()
    idle = services.accounts.session_idle
    change_session(last_seen_at=utc_now() - idle + timedelta(minutes=2))
    assert bridge.run(services.accounts.actor, secret), "just in time, and seen again by this"
    (session,) = all_rows(SignInSession)
    assert utc_now() - session.last_seen_at < timedelta(minutes=1)
    change_session(last_seen_at=utc_now() - idle - timedelta(seconds=1))
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)


def test_t4_a_session_ends_at_the_latest_at_its_absolute_limit(services: Services, house: House) -> None:
    _, secret = house.sign_in()
    (session,) = all_rows(SignInSession)
    assert abs(session.expires_at - session.created_at - services.accounts.session_absolute) < timedelta(seconds=5)
    change_session(expires_at=utc_now() - timedelta(seconds=1))
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)
    bridge.run(services.accounts.open_session, session.user_id, user_agent="")
    assert session.id not in {row.id for row in all_rows(SignInSession)}, "forgotten at the next sign-in"


@pytest.mark.parametrize("secret", ["", "x", "x" * 10_000, "é", "' OR 1=1 --", "\x00"])
def test_a_guessed_secret_is_nobodys(services: Services, house: House, secret: str) -> None:
    house.sign_in()
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)


def test_t4_sign_out_ends_this_session_and_no_other(services: Services, house: House) -> None:
    actor, secret = house.sign_in()
    other = bridge.run(services.accounts.open_session, actor.user_id, user_agent="phone")
    for _ in range(2):
        bridge.run(services.accounts.sign_out, secret)
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)
    assert bridge.run(services.accounts.actor, other).user_id == actor.user_id
    assert [event.action for event in all_rows(AuditEvent)].count("signed_out") == 1


def test_t5_role_and_state_are_read_at_each_request(services: Services, house: House, owner_engine: Engine) -> None:
    house.member()
    actor, secret = house.sign_in(name="Eve")
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'admin' WHERE id = :id"), {"id": actor.user_id})
    assert bridge.run(services.accounts.actor, secret).is_admin
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE users SET state = 'deactivated' WHERE id = :id"), {"id": actor.user_id})
    with pytest.raises(SignInRequired):
        bridge.run(services.accounts.actor, secret)
    with pytest.raises(SignInRequired) as refused:
        bridge.run(services.accounts.open_session, actor.user_id, user_agent="")
    assert refused.value.key == "deactivated"


@pytest.mark.parametrize("address", ["nobody@example.test", "", "not an address", None, {"a": 1}])
def test_t1_an_address_without_an_account_gives_an_empty_hash(services: Services, address: object) -> None:
    known = bridge.run(accounts.credentials, address)
    assert (known.user_id, known.password_hash) == (None, "")


def test_language_is_one_that_the_product_speaks(house: House, services: Services) -> None:
    actor, secret = house.sign_in()
    assert bridge.run(accounts.set_language, actor, "id") == "id"
    assert bridge.run(services.accounts.actor, secret).language == "id"
    for wrong in ("fr", "", None, {"x": 1}, "EN"):
        with pytest.raises(InvalidInput):
            bridge.run(accounts.set_language, actor, wrong)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET action = 'signed_in'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "CREATE TABLE own (x int)",
        "ALTER TABLE users ADD COLUMN x int",
        "DROP TABLE users",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE ROLE other",
        "SET ROLE lumiku_owner",
    ],
)
def test_l14_the_role_that_runs_may_not_change_history_or_tables(services: Services, house: House, statement: str) -> None:
    from sqlalchemy.exc import ProgrammingError

    house.member()
    with services.engine.connect() as connection, pytest.raises(ProgrammingError) as refused:
        connection.execute(text(statement))
    assert getattr(refused.value.orig, "sqlstate", "") == "42501", "insufficient privilege"


def test_l14_the_role_that_runs_may_add_to_history_and_read_it(services: Services, house: House) -> None:
    house.member()
    assert {event.action for event in all_rows(AuditEvent)} == {"account_created", "signed_in"}
