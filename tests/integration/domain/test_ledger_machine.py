"""Credits under every order of events, beside a model that a child could keep (L1, L2, L4, L5, L9)."""

from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule, run_state_machine_as_test

from lumiku_web.domain.ledger.schemas import EventKind
from lumiku_web.errors import LimitReached
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.purse import Purse, findings

AMOUNTS = st.integers(1, 60)
PRICES = st.integers(1, 12)


class Model:
    """What should be: three numbers, and what is left of each order."""

    def __init__(self) -> None:
        self.available = self.held = self.owed = 0

    def comes(self, amount: int) -> None:
        paid = min(self.owed, amount)
        self.owed -= paid
        self.available += amount - paid


class Machine(RuleBasedStateMachine):
    house: House

    def __init__(self) -> None:
        super().__init__()
        self.purse = Purse.of_nobody_yet(self.house)
        self.model = Model()
        self.keys: list[tuple[Any, dict[str, Any]]] = []

    items = Bundle("items")
    ended = Bundle("ended")
    orders = Bundle("orders")

    def say(self, act: Any, **how: Any) -> None:
        how["key"] = str(new_id())
        assert act(**how)
        self.keys.append((act, how))

    @rule(amount=AMOUNTS, kind=st.sampled_from([EventKind.purchase, EventKind.grant]))
    def give(self, amount: int, kind: EventKind) -> None:
        self.say(self.purse.give, amount=amount, kind=kind)
        self.model.comes(amount)

    @rule(amount=AMOUNTS, kind=st.sampled_from([EventKind.refund, EventKind.chargeback]))
    def take_back(self, amount: int, kind: EventKind) -> None:
        self.say(self.purse.take_back, amount=amount, kind=kind)
        there = min(self.model.available, amount)
        self.model.available -= there
        self.model.owed += amount - there

    @rule(amount=st.integers(-60, 60).filter(bool))
    def adjust(self, amount: int) -> None:
        try:
            self.say(self.purse.adjust, amount=amount)
        except LimitReached:
            assert self.model.available + amount < 0
            return
        if amount > 0:
            self.model.comes(amount)
        else:
            self.model.available += amount
            assert self.model.available >= 0

    @rule(data=st.data())
    def say_it_again(self, data: st.DataObject) -> None:
        if self.keys:
            act, how = data.draw(st.sampled_from(self.keys))
            assert act(**how) is False

    @rule(target=items, price=PRICES, count=st.integers(1, 4))
    def hold(self, price: int, count: int) -> Any:
        order = new_id()
        try:
            self.purse.hold(price * count, order)
        except LimitReached as refused:
            self.check_refusal(refused.key, price * count)
            return multiple()
        self.model.available -= price * count
        self.model.held += price * count
        assert self.purse.hold(price * count, order) == order
        return multiple(*((order, new_id(), price) for _ in range(count)))

    def check_refusal(self, key: str, amount: int) -> None:
        assert key == ("credits_owed" if self.model.owed else "credits_short")
        assert self.model.owed or self.model.available < amount

    @rule(target=ended, item=consumes(items))
    def capture(self, item: Any) -> Any:
        order, item_id, price = item
        assert self.purse.capture(order, price, item_id=item_id)
        self.model.held -= price
        return item

    @rule(target=ended, item=consumes(items))
    def release(self, item: Any) -> Any:
        order, item_id, price = item
        assert self.purse.release(order, price, item_id=item_id)
        self.model.held -= price
        self.model.comes(price)
        return item

    @rule(item=ended, word=st.sampled_from(["capture", "release"]))
    def end_again(self, item: Any, word: str) -> None:
        order, item_id, price = item
        assert getattr(self.purse, word)(order, price, item_id=item_id) is False

    @rule(target=orders, price=PRICES, captured=st.integers(0, 3))
    def hold_and_lose(self, price: int, captured: int) -> Any:
        """An order of which some pictures come, and nobody ends the rest."""
        order = new_id()
        try:
            self.purse.hold(price * 4, order)
        except LimitReached as refused:
            self.check_refusal(refused.key, price * 4)
            return multiple()
        for _ in range(captured):
            assert self.purse.capture(order, price)
        self.model.available -= price * 4
        self.model.held += price * (4 - captured)
        return order, price * (4 - captured)

    @rule(order=consumes(orders))
    def expire(self, order: Any) -> None:
        order_id, left = order
        assert self.purse.expire(order_id) == left
        assert self.purse.expire(order_id) == 0
        self.model.held -= left
        self.model.comes(left)

    @invariant()
    def the_wallet_is_the_models(self) -> None:
        assert self.purse.balances == (self.model.available, self.model.held, self.model.owed)

    def teardown(self) -> None:
        entries = self.purse.entries
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        assert findings() == {}


def test_l4_whatever_happens_in_whatever_order_each_hold_ends_once(house: House) -> None:
    bound = type("Bound", (Machine,), {"house": house})
    # Every step is a transaction: what fails is short enough to be read, and to make it shorter would take minutes.
    once = settings(max_examples=25, stateful_step_count=30, phases=[Phase.generate], database=None)
    run_state_machine_as_test(bound, settings=once)
