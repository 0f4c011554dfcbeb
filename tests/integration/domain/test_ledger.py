"""What moves credits, and what does not (L4, L5, L9, L10)."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from lumiku_web import bridge
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import CREDITS_MAX, EventKind
from lumiku_web.errors import Conflict, InvalidInput, LimitReached, LumikuError
from lumiku_web.ids import new_id
from tests.factories.at_once import at_once
from tests.factories.house import House
from tests.factories.purse import Purse, findings


@pytest.fixture
def purse(house: House) -> Purse:
    return Purse.of_nobody_yet(house, 100)


def refused(error: type[LumikuError], act: Any, /, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(error) as caught:
        act(*args, **kwargs)
    return caught.value.key


def test_a_new_member_has_the_credits_of_the_sign_up_once(house: House) -> None:
    purse = Purse(house.member().user_id)
    given = house.services.settings.sign_up_credits
    assert purse.balances == (given, 0, 0)
    key = f"sign-up:{purse.user_id}"
    assert not purse.give(given + 1, kind=EventKind.sign_up, key=key), "the setting has changed meanwhile"
    assert purse.balances == (given, 0, 0)


def test_a_hold_moves_and_each_end_of_an_item_moves_its_part(purse: Purse) -> None:
    order = purse.hold(40)
    assert purse.balances == (60, 40, 0)
    assert purse.capture(order, 10)
    assert purse.release(order, 10)
    assert purse.balances == (70, 20, 0)
    assert purse.expire(order) == 20
    assert purse.balances == (90, 0, 0)
    assert purse.kinds[-4:] == ["hold", "capture", "release", "expiry"]
    assert findings() == {}


@pytest.mark.parametrize("first", ["capture", "release"])
@pytest.mark.parametrize("second", ["capture", "release"])
def test_l4_an_item_ends_once_whatever_is_said_of_it_next(purse: Purse, first: str, second: str) -> None:
    order, item = purse.hold(10), new_id()
    assert getattr(purse, first)(order, 10, item_id=item)
    before = purse.balances
    assert not getattr(purse, second)(order, 10, item_id=item), "also when nothing is held any more"
    assert purse.balances == before
    assert purse.kinds.count("hold") + purse.kinds.count(first) == 2
    assert findings() == {}


def test_l4_an_order_is_held_and_expires_once(purse: Purse) -> None:
    order = purse.hold(100)
    assert purse.hold(100, order) == order, "nothing is left, and nothing is asked for"
    assert purse.balances == (0, 100, 0)
    assert [purse.expire(order), purse.expire(order)] == [100, 0]
    assert purse.balances == (100, 0, 0)


def test_l5_no_more_is_captured_or_released_than_was_held(purse: Purse) -> None:
    order, other = purse.hold(10), purse.hold(50)
    purse.capture(order, 6)
    for end in (purse.capture, purse.release):
        with pytest.raises(IntegrityError, match="ends_once"):
            end(order, 5)
    assert purse.balances == (40, 54, 0)
    assert purse.capture(other, 50), "the hold of another order is its own"
    assert findings() == {}


def test_an_order_without_a_hold_and_a_hold_of_somebody_else_give_nothing(house: House, purse: Purse) -> None:
    purse.hold(10)
    other = Purse.of_nobody_yet(house, 100)
    theirs = other.hold(10)
    for order in (new_id(), theirs):
        with pytest.raises(LookupError):
            purse.release(order, 5)
        assert purse.expire(order) == 0
    assert (purse.balances, other.balances) == ((90, 10, 0), (90, 10, 0))


@pytest.mark.parametrize("kind", [EventKind.refund, EventKind.chargeback])
def test_l9_what_was_spent_is_owed_and_the_next_purchase_settles_it(purse: Purse, kind: EventKind) -> None:
    order = purse.hold(30)
    assert purse.take_back(90, kind=kind)
    assert purse.balances == (0, 30, 20), "what is held is not taken; what is not there is owed"
    assert refused(LimitReached, purse.hold, 1) == "credits_owed"
    purse.give(5)
    assert purse.balances == (0, 30, 15)
    purse.release(order, 10)
    assert purse.balances == (0, 20, 5), "what comes back pays, too"
    purse.give(50)
    assert purse.balances == (45, 20, 0)
    assert purse.hold(45)
    assert findings() == {}


def test_l9_credits_that_are_owed_stop_spending_though_there_are_some(purse: Purse) -> None:
    assert refused(LimitReached, ledger.check_spendable, ledger.Wallet(available=50, owed=1), 5) == "credits_owed"
    assert refused(LimitReached, purse.hold, 101) == "credits_short"
    assert purse.balances == (100, 0, 0)


@pytest.mark.parametrize("amount", [0, -1, CREDITS_MAX + 1, 10**30, 2.5, 1.0, True, "7", None, float("nan"), float("inf")])
def test_l10_an_amount_that_is_no_whole_number_of_credits_moves_nothing(purse: Purse, amount: Any) -> None:
    order = purse.hold(10)
    acts = [purse.give, purse.take_back, purse.hold]
    ends = [purse.capture, purse.release]
    answers = [refused(InvalidInput, act, amount) for act in acts] + [refused(InvalidInput, act, order, amount) for act in ends]
    if amount != -1:
        answers.append(refused(InvalidInput, purse.adjust, amount))
    assert set(answers) == {"amount_out_of_range"}
    assert purse.balances == (90, 10, 0)


def test_an_adjustment_goes_no_lower_than_what_is_available(purse: Purse) -> None:
    purse.hold(60)
    assert refused(LimitReached, purse.adjust, -41) == "adjustment_too_great"
    assert refused(InvalidInput, purse.adjust, -(10**30)) == "amount_out_of_range"
    assert purse.adjust(-40, key="once")
    assert not purse.adjust(-40, key="once"), "though it would be too much by now"
    assert purse.balances == (0, 60, 0)


def test_two_admins_who_adjust_at_once_are_both_heard_as_far_as_there_is_something(purse: Purse) -> None:
    assert set(at_once(lambda number: purse.adjust(-70, key=f"admin-{number}"), range(2))) == {True, "adjustment_too_great"}
    assert purse.balances == (30, 0, 0)
    at_once(lambda number: purse.adjust(5, key=f"up-{number % 4}"), range(16))
    assert purse.balances == (50, 0, 0), "four keys are four adjustments"
    assert findings() == {}


def test_a_grant_and_an_adjustment_need_a_reason_of_some_length(purse: Purse) -> None:
    for reason, key in (("", "reason_required"), (" \n", "reason_required"), ("x" * 501, "too_long")):
        assert refused(InvalidInput, purse.give, 5, kind=EventKind.grant, reason=reason) == key
        assert refused(InvalidInput, purse.adjust, 5, reason=reason) == key
    assert purse.give(5, kind=EventKind.purchase, reason="")
    assert purse.balances == (105, 0, 0)


def test_l7_one_key_is_one_act_and_with_other_values_a_refusal(house: House, purse: Purse) -> None:
    assert purse.give(10, key="form")
    assert not purse.give(10, key="form")
    assert refused(Conflict, purse.give, 11, key="form") == "credits_key_reused"
    assert refused(Conflict, purse.give, 10, key="form", reason="another") == "credits_key_reused"
    assert refused(Conflict, purse.give, 10, kind=EventKind.grant, key="form") == "credits_key_reused"
    assert refused(Conflict, purse.adjust, 10, key="form") == "credits_key_reused"
    assert refused(Conflict, purse.take_back, 10, key="form") == "credits_key_reused"
    assert refused(Conflict, Purse.of_nobody_yet(house).give, 10, key="form") == "credits_key_reused"
    assert purse.balances == (110, 0, 0)
    purse.take_back(100, key="refund")
    purse.hold(10)
    assert not purse.take_back(100, key="refund"), "the same, though less is there than the first time"
    assert purse.balances == (0, 10, 0)


def test_what_a_provider_asks_for_stands_beside_the_credits(purse: Purse) -> None:
    order = purse.hold(10)
    purse.capture(order, 10, cost_microusd=40_000)
    item = new_id()
    for _ in range(2):
        bridge.run(ledger.record_cost, purse.user_id, order, item, 5_000)
    assert purse.kinds[-2:] == ["capture", "cost"]
    assert purse.entries[-1].wallet == purse.entries[-2].wallet
    assert findings() == {}
