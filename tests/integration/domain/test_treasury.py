"""What an admin does with the credits of members, once, with a reason, and nobody else (L7, L9, L10)."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing.subscriptions import Billing
from lumiku_web.domain.ledger.models import LedgerEvent
from lumiku_web.domain.ledger.schemas import CREDITS_MAX
from lumiku_web.domain.notifications.service import sequences
from lumiku_web.errors import Conflict, InvalidInput, LimitReached, LumikuError, NotFound, NotPermitted
from lumiku_web.ids import new_id
from tests.factories.money import Till
from tests.factories.rows import all_rows, count_of

ACTS = {
    "grant": Action.credits_granted,
    "sell": Action.credits_purchased,
    "adjust": Action.credits_adjusted,
    "refund": Action.credits_refunded,
    "charge_back": Action.credits_charged_back,
}
PLAN_ACTS = ("subscribe", "change_plan", "cancel_plan", "resume_plan", "renew")

each_act = pytest.mark.parametrize("act", ACTS)


@pytest.fixture
def till(services: Services) -> Till:
    return Till.of(services, "2027-04-10T12:00")


@pytest.fixture
def ada(till: Till) -> Actor:
    """With 1000 credits, all of them bought."""
    actor = till.house.member()
    till.empty_purse(actor)
    till.act("sell", actor, 1000)
    return actor


def available(till: Till, actor: Actor) -> int:
    return till.standing(actor).available


@each_act
def test_an_act_moves_credits_is_in_the_trail_and_rings_at_the_member(till: Till, ada: Actor, act: str) -> None:
    before = bridge.run(sequences, [ada.user_id])[ada.user_id]
    assert till.act(act, ada, 40, reason="  they asked\r\nnicely ")
    assert available(till, ada) == (960 if act in {"refund", "charge_back"} else 1040)
    (entry,) = [row for row in all_rows(AuditEvent) if row.action == ACTS[act] and row.facts["reason"] == "they asked\nnicely"]
    assert (entry.actor_id, entry.subject_id) == (till.root.user_id, ada.user_id)
    assert abs(int(str(entry.facts["amount"]))) == 40
    assert bridge.run(sequences, [ada.user_id])[ada.user_id] == before + 1


@each_act
def test_l7_what_was_sent_twice_happened_once(till: Till, ada: Actor, act: str) -> None:
    key, entries = new_id(), count_of(LedgerEvent)
    assert till.act(act, ada, 40, key=key)
    there = available(till, ada)
    told = count_of(AuditEvent)
    assert not till.act(act, ada, 40, key=key)
    assert (available(till, ada), count_of(LedgerEvent), count_of(AuditEvent)) == (there, entries + 1, told)


@each_act
@pytest.mark.parametrize("other", ["amount", "reason", "member", "act"])
def test_l7_the_same_key_with_another_content_is_refused(till: Till, ada: Actor, act: str, other: str) -> None:
    key, bob = new_id(), till.house.member()
    till.act("sell", bob, 1000)
    till.act(act, ada, 40, key=key)
    before = available(till, ada), available(till, bob)
    again = {"amount": 41 if other == "amount" else 40, "reason": "another" if other == "reason" else "a reason"}
    whose, which = bob if other == "member" else ada, {"grant": "sell"}.get(act, "grant") if other == "act" else act
    with pytest.raises(Conflict) as refused:
        till.act(which, whose, again["amount"], key=key, reason=str(again["reason"]))
    assert refused.value.key == "form_sent_before"
    assert (available(till, ada), available(till, bob)) == before


def test_l7_twenty_clicks_at_once_are_one_act(till: Till, ada: Actor) -> None:
    key = new_id()
    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(lambda _: till.act("grant", ada, 7, key=key), range(20)))
    assert (sum(done), available(till, ada)) == (1, 1007)


def test_l7_one_key_for_two_members_at_once_is_one_act_and_one_refusal(till: Till, ada: Actor) -> None:
    bob = till.house.member()

    def give(actor: Actor, key: UUID) -> object:
        try:
            return till.act("grant", actor, 7, key=key)
        except Conflict as refused:
            return refused.key

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            assert sorted(map(str, pool.map(partial(give, key=new_id()), [ada, bob]))) == ["True", "form_sent_before"]


def test_l3_two_admins_who_adjust_at_once_never_take_more_than_there_is(till: Till, ada: Actor) -> None:
    def take(_: int) -> str:
        try:
            till.act("adjust", ada, -150)
        except LimitReached as refused:
            return refused.key
        return "taken"

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(take, range(16)))
    assert (done.count("taken"), done.count("adjustment_too_great")) == (6, 10)
    assert available(till, ada) == 100


@each_act
@pytest.mark.parametrize("amount", [0, 1.5, CREDITS_MAX + 1, 10**30, True, -1.5, float("nan"), float("inf")])
def test_l10_what_is_no_number_of_credits_is_refused(till: Till, ada: Actor, act: str, amount: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        till.act(act, ada, amount)
    assert (refused.value.key, refused.value.field) == ("amount_out_of_range", "amount")
    assert available(till, ada) == 1000


@pytest.mark.parametrize("act", sorted(set(ACTS) - {"adjust"}))
def test_l10_only_an_adjustment_may_be_negative(till: Till, ada: Actor, act: str) -> None:
    with pytest.raises(InvalidInput):
        till.act(act, ada, -5)
    assert till.act("adjust", ada, -5)
    assert available(till, ada) == 995


@each_act
@pytest.mark.parametrize(("reason", "key"), [("", "reason_required"), (" \n\t", "reason_required"), ("x" * 501, "too_long")])
def test_an_act_has_a_reason_that_fits(till: Till, ada: Actor, act: str, reason: str, key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        till.act(act, ada, 5, reason=reason)
    assert (refused.value.key, refused.value.field) == (key, "reason")


@pytest.mark.parametrize("act", ["refund", "charge_back"])
def test_l9_what_is_spent_already_is_owed_and_what_comes_in_pays_it_first(till: Till, ada: Actor, act: str) -> None:
    till.empty_purse(ada, leave=100)
    till.act(act, ada, 250)
    assert (available(till, ada), till.standing(ada).owed) == (0, 150)
    with pytest.raises(LimitReached, match="credits_owed"):
        till.house.submit(ada)
    till.act("grant", ada, 200)
    assert (available(till, ada), till.standing(ada).owed) == (50, 0)
    till.house.submit(ada)


@pytest.mark.parametrize("act", ["refund", "charge_back"])
def test_l9_nobody_gives_back_more_than_was_sold(till: Till, ada: Actor, act: str) -> None:
    till.act("grant", ada, 500)
    till.act("refund", ada, 300)
    with pytest.raises(LimitReached) as refused:
        till.act(act, ada, 701)
    assert (refused.value.key, refused.value.facts) == ("take_back_too_great", {"sold": 700})
    assert till.act(act, ada, 700)


@each_act
def test_only_an_admin_and_only_a_member_who_exists(till: Till, ada: Actor, act: str) -> None:
    use_case, facts = getattr(till.treasury, act), {"key": new_id(), "reason": "mine"}
    with pytest.raises(NotPermitted):
        bridge.run(use_case, ada, ada.user_id, 5, **facts)
    with pytest.raises(NotFound, match="member_not_found"):
        bridge.run(use_case, till.root, new_id(), 5, **facts)
    assert available(till, ada) == 1000


@pytest.mark.parametrize("act", PLAN_ACTS)
def test_plans_of_others_are_an_admins_matter(till: Till, ada: Actor, act: str) -> None:
    till.subscribe(ada, "pro")
    before, plan = till.standing(ada), ["enterprise"] if act in {"subscribe", "change_plan"} else []
    use_case = getattr(till.treasury, act)
    for actor, user_id, refusal in ((ada, ada.user_id, NotPermitted), (till.root, new_id(), NotFound)):
        with pytest.raises(refusal):
            bridge.run(use_case, actor, user_id, *plan)
    assert till.standing(ada) == before


def test_t8_a_member_sees_and_changes_their_own_money_only(till: Till, ada: Actor) -> None:
    bob = till.subscriber("pro")
    assert till.standing(bob).plan != till.standing(ada).plan
    with pytest.raises(LumikuError, match="plan_missing"):
        bridge.run(till.billing.cancel, ada)
    assert till.standing(bob).status == "active"
    assert not set(vars(Billing)) & {*ACTS, *PLAN_ACTS}
