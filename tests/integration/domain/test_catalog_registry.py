"""Admins decide about models and apps: bounded, audited, and for orders from now on."""

from typing import Any

import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.domain.catalog.models import AppSwitch, ImageModel
from lumiku_web.domain.catalog.policy import CREDITS_MAX, QUOTA_MAX
from lumiku_web.domain.catalog.schemas import AppAccess, AppState, ModelChange
from lumiku_web.errors import InvalidInput, LumikuError, NotFound, NotPermitted
from tests.factories.house import House
from tests.factories.rows import all_rows

AS_PLANTED = {"credits": 1, "quota": 1, "tier": "free", "is_enabled": True, "is_beta": False}


def change(services: Services, actor: Actor, key: str = "illustrator", **facts: Any) -> None:
    bridge.run(services.registry.change_model, actor, key, ModelChange(**{**AS_PLANTED, **facts}))


def switch(services: Services, actor: Actor, state: object, tier: object = "free", slug: str = "avatar-creator") -> None:
    bridge.run(services.registry.switch_app, actor, slug, state, tier)


def model(key: str = "illustrator") -> ImageModel:
    return next(row for row in all_rows(ImageModel) if row.key == key)


def acts(action: str) -> list[dict[str, object]]:
    return [event.facts for event in all_rows(AuditEvent) if event.action == action]


def test_a_change_is_kept_and_audited_with_what_was_before(house: House, services: Services) -> None:
    admin = house.member()
    change(services, admin, credits=3, quota=2, tier="basic", is_beta=True)
    row = model()
    assert (row.credits_price, row.quota_price, row.tier, row.is_enabled, row.is_beta) == (3, 2, "basic", True, True)
    before = {"credits_price": 1, "quota_price": 1, "tier": "free", "is_beta": False}
    after = {"credits_price": 3, "quota_price": 2, "tier": "basic", "is_beta": True}
    assert acts("model_changed") == [{"model": "illustrator", "before": before, "after": after}]


def test_what_stays_as_it_was_is_no_act(house: House, services: Services) -> None:
    admin = house.member()
    change(services, admin)
    switch(services, admin, "on")
    assert acts("model_changed") + acts("app_switched") == []


@pytest.mark.parametrize("price", [0, -1, CREDITS_MAX + 1, 10**30, 1.5, "8", "", None, True, {"a": 1}])
def test_l10_a_price_that_is_none_is_refused_and_changes_nothing(house: House, services: Services, price: object) -> None:
    admin = house.member()
    for field, key in (("credits", "price_out_of_range"), ("quota", "quota_price_out_of_range")):
        with pytest.raises(InvalidInput) as refused:
            change(services, admin, is_beta=True, **{field: price})
        assert (refused.value.key, refused.value.field) == (key, field)
    assert (model().is_beta, acts("model_changed")) == (False, [])


def test_the_greatest_prices_are_taken(house: House, services: Services) -> None:
    change(services, house.member(), credits=CREDITS_MAX, quota=QUOTA_MAX)
    assert (model().credits_price, model().quota_price) == (CREDITS_MAX, QUOTA_MAX)


@pytest.mark.parametrize("tier", ["platinum", "", None, ["free"], {"a": 1}, 3])
def test_a_plan_that_there_is_not_is_refused(house: House, services: Services, tier: object) -> None:
    admin = house.member()
    for act in (lambda: change(services, admin, tier=tier), lambda: switch(services, admin, "on", tier)):
        with pytest.raises(InvalidInput) as refused:
            act()
        assert (refused.value.key, refused.value.field) == ("tier_unknown", "tier")
    assert acts("model_changed") + acts("app_switched") == []


@pytest.mark.parametrize("state", ["paused", "", None, ["on"], 1])
def test_a_state_that_there_is_not_is_refused(house: House, services: Services, state: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        switch(services, house.member(), state)
    assert (refused.value.key, refused.value.field) == ("app_state_unknown", "state")


def test_an_app_is_switched_and_what_was_before_is_audited(house: House, services: Services) -> None:
    admin = house.member()
    assert bridge.run(services.registry.access, admin) == {slug: AppAccess() for slug in services.apps}
    switch(services, admin, "beta", "pro")
    switch(services, admin, "off", "pro")
    assert bridge.run(services.registry.access, admin)["avatar-creator"] == AppAccess(AppState.off, Tier.pro)
    assert acts("app_switched") == [
        {"app": "avatar-creator", "before": {"state": "on", "tier": "free"}, "after": {"state": "beta", "tier": "pro"}},
        {"app": "avatar-creator", "before": {"state": "beta"}, "after": {"state": "off"}},
    ]


def test_what_is_not_there_can_not_be_changed(house: House, services: Services) -> None:
    admin = house.member()
    with pytest.raises(NotFound) as no_model:
        change(services, admin, "flux-9")
    with pytest.raises(NotFound) as no_app:
        switch(services, admin, "off", slug="casino")
    assert (no_model.value.key, no_app.value.key) == ("model_not_found", "app_not_found")
    assert all_rows(AppSwitch) == []


def test_t7_nobody_but_an_admin_reads_or_changes_it(house: House, services: Services) -> None:
    house.member()
    eve = house.member(name="Eve")
    registry = services.registry
    for act in (
        lambda: change(services, eve, credits=1),
        lambda: switch(services, eve, "off"),
        lambda: bridge.run(registry.models, eve),
        lambda: bridge.run(registry.access, eve),
    ):
        with pytest.raises(LumikuError) as refused:
            act()
        assert isinstance(refused.value, NotPermitted)
    assert acts("model_changed") + acts("app_switched") == []


def test_the_registry_has_every_model_with_its_ways(house: House, services: Services) -> None:
    models = {one.key: one for one in bridge.run(services.registry.models, house.member())}
    assert models.keys() == {row.key for row in all_rows(ImageModel)}
    assert models["flux-dev"].routes == ("huggingface black-forest-labs/FLUX.1-dev", "bfl flux-dev")
    assert (models["illustrator"].why_not, models["photomaker-pro"].routes) == (None, ())
