"""Whoever touches the books by hand is found: each night, and whenever somebody asks (L1, L2, L13)."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from lumiku_web import bridge, cli
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.ledger import checks
from lumiku_web.domain.ledger.models import LedgerCheck, LedgerEvent
from lumiku_web.domain.ledger.sweeper import NightWatch
from lumiku_web.errors import Permanent
from lumiku_web.settings import Settings
from tests.factories.house import House
from tests.factories.processes import PROJECT, WorkerProcess, environment_of
from tests.factories.purse import Purse
from tests.factories.rows import all_rows, count_of
from tests.factories.waiting import wait_for

Owner = Callable[..., None]


@pytest.fixture
def owner(owner_engine: Engine) -> Owner:
    """Somebody who may change everything, and does."""

    def change(*statements: str, **facts: object) -> None:
        with owner_engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), facts)

    return change


@pytest.fixture
def busy(house: House, ada: Actor) -> Purse:
    """A member in the middle of everything: some delivered, some failed, some on their way; by credits and by quota."""
    root, eve = ada, house.member(name="Eve")
    purse = Purse(eve.user_id)
    bridge.run(house.services.treasury.subscribe, root, house.member(name="Sub").user_id, "basic")
    first, second, _ = (item.id for item in house.submit(eve, count=3).items)
    claim = house.claim(first)
    bridge.run(house.services.leases.about_to_store, claim)
    house.deliver(claim)
    bridge.run(house.services.leases.fail, house.claim(second), Permanent("provider_refused"))
    purse.take_back(500)
    bridge.run(house.services.treasury.subscribe, root, eve.user_id, "basic")
    quick = house.submit(eve, count=2).items
    house.deliver(house.claim(quick[0].id))
    return purse


def test_l1_l2_the_books_are_right_while_everything_is_going_on(busy: Purse) -> None:
    assert {item.paid_with for item in all_rows(_items())} == {"credits", "quota"}
    found = bridge.run(checks.check)
    assert (dict(found.findings), found.is_right, found.events) == ({}, True, count_of(LedgerEvent))
    assert bridge.run(checks.latest) == found
    assert bridge.run(checks.find) == []


def _items() -> Any:
    from lumiku_web.domain.generations.models import GenerationItem

    return GenerationItem


NEWEST = "id = (SELECT id FROM ledger_events WHERE user_id = :user ORDER BY entry DESC LIMIT 1)"
SOMEBODY_ELSE = "(SELECT id FROM users WHERE id <> :user LIMIT 1)"
OF_THE_REFUND = "event_id = (SELECT id FROM ledger_events WHERE kind = 'refund')"
#: By the check that is about it: what somebody does to the books, and which other checks see it.
TAMPERED = {
    "event_sums": ("UPDATE ledger_postings SET amount = amount + 1 WHERE account = 'revenue'", {"usage_days"}),
    "foreign_postings": (
        f"UPDATE ledger_postings SET user_id = {SOMEBODY_ELSE} WHERE account = 'available' AND {OF_THE_REFUND}",  # noqa: S608 (ours)
        {"wallet_sums"},
    ),
    "wallet_sums": ("UPDATE wallets SET available = available + 5 WHERE user_id = :user", {"wallet_entry"}),
    "wallet_entry": (f"UPDATE ledger_events SET available = available + 5 WHERE {NEWEST}", {"entry_chain"}),  # noqa: S608
    "entry_chain": ("UPDATE ledger_events SET entry = entry + 100 WHERE kind = 'hold'", {"wallet_entry"}),
    "hold_ends": ("UPDATE holds SET captured = captured + 1", {"wallet_holds", "order_holds"}),
    "wallet_holds": ("DELETE FROM holds", {"hold_ends", "order_holds"}),
    "order_holds": ("UPDATE generation_items SET status = 'canceled' WHERE paid_with = 'credits'", {"allowances"}),
    "usage_days": ("UPDATE usage_days SET credits = credits + 1 WHERE credits > 0", {"usage_totals"}),
    "usage_totals": ("UPDATE usage_totals SET pictures = pictures + 1", set[str]()),
    "allowances": ("UPDATE allowances SET held = held + 1 WHERE kind = 'day' AND user_id = :user", set[str]()),
}


def test_every_check_is_seen_to_find_something() -> None:
    assert set(TAMPERED) == set(checks.CHECKS)


@pytest.mark.parametrize("name", TAMPERED)
def test_l1_l2_what_was_changed_by_hand_is_found_by_name(busy: Purse, owner: Owner, name: str) -> None:
    statement, others = TAMPERED[name]
    owner(statement, user=busy.user_id) if ":user" in statement else owner(statement)
    found = bridge.run(checks.check)
    assert set(found.findings) == {name, *others}
    assert not found.is_right
    told = [one for one in bridge.run(checks.find) if one.check == name]
    assert len(told) == found.findings[name]
    whose = None if name == "usage_totals" else busy.user_id
    assert whose in {one.user_id for one in told}
    assert all(one.expected != one.found or name == "foreign_postings" for one in told)


def test_l1_an_event_whose_postings_are_gone_is_found(busy: Purse, owner: Owner) -> None:
    owner(f"DELETE FROM ledger_postings WHERE {OF_THE_REFUND}")  # noqa: S608
    assert set(bridge.run(checks.check).findings) == {"event_sums", "wallet_sums", "entry_chain"}


def test_a_wallet_that_is_gone_is_found_and_not_made_up(busy: Purse, owner: Owner, operate: "Operate") -> None:
    owner("DELETE FROM wallets WHERE user_id = :user", user=busy.user_id)
    before = count_of(LedgerEvent)
    code, told = operate("reconcile", "--apply")
    assert (code, count_of(LedgerEvent)) == (1, before)
    assert f"wallet_sums · {busy.user_id} · available" in told


async def test_the_books_are_looked_at_once_a_day_and_loudly_where_they_are_wrong(busy: Purse, owner: Owner) -> None:
    watch = NightWatch(bridge.call)
    with capture_logs() as told:
        found = await watch.once()
        assert found is not None
        assert found.is_right
        assert await watch.once() is None, "it was looked at today"
        owner(
            "UPDATE ledger_checks SET created_at = created_at - interval '1 day'", TAMPERED["wallet_sums"][0], user=busy.user_id
        )
        again = await watch.once()
        assert again is not None
        assert await watch.once() is None
    assert dict(again.findings) == {"wallet_sums": 1, "wallet_entry": 1}
    assert [(line["event"], line["log_level"]) for line in told] == [("ledger.checked", "info"), ("ledger.wrong", "error")]
    assert told[1]["wallet_sums"] == 1
    assert count_of(LedgerCheck) == 2


def test_l6_the_leader_of_the_workers_watches(
    house: House, ada: Actor, services: Services, settings: Settings, owner: Owner, tmp_path: Path
) -> None:
    before = Purse(ada.user_id).balances
    order = house.submit(ada, count=2)
    owner("DELETE FROM generation_items", "UPDATE holds SET created_at = created_at - interval '1 minute'")
    with WorkerProcess(settings, tmp_path / "worker.log") as worker:
        wait_for(lambda: worker.events("sweeper.hold_expired"), within_seconds=120)
        wait_for(lambda: count_of(LedgerCheck), within_seconds=120)
    (line,) = worker.events("sweeper.hold_expired")
    assert (line["order_id"], line["credits"]) == (str(order.id), 2)
    assert Purse(ada.user_id).balances == before


Operate = Callable[..., tuple[int, str]]


@pytest.fixture
def operate(
    services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operate:
    """`lumiku ledger …` as the operator types it: exit code and what is said."""
    monkeypatch.setattr(cli, "load_settings", lambda: settings)

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = cli.main(["ledger", *arguments])
        return code, capsys.readouterr().out

    return run


def test_l13_the_command_is_one_of_the_shell(services: Services, settings: Settings) -> None:
    command = [sys.executable, "-m", "lumiku_web.cli", "ledger", "reconcile"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment_of(settings), capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "The books are right.\n", "")


def test_l13_a_snapshot_has_everything_of_one_moment(busy: Purse, operate: Operate) -> None:
    code, told = operate("snapshot")
    snapshot = json.loads(told)
    assert code == 0
    assert sum(amount for account, amount in snapshot["sums"].items() if "provider" not in account) == 0
    mine = snapshot["wallets"][str(busy.user_id)]
    assert (mine["available"], mine["held"], mine["owed"]) == busy.balances
    assert sum(wallet["available"] for wallet in snapshot["wallets"].values()) == snapshot["sums"]["available"]
    assert sum(snapshot["events"].values()) == count_of(LedgerEvent)
    assert snapshot["holds"] == {"orders": 1, "open": 1, "amount": 3, "captured": 1, "released": 1}


def test_l13_reconcile_changes_nothing_and_says_what_differs(busy: Purse, owner: Owner, operate: Operate) -> None:
    assert operate("reconcile") == (0, "The books are right.\n")
    owner(TAMPERED["wallet_sums"][0], user=busy.user_id)
    before = busy.balances, count_of(LedgerEvent), count_of(AuditEvent)
    shown = busy.balances
    for _ in range(2):
        code, told = operate("reconcile")
        assert code == 1
        assert f"wallet_sums · {busy.user_id} · available: {shown[0] - 5} expected, {shown[0]} found\n" in told
    assert (busy.balances, count_of(LedgerEvent), count_of(AuditEvent)) == before


def test_l13_reconcile_applied_twice_gives_one_correcting_entry(busy: Purse, owner: Owner, operate: Operate) -> None:
    owner("UPDATE wallets SET available = available + 5, owed = owed + 2 WHERE user_id = :user", user=busy.user_id)
    shown, entries = busy.balances, busy.entries
    assert operate("reconcile", "--apply") == (
        0,
        f"corrected · {busy.user_id} · available +5, owed -2, corrections -3\nThe books are right.\n",
    )
    assert operate("reconcile", "--apply") == (0, "The books are right.\n")
    assert busy.balances == shown, "what the member was shown"
    *before, correction = busy.entries
    assert before == entries, "nothing is edited"
    assert (correction.kind, correction.available, correction.held, correction.owed) == ("adjustment", 5, 0, 2)
    assert [event.subject_id for event in all_rows(AuditEvent) if event.action == "books_corrected"] == [busy.user_id]


def test_l13_what_is_held_for_nothing_is_given_back_by_reconcile(busy: Purse, owner: Owner, operate: Operate) -> None:
    before, events = busy.balances, count_of(LedgerEvent)
    owner(
        "DELETE FROM generation_items WHERE paid_with = 'credits'",
        "UPDATE holds SET created_at = created_at - interval '1 minute'",
    )
    code, told = operate("reconcile", "--apply")
    assert (code, told.splitlines()[-1]) == (0, "The books are right.")
    assert (busy.balances, count_of(LedgerEvent)) == ((before[0] + 1, before[1] - 1, 0), events + 1)
    assert operate("reconcile", "--apply") == (0, "The books are right.\n")
    assert count_of(LedgerEvent) == events + 1
