"""Prices and access: what is shown is what is held, what is held is what is captured, and nobody orders beyond their plan."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor, Role
from lumiku_web.domain.billing import policy as billing
from lumiku_web.domain.billing.schemas import Price
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.policy import priced
from lumiku_web.domain.catalog.schemas import ModelChange
from lumiku_web.domain.generations.models import Generation
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.errors import Conflict, LimitReached, LumikuError, Permanent
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of

OLD = Price(1, 1)


def set_price(services: Services, admin: Actor, credits: int = 1, quota: int = 1, *, tier: str = "free") -> None:
    change = ModelChange(credits, quota, tier, is_enabled=True, is_beta=False)
    bridge.run(services.registry.change_model, admin, "illustrator", change)


def switch(services: Services, admin: Actor, state: str, tier: str = "free") -> None:
    bridge.run(services.registry.switch_app, admin, "avatar-creator", state, tier)


def wallet(actor: Actor) -> tuple[int, int]:
    known = bridge.run(ledger.wallets, [actor.user_id])[actor.user_id]
    return known.available, known.held


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 10_000), st.integers(1, 4), st.data())
def test_l12_the_price_that_is_shown_is_held_and_what_is_delivered_of_it_is_captured(
    house: House, services: Services, credits: int, count: int, data: st.DataObject
) -> None:
    admin = house.member()
    set_price(services, replace(admin, role=Role.admin), credits)
    actor = house.member(name="Eve")
    order = house.order(house.project(actor).id, count=count)
    shown = priced(bridge.run(catalog.usable_model, services.providers, "avatar-creator", "illustrator"), order.params).price
    standing = bridge.run(services.payments.standings, [actor.user_id])[actor.user_id]
    quote = billing.quote(standing, shown, count)
    before = wallet(actor)[0]
    items = house.submit(actor, replace(order, shown_price=shown)).items
    assert wallet(actor) == (before - quote.credits, quote.credits)
    delivered = data.draw(st.integers(0, count), label="delivered")
    for place, item in enumerate(items):
        claim = house.claim(item.id)
        if place < delivered:
            house.deliver(claim)
        else:
            bridge.run(services.leases.fail, claim, Permanent("provider_refused"))
    assert quote.credits == credits * count
    assert wallet(actor) == (before - credits * delivered, 0)


def test_l12_a_price_that_changed_while_the_form_was_open_is_told_and_nothing_is_charged(
    house: House, services: Services
) -> None:
    admin = house.member()
    order = replace(house.order(house.project(admin).id, count=4), shown_price=OLD)
    before = wallet(admin)
    set_price(services, admin, 3)
    with pytest.raises(Conflict) as refused:
        house.submit(admin, order)
    assert (refused.value.key, refused.value.facts) == ("price_changed", {"model": "Illustrator", "credits": 3, "quota": 1})
    assert (wallet(admin), count_of(Generation)) == (before, 0)
    house.submit(admin, replace(order, shown_price=Price(3, 1)))
    assert wallet(admin) == (before[0] - 12, 12)


def test_l12_a_price_that_changed_in_quota_alone_is_told_too(house: House, services: Services) -> None:
    admin = house.member()
    order = replace(house.order(house.project(admin).id), shown_price=OLD)
    set_price(services, admin, 1, 2)
    with pytest.raises(Conflict):
        house.submit(admin, order)


def test_l7_a_click_repeated_after_the_price_changed_finds_its_order_at_the_old_price(house: House, services: Services) -> None:
    admin = house.member()
    order = replace(house.order(house.project(admin).id), shown_price=OLD)
    first = house.submit(admin, order)
    set_price(services, admin, 50)
    switch(services, admin, "off")
    assert house.submit(admin, order).id == first.id
    assert wallet(admin)[1] == 1


def test_what_failed_is_tried_again_at_todays_price(house: House, services: Services) -> None:
    admin = house.member()
    made = house.submit(admin)
    bridge.run(services.leases.fail, house.claim(made.items[0].id), Permanent("provider_refused"))
    set_price(services, admin, 5)
    bridge.run(services.generations.try_again, admin, made.id)
    assert sorted(row.credits_price for row in all_rows(Generation)) == [1, 5]
    assert wallet(admin)[1] == 5


def test_what_failed_is_tried_again_only_by_todays_plan(house: House, services: Services) -> None:
    admin = house.member()
    made = house.submit(admin)
    bridge.run(services.leases.fail, house.claim(made.items[0].id), Permanent("provider_refused"))
    set_price(services, admin, tier="basic")
    with pytest.raises(LimitReached) as refused:
        bridge.run(services.generations.try_again, admin, made.id)
    assert (refused.value.key, wallet(admin)[1]) == ("model_not_in_plan", 0)
    bridge.run(services.operations.try_again, admin, made.id)
    assert count_of(Generation) == 2


REFUSED: dict[str, tuple[Callable[[Services, Actor], None], str]] = {
    "app off": (lambda services, admin: switch(services, admin, "off"), "app_off"),
    "app to come": (lambda services, admin: switch(services, admin, "coming_soon"), "app_coming_soon"),
    "app of a greater plan": (lambda services, admin: switch(services, admin, "on", "basic"), "app_not_in_plan"),
    "beta of a greater plan": (lambda services, admin: switch(services, admin, "beta", "pro"), "app_not_in_plan"),
    "model of a greater plan": (lambda services, admin: set_price(services, admin, tier="basic"), "model_not_in_plan"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_l12_what_a_member_may_not_have_is_refused_whole(house: House, services: Services, what: str) -> None:
    close, key = REFUSED[what]
    admin = house.member()
    order = house.order(house.project(admin).id, count=4)
    close(services, admin)
    before = wallet(admin)
    with pytest.raises(LumikuError) as refused:
        house.submit(admin, order)
    assert refused.value.key == key
    assert (wallet(admin), count_of(Generation)) == (before, 0)
    given = bridge.run(services.generations.submit, admin, replace(order, key=new_id()), given_by=admin.user_id)
    assert len(given.items) == 4


def test_an_app_in_beta_takes_orders(house: House, services: Services) -> None:
    admin = house.member()
    switch(services, admin, "beta")
    house.submit(admin)
