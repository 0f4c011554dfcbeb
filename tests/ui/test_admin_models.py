"""The page of models and apps without a browser: what an admin sees, changes, and is refused."""

from typing import Any

import pytest

from lumiku_web.domain.catalog.models import AppSwitch, ImageModel
from lumiku_web.domain.catalog.policy import CREDITS_MAX, QUOTA_MAX
from lumiku_web.ui.pages.admin.models_state import AdminModelsState
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import say
from tests.factories.house import House
from tests.factories.rows import all_rows
from tests.ui.conftest import Browser, open_as_admin

FORM = {"credits": "12", "quota": "2", "tier": "pro", "state": "beta"}


@pytest.fixture
async def registry(browser: Browser, house: House) -> Browser:
    """The page in a tab of the admin."""
    return await open_as_admin(browser, house, AdminModelsState, "/admin/models")


async def page(tab: Browser) -> AdminModelsState:
    return await tab.state(AdminModelsState)


async def said(tab: Browser) -> str:
    return (await tab.state(SessionState)).notice_text


def illustrator() -> tuple[Any, ...]:
    (row,) = (row for row in all_rows(ImageModel) if row.key == "illustrator")
    return row.credits_price, row.quota_price, row.tier, row.is_enabled, row.is_beta


async def test_every_model_is_shown_with_its_price_and_why_it_can_not_be_ordered(registry: Browser) -> None:
    rows = {row.id: row for row in (await page(registry)).models}
    assert rows.keys() == {row.key for row in all_rows(ImageModel)}
    flux, drawn, photos = rows["flux-dev"], rows["illustrator"], rows["photomaker-pro"]
    assert drawn.cells[1:6] == ["On", "Every app", "Free", "1", "1"]
    assert (drawn.tone, drawn.cells[-1]) == ("success", "—")
    assert (flux.tone, flux.cells[1]) == ("warning", "Can't be ordered")
    assert flux.cells[-1] == say("en", "models.why.not_set_up")
    assert photos.cells[1:6] == ["Off", "Avatar Creator", "Pro", "25", "3"]
    assert photos.cells[6] == "up to 4 reference pictures · up to 1536 px"
    assert photos.cells[-1] == say("en", "models.why.no_route")


async def test_a_model_is_changed_by_its_form(registry: Browser) -> None:
    await registry.send(AdminModelsState, "ask_model", key="illustrator")
    state = await page(registry)
    assert (state.question, state.asked_name) == ("model", "Illustrator")
    assert dict(state.asked) == {"credits": "1", "quota": "1", "tier": "free", "state": "on"}
    await registry.send(AdminModelsState, "change_model", form=FORM)
    assert illustrator() == (12, 2, "pro", True, True)
    state = await page(registry)
    assert state.question == ""
    assert await said(registry) == say("en", "models.changed", name="Illustrator")
    assert next(row for row in state.models if row.id == "illustrator").cells[1:6] == ["Beta", "Every app", "Pro", "12", "2"]


@pytest.mark.parametrize(
    ("field", "typed", "key", "facts"),
    [
        *(
            ("credits", text, "price_out_of_range", {"maximum": CREDITS_MAX})
            for text in ("", "0", "-1", "8.5", "9" * 40, "eight")
        ),
        ("quota", "101", "quota_price_out_of_range", {"maximum": QUOTA_MAX}),
        ("tier", "platinum", "tier_unknown", {}),
        ("state", "coming_soon", "app_state_unknown", {}),
    ],
)
async def test_l10_what_is_wrong_stands_beside_its_field(
    registry: Browser, field: str, typed: str, key: str, facts: dict[str, object]
) -> None:
    await registry.send(AdminModelsState, "ask_model", key="illustrator")
    await registry.send(AdminModelsState, "change_model", form={**FORM, field: typed})
    state = await page(registry)
    assert {name: text for name, text in state.field_errors.items() if text} == {field: say("en", f"error.{key}", **facts)}
    assert state.question == "model"
    assert illustrator() == (1, 1, "free", True, False)
    await registry.send(AdminModelsState, "ask_model", key="illustrator")
    assert not any((await page(registry)).field_errors.values())


async def test_an_app_is_switched_by_its_form(registry: Browser) -> None:
    assert [row.cells for row in (await page(registry)).apps] == [["Avatar Creator", "On", "Free"]]
    await registry.send(AdminModelsState, "ask_app", slug="avatar-creator")
    await registry.send(AdminModelsState, "switch_app", form={"state": "coming_soon", "tier": "basic"})
    assert [(row.slug, row.state, row.tier) for row in all_rows(AppSwitch)] == [("avatar-creator", "coming_soon", "basic")]
    assert [row.cells for row in (await page(registry)).apps] == [["Avatar Creator", "Coming soon", "Basic"]]


@pytest.mark.parametrize("forged", ["flux-9", "", None, {"a": 1}, 7])
async def test_what_is_not_there_is_not_asked_about(registry: Browser, forged: object) -> None:
    await registry.send(AdminModelsState, "ask_model", key=forged)
    assert await said(registry) == say("en", "error.model_not_found")
    await registry.send(AdminModelsState, "ask_app", slug=forged)
    assert await said(registry) == say("en", "error.app_not_found")
    await registry.send(AdminModelsState, "change_model", form=FORM)
    await registry.send(AdminModelsState, "switch_app", form={"state": "off", "tier": "free"})
    assert (illustrator(), all_rows(AppSwitch)) == ((1, 1, "free", True, False), [])


async def test_t7_a_member_changes_nothing(browser: Browser, house: House) -> None:
    house.member(name="Root")
    _, secret = house.sign_in(name="Eve")
    tab = browser.tab(secret=secret, path="/admin/models")
    for handler, payload in (
        ("load", {}),
        ("ask_model", {"key": "illustrator"}),
        ("change_model", {"form": FORM}),
        ("ask_app", {"slug": "avatar-creator"}),
        ("switch_app", {"form": {"state": "off", "tier": "free"}}),
    ):
        await tab.send(AdminModelsState, handler, **payload)
    state = await page(tab)
    assert (state.is_ready, state.models, state.question) == (False, [], "")
    assert illustrator() == (1, 1, "free", True, False)
