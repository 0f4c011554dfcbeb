"""Admin: credits and Admin: usage without a browser: what they show, what they refuse, and that they are nobody else's."""

import re
from datetime import date

import pytest
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.ledger import checks
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.models import LedgerCheck, LedgerEvent
from lumiku_web.domain.ledger.schemas import Account, EventKind
from lumiku_web.domain.usage.schemas import Cell, Measure, MemberSums, Span, Sums, UsageRead
from lumiku_web.ids import new_id
from lumiku_web.ui.kit.chart import day_bars
from lumiku_web.ui.pages.admin.credits_rows import signed, totals
from lumiku_web.ui.pages.admin.credits_state import AdminCreditsState
from lumiku_web.ui.pages.admin.state import AdminState
from lumiku_web.ui.pages.admin.usage_rows import Choice, Words, view
from lumiku_web.ui.pages.admin.usage_state import AdminUsageState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import LANGUAGES, catalogue, number, say
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of
from tests.ui.conftest import Browser, open_as_admin

REFUSED = {
    "grant": ["", "0", "-1", "1.5", "1,000", "1e3", "ten", "\u0661\u0662", "1000000001", "9" * 5000, "NaN"],
    "adjust": ["0", "-0", "1.5", "--5", "+-5", "-1000000001"],
}


@pytest.fixture
async def admin(browser: Browser, house: House) -> Browser:
    """A tab of the admin, on the page of credits."""
    return await open_as_admin(browser, house, AdminCreditsState, "/admin/credits")


@pytest.fixture
def ada(admin: Browser, house: House) -> Actor:
    return house.member()


async def said(tab: Browser) -> str:
    return (await tab.state(SessionState)).notice_text


def available(actor: Actor) -> int:
    return bridge.run(ledger.wallets, [actor.user_id])[actor.user_id].available


async def move(tab: Browser, act: str, email: str, amount: object, reason: str = "a good reason") -> None:
    """Open the form and send it."""
    await tab.send(AdminCreditsState, "ask")
    await tab.send(AdminCreditsState, "act", form={"act": act, "email": email, "amount": amount, "reason": reason})


async def test_the_page_shows_the_sums_the_check_and_the_newest_entries(admin: Browser, ada: Actor) -> None:
    await admin.send(AdminCreditsState, "load")
    state = await admin.state(AdminCreditsState)
    assert (state.is_ready, state.check.at, state.has_older) == (True, "", False)
    assert (state.totals.available, state.totals.granted, state.totals.owed) == ("2,000,000", "2,000,000", "0")
    assert state.entries[0].cells[1:4] == [ada.email, "Welcome credits", "+1,000,000"]


async def test_what_is_granted_is_said_and_stands_in_the_list_at_once(admin: Browser, ada: Actor) -> None:
    before = available(ada)
    await move(admin, "grant", f" {ada.email.upper()} ", "250", "for your patience")
    state = await admin.state(AdminCreditsState)
    assert not state.is_acting
    assert available(ada) == before + 250
    assert "250" in await said(admin)
    first = state.entries[0]
    assert (first.cells[1], first.cells[2], first.cells[3], first.cells[8]) == (ada.email, "Given", "+250", "for your patience")
    assert first.values[3] == 250
    assert first.cells[7].startswith("root")
    assert state.totals.granted == number("en", 2_000_250)


async def test_l7_a_double_click_moves_credits_once(admin: Browser, ada: Actor) -> None:
    before = available(ada)
    form = {"act": "grant", "email": ada.email, "amount": "10", "reason": "twice"}
    await admin.send(AdminCreditsState, "ask")
    for _ in range(3):
        await admin.send(AdminCreditsState, "act", form=form)
    assert available(ada) == before + 10
    await move(admin, "grant", ada.email, "10", "twice")
    assert available(ada) == before + 20, "the form opened anew is another act"


@pytest.mark.parametrize(("act", "amount"), [(act, amount) for act, amounts in REFUSED.items() for amount in amounts])
async def test_an_amount_that_is_none_is_refused_beside_its_field(admin: Browser, ada: Actor, act: str, amount: str) -> None:
    key = "adjustment_out_of_range" if act == "adjust" else "amount_out_of_range"
    events, before = count_of(LedgerEvent), available(ada)
    await move(admin, act, ada.email, amount)
    state = await admin.state(AdminCreditsState)
    assert state.field_errors["amount"] == say("en", f"error.{key}", maximum="1,000,000,000")
    assert state.is_acting, "what was typed stays"
    assert (count_of(LedgerEvent), available(ada)) == (events, before)
    assert await said(admin) == ""


async def test_other_refusals_stand_beside_their_fields_too(admin: Browser, ada: Actor) -> None:
    events = count_of(LedgerEvent)
    for act, email, amount, reason, field, key in (
        ("grant", "nobody@example.test", "1", "why", "email", "member_not_found"),
        ("grant", "no address", "1", "why", "email", "member_not_found"),
        ("grant", ada.email, "1", "  ", "reason", "reason_required"),
        ("refund", ada.email, "1", "why", "amount", "take_back_too_great"),
        ("adjust", ada.email, "-1000001", "why", "amount", "adjustment_too_great"),
    ):
        await move(admin, act, email, amount, reason)
        state = await admin.state(AdminCreditsState)
        wrong = {name: error for name, error in state.field_errors.items() if error}
        assert wrong == {field: say("en", f"error.{key}", sold=0, available=1_000_000)}
        assert state.is_acting
    assert count_of(LedgerEvent) == events


async def test_what_was_sold_can_be_refunded_and_charged_back(admin: Browser, ada: Actor) -> None:
    before = available(ada)
    await move(admin, "sell", ada.email, "500", "bank transfer 17")
    await move(admin, "refund", ada.email, "200", "asked for it")
    await move(admin, "charge_back", ada.email, "300", "the bank took it")
    await move(admin, "adjust", ada.email, "\N{MINUS SIGN}40", "a slip")
    state = await admin.state(AdminCreditsState)
    assert [row.cells[3] for row in state.entries[:4]] == [signed("en", amount) for amount in (-40, -300, -200, 500)]
    assert available(ada) == before - 40
    assert (state.totals.sold, state.totals.corrections) == ("0", signed("en", -40))


async def test_the_form_can_not_be_sent_before_it_was_opened_nor_for_what_it_does_not_know(admin: Browser, ada: Actor) -> None:
    form = {"act": "grant", "email": ada.email, "amount": "1", "reason": "why"}
    await admin.send(AdminCreditsState, "act", form=form)
    await admin.send(AdminCreditsState, "ask")
    await admin.send(AdminCreditsState, "act", form={**form, "act": "subscribe"})
    assert {event.kind for event in all_rows(LedgerEvent)} == {"sign_up"}


async def test_entries_are_listed_by_member_and_kind_page_after_page(
    admin: Browser, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumiku_web.ui.pages.admin.credits_state.PAGE", 2)
    for amount in (1, 2, 3):
        await move(admin, "grant", ada.email, str(amount))
    await admin.send(AdminCreditsState, "find", form={"of": ada.email, "kind": "grant"})
    state = await admin.state(AdminCreditsState)
    assert ([row.values[3] for row in state.entries], state.has_older, state.is_newest) == ([3, 2], True, True)
    await admin.send(AdminCreditsState, "older")
    state = await admin.state(AdminCreditsState)
    assert ([row.values[3] for row in state.entries], state.has_older, state.is_newest) == ([1], False, False)
    await admin.send(AdminCreditsState, "newest")
    assert len((await admin.state(AdminCreditsState)).entries) == 2
    await admin.send(AdminCreditsState, "find", form={"of": "nobody@example.test", "kind": ""})
    state = await admin.state(AdminCreditsState)
    assert state.field_errors["filter"] == say("en", "error.member_not_found")
    assert state.email == ada.email, "what was listed stays"


async def test_l1_the_check_is_green_and_says_what_is_off_when_it_is(admin: Browser, ada: Actor, owner_engine: Engine) -> None:
    await admin.send(AdminCreditsState, "check_now")
    state = await admin.state(AdminCreditsState)
    assert (state.check.is_right, state.check.events, state.is_checking) == (True, "2", False)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE wallets SET available = available + 7 WHERE user_id = :id"), {"id": ada.user_id})
    await admin.send(AdminCreditsState, "check_now")
    state = await admin.state(AdminCreditsState)
    assert not state.check.is_right
    assert say("en", "books.check.wallet_sums", count="1") in state.check.findings
    assert count_of(LedgerCheck) == 2
    await admin.send(AdminState, "load")
    assert (await admin.state(AdminState)).check == state.check, "the overview says it, too"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_check_of_the_books_has_its_sentence(language: str) -> None:
    told = {key.removeprefix("books.check.") for key in catalogue(language) if key.startswith("books.check.")}
    assert told == set(checks.CHECKS)
    assert {key.removeprefix("entry.") for key in catalogue(language) if key.startswith("entry.")} >= set(EventKind)


async def test_t7_a_member_reaches_none_of_it(browser: Browser, house: House) -> None:
    root, _ = house.sign_in(name="Root")
    eve, secret = house.sign_in(name="Eve")
    tab = browser.tab(secret=secret, path="/admin/credits")
    form = {"act": "grant", "email": eve.email, "amount": "1000", "reason": "me"}
    for state, handler, facts in (
        (AdminCreditsState, "load", {}),
        (AdminCreditsState, "ask", {}),
        (AdminCreditsState, "act", {"form": form}),
        (AdminCreditsState, "find", {"form": {"of": root.email, "kind": ""}}),
        (AdminCreditsState, "older", {}),
        (AdminCreditsState, "check_now", {}),
        (AdminUsageState, "load", {}),
        (AdminUsageState, "choose_period", {"period": "days_90"}),
        (AdminUsageState, "earlier", {}),
        (AdminState, "load", {}),
    ):
        updates = await tab.send(state, handler, **facts)
        assert root.email not in str(updates)
        assert await said(tab) == say("en", "error.not_permitted")
    assert ((await tab.state(AdminCreditsState)).entries, count_of(LedgerCheck)) == ([], 0)
    assert {event.kind for event in all_rows(LedgerEvent)} == {"sign_up"}


async def test_usage_is_shown_filtered_and_counted_as_asked(admin: Browser, ada: Actor, house: House) -> None:
    for _ in range(2):
        house.deliver(house.claim(house.submit(ada).items[0].id))
    tab = admin.tab(path="/admin/usage")
    await tab.send(AdminUsageState, "load")
    shown = (await tab.state(AdminUsageState)).view
    assert (shown.pictures, shown.credits, shown.quota, shown.cost) == ("2", "2", "0", "$0.00")
    assert ([row.cells[:3] for row in shown.by_model], shown.models) == (
        [["Illustrator", "2", "2"]],
        [["illustrator", "Illustrator"]],
    )
    assert [row.cells[0] for row in shown.by_app] == ["Avatar Creator"]
    assert ([row.cells[0] for row in shown.by_member], len(shown.by_day), len(shown.chart.bars)) == ([ada.email], 30, 30)
    assert shown.chart.bars[-1].words.endswith(": 2")
    await tab.send(AdminUsageState, "choose_measure", measure="cost_microusd")
    assert (await tab.state(AdminUsageState)).view.chart.bars == [], "nothing to draw"
    await tab.send(AdminUsageState, "choose_member", row_id=str(ada.user_id))
    assert (await tab.state(AdminUsageState)).member == ada.email
    await tab.send(AdminUsageState, "earlier")
    before = (await tab.state(AdminUsageState)).view
    assert (before.pictures, before.is_newest, before.span == shown.span) == ("0", False, False)
    await tab.send(AdminUsageState, "choose_member", row_id=str(new_id()))
    assert await said(tab) == say("en", "error.member_not_found")
    for handler, facts in (
        ("choose_period", {"period": "x"}),
        ("choose_measure", {"measure": "x"}),
        ("choose_stack", {"stack": "x"}),
    ):
        await tab.send(AdminUsageState, handler, **facts)
        assert await said(tab) == say("en", "error.not_found")


def test_a_chart_has_a_bar_for_each_day_and_says_what_it_draws() -> None:
    made = day_bars(["1 Nov", "2 Nov"], [("A", [3, 0]), ("B", [1, 0])], words="all", rest="others", say=str)
    first, second = made.bars
    assert (first.words, second.words) == ("1 Nov: 4 · A 3 · B 1", "2 Nov: 0")
    assert [(part.top, part.height) for part in first.parts] == [(25.0, 75.0), (0.0, 25.0)]
    assert (second.parts, [key.value for key in made.legend]) == ([], ["3", "1"])
    assert [tick.text for tick in made.lines] == ["0.0", "1.0", "2.0", "3.0", "4.0"]
    assert day_bars(["1 Nov"], [], words="", rest="", say=str).bars == []


def test_what_has_no_colour_of_its_own_is_drawn_together() -> None:
    made = day_bars(["1 Nov"], [(str(name), [1]) for name in range(8)], words="", rest="others", say=str)
    assert [(key.name, key.value) for key in made.legend][-1] == ("others", "3")
    assert len({key.colour for key in made.legend}) == 6


@pytest.mark.parametrize("top", [1, 5, 99, 101, 225, 999, 34_900_000])
def test_the_axis_ends_not_far_above_the_highest_bar_at_whole_quarters(top: int) -> None:
    made = day_bars(["1 Nov"], [("A", [top])], words="", rest="", say=lambda value: f"{value:g}")
    assert all(re.fullmatch(r"[0-9e+.]+", line.text) and float(line.text).is_integer() for line in made.lines)
    assert top <= float(made.lines[-1].text) <= max(2 * top, 4)


def test_cost_is_told_in_dollars_and_never_as_credits() -> None:
    sums = Sums(4, 30, 2, 100_000)
    span = Span(date(2028, 2, 28), date(2028, 3, 1))
    found = UsageRead(
        span, (Cell(span.last, "poses", "m", sums),), (MemberSums(new_id(), "a@b.c", sums),), 60, ("poses",), ("m",)
    )
    shown = view(found, Choice(Measure.cost_microusd), Words("en", {}, {}), is_newest=True)
    assert (shown.cost, shown.credits, shown.cost_note) == ("$0.1000", "30", "300.0 credits captured for each US dollar")
    assert shown.by_model[0].cells == ["m", "4", "30", "2", "$0.1000", "$0.0250", "300.0"]
    assert shown.by_model[0].values == ["", 4, 30, 2, 0.1, 0.025, 300.0]
    assert [row.values[0] for row in shown.by_day] == ["2028-03-01", "2028-02-29", "2028-02-28"]
    assert shown.by_day[1].cells[1:] == ["0", "0", "0", "$0.00", "—", "—"]
    assert "60" in shown.member_note


def test_the_houses_side_is_told_as_what_it_gave() -> None:
    sums = dict.fromkeys(Account, 0) | {Account.granted: -100, Account.corrections: 5, Account.available: 90, Account.owed: -2}
    told = totals(sums, "en")
    assert (told.granted, told.corrections, told.available, told.owed) == ("100", signed("en", -5), "90", "2")
