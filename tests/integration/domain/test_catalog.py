"""Models and the ways to them: what is planted, and which way is taken."""

from collections.abc import Mapping

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, IntegrityError

from lumiku_web import bridge
from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.images_bfl import BflImages
from lumiku_web.adapters.images_huggingface import HuggingFaceImages
from lumiku_web.bootstrap import Services
from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.models import ImageModel, ModelRoute
from lumiku_web.domain.catalog.schemas import ModelRead, Unreachable
from lumiku_web.domain.providers.ports import ImageProvider
from lumiku_web.errors import InvalidInput
from tests.factories.rows import all_rows, count_of

#: None of them is ever asked.
HUGGING_FACE: Mapping[str, ImageProvider] = {"huggingface": HuggingFaceImages("http://127.0.0.1:1", "hf_x")}
BFL: Mapping[str, ImageProvider] = {"bfl": BflImages("http://127.0.0.1:1", "bfl_x", HttpFetcher())}
BOTH = {**BFL, **HUGGING_FACE}


#: What is planted: key → (app, plan, credits, quota, edge in px, steps, guidance).
PLANTED = {
    "flux-dev": ("", "free", 8, 1, 1024, 28, 3.5),
    "flux-schnell": ("", "basic", 6, 1, 1024, 4, None),
    "flux-2-pro": ("", "pro", 15, 3, 1024, None, None),
    "illustrator": ("", "free", 1, 1, 1024, None, None),
    "flux-dev-standard": ("", "free", 10, 1, 512, 28, 3.5),
    "flux-dev-hd": ("", "basic", 15, 2, 1024, 28, 3.5),
    "flux-dev-realism": ("avatar-creator", "basic", 12, 2, 768, 30, 3.5),
    "flux-dev-hd-realism": ("avatar-creator", "pro", 15, 3, 1024, 35, 3.5),
    "photomaker-basic": ("avatar-creator", "basic", 18, 2, 512, 50, 7.5),
    "photomaker-pro": ("avatar-creator", "pro", 25, 3, 1024, 50, 7.5),
    "photomaker-enterprise": ("avatar-creator", "enterprise", 35, 4, 1536, 50, 7.5),
    "flux-controlnet-free": ("pose-generator", "free", 15, 1, 512, 4, None),
    "flux-controlnet-standard": ("pose-generator", "basic", 30, 2, 768, 28, 3.5),
    "flux-controlnet-pro": ("pose-generator", "pro", 40, 3, 1024, 35, 3.5),
    "background-changer-sam": ("pose-generator", "basic", 10, 1, 1024, None, None),
}
SERVED = {"flux-dev", "flux-schnell", "flux-2-pro", "illustrator"}


def usable(providers: Mapping[str, ImageProvider], app: str = "") -> dict[str, ModelRead]:
    return {model.key: model for model in bridge.run(catalog.usable_models, providers, app)}


def change(owner_engine: Engine, statement: str) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("providers", "ways"),
    [
        (HUGGING_FACE, {"flux-dev": "huggingface", "flux-schnell": "huggingface"}),
        (BFL, {"flux-dev": "bfl", "flux-2-pro": "bfl"}),
        (BOTH, {"flux-dev": "huggingface", "flux-schnell": "huggingface", "flux-2-pro": "bfl"}),
        ({}, {}),
    ],
    ids=["huggingface", "bfl", "both", "none"],
)
def test_a_model_is_reached_by_the_first_way_that_is_set_up(
    services: Services, providers: Mapping[str, ImageProvider], ways: dict[str, str]
) -> None:
    assert {key: model.provider for key, model in usable(providers).items()} == ways


def test_position_decides_between_two_ways(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE model_routes SET position = -1 WHERE provider = 'bfl'")
    model = usable(BOTH)["flux-dev"]
    assert (model.provider, model.provider_model) == ("bfl", "flux-dev")


def test_what_is_planted_fits_each_of_its_ways(services: Services) -> None:
    models = {model.key: model for model in all_rows(ImageModel)}
    providers = {**BOTH, **services.providers}
    for route in all_rows(ModelRoute):
        model, can = models[route.model_key], providers[route.provider].capabilities(route.provider_model)
        assert can.fits(model.width_px, model.height_px, model.steps, model.guidance), route


@pytest.mark.parametrize(
    "change_of_model", ["width_px = 1504", "height_px = 1008", "width_px = 192", "guidance = 7.0"], ids=lambda change: change
)
def test_a_way_that_can_not_make_the_model_as_it_is_set_is_not_taken(
    services: Services, owner_engine: Engine, change_of_model: str
) -> None:
    change(owner_engine, f"UPDATE image_models SET {change_of_model} WHERE key = 'flux-dev'")  # noqa: S608 (our own tables)
    assert "flux-dev" not in usable(BFL)
    if "192" not in change_of_model:
        assert usable(BOTH)["flux-dev"].provider == "huggingface"


def test_steps_that_a_way_does_not_know_are_not_ordered(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE image_models SET steps = 28, guidance = 3.5 WHERE key = 'flux-2-pro'")
    model = usable(BFL)["flux-2-pro"]
    assert (model.steps, model.guidance) == (None, None)


def test_a_way_with_a_name_that_its_provider_does_not_know_is_passed_over(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE model_routes SET provider_model = 'flux-9' WHERE provider = 'huggingface'")
    assert usable(BOTH)["flux-dev"].provider == "bfl"
    assert "flux-schnell" not in usable(BOTH)


def rows(owner_engine: Engine) -> list[tuple[object, ...]]:
    with owner_engine.connect() as connection:
        models = connection.execute(text("SELECT * FROM image_models ORDER BY key")).all()
        routes = connection.execute(text("SELECT model_key, provider, provider_model FROM model_routes ORDER BY 1, 2")).all()
    return [tuple(row) for row in (*models, *routes)]


def test_planting_again_changes_nothing(services: Services, owner_engine: Engine) -> None:
    before = rows(owner_engine)
    bridge.run(catalog.seed)
    assert rows(owner_engine) == before
    assert (count_of(ImageModel), count_of(ModelRoute)) == (len(PLANTED), 9)


def test_planting_again_keeps_what_an_operator_changed(services: Services, owner_engine: Engine) -> None:
    change(
        owner_engine,
        "UPDATE image_models SET title = 'Ours', position = 99, credits_price = 77, quota_price = 9, tier = 'pro',"
        " is_enabled = false, is_beta = true, app = 'ours' WHERE key = 'flux-dev'",
    )
    change(
        owner_engine, "UPDATE model_routes SET provider_model = 'ours/flux', is_enabled = false WHERE provider = 'huggingface'"
    )
    before = rows(owner_engine)
    bridge.run(catalog.seed)
    assert rows(owner_engine) == before


def test_a_database_of_the_time_before_the_second_service_gets_its_ways(services: Services, owner_engine: Engine) -> None:
    planted = rows(owner_engine)
    change(owner_engine, "DELETE FROM model_routes WHERE provider = 'bfl'")
    change(owner_engine, "DELETE FROM image_models WHERE key = 'flux-2-pro'")
    bridge.run(catalog.seed)
    assert rows(owner_engine) == planted


def test_every_model_of_the_price_list_is_planted_with_its_price(services: Services) -> None:
    planted = {
        row.key: (row.app, row.tier, row.credits_price, row.quota_price, row.width_px, row.steps, row.guidance)
        for row in all_rows(ImageModel)
    }
    assert planted == PLANTED
    assert all(row.height_px == row.width_px for row in all_rows(ImageModel))


def test_what_nobody_can_make_is_off_and_says_what_it_would_need(services: Services) -> None:
    shown = {model.key: model for model in bridge.run(catalog.registered_models, {**BOTH, **services.providers})}
    assert {key for key, model in shown.items() if model.why_not is None} == SERVED
    assert {key for key in shown if shown[key].why_not is Unreachable.off} == {"flux-dev-standard", "flux-dev-hd"}
    never = {key for key in shown if shown[key].why_not is Unreachable.no_route}
    assert never == set(PLANTED) - SERVED - {"flux-dev-standard", "flux-dev-hd"}
    assert all({"lora", "reference_pictures", "pose", "backgrounds"} & shown[key].abilities.keys() for key in never)
    assert all("max_px" in model.abilities for model in shown.values())


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE model_routes SET is_enabled = false", Unreachable.routes_off),
        ("UPDATE image_models SET is_enabled = false", Unreachable.off),
        ("UPDATE image_models SET guidance = 7.5", Unreachable.does_not_fit),
        ("UPDATE model_routes SET provider_model = 'flux-9'", Unreachable.does_not_fit),
        ("UPDATE model_routes SET provider = 'comfy'", Unreachable.not_set_up),
        ("DELETE FROM model_routes", Unreachable.no_route),
        ("UPDATE image_models SET is_beta = true", None),
    ],
)
def test_the_registry_says_why_nobody_can_order(
    services: Services, owner_engine: Engine, statement: str, why: Unreachable | None
) -> None:
    change(owner_engine, statement)
    shown = {model.key: model.why_not for model in bridge.run(catalog.registered_models, BFL)}
    assert shown["flux-dev"] is why
    assert ("flux-dev" in usable(BFL)) == (why is None)


def test_an_app_offers_its_own_models_and_those_of_every_app(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE image_models SET app = 'pose-generator' WHERE key = 'flux-schnell'")
    assert set(usable(BOTH, "avatar-creator")) == {"flux-dev", "flux-2-pro"}
    assert set(usable(BOTH, "pose-generator")) == {"flux-dev", "flux-2-pro", "flux-schnell"}
    assert set(usable(BOTH)) == {"flux-dev", "flux-2-pro", "flux-schnell"}
    with pytest.raises(InvalidInput) as refused:
        bridge.run(catalog.usable_model, BOTH, "avatar-creator", "flux-schnell")
    assert refused.value.key == "model_not_usable"


@pytest.mark.parametrize("tier", Tier)
def test_all_models_are_offered_and_those_of_a_greater_plan_are_closed(services: Services, tier: Tier) -> None:
    offered = bridge.run(catalog.offered_models, BOTH, "avatar-creator", tier)
    assert [one.model.key for one in offered] == ["flux-dev", "flux-schnell", "flux-2-pro"]
    assert [one.unlocked_by for one in offered] == [Tier.free, Tier.basic, Tier.pro]
    assert [one.is_open for one in offered] == [tier.rank >= place for place in range(3)]


def test_who_chooses_no_model_gets_the_first_that_every_plan_has(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE image_models SET position = 0 WHERE key = 'flux-2-pro'")
    assert bridge.run(catalog.usable_model, BOTH, "avatar-creator", "").key == "flux-dev"


def test_planting_again_tells_anew_what_a_model_can_do(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE image_models SET abilities = '{}'")
    bridge.run(catalog.seed)
    assert all(row.abilities for row in all_rows(ImageModel))


@pytest.mark.parametrize("column", ["credits_price", "quota_price"])
@pytest.mark.parametrize("price", [0, -1, -2_147_483_648])
def test_l10_the_database_itself_refuses_a_price_that_is_none(
    services: Services, owner_engine: Engine, column: str, price: int
) -> None:
    with owner_engine.connect() as connection, pytest.raises(IntegrityError, match="price_positive"):
        connection.execute(text(f"UPDATE image_models SET {column} = {price} WHERE key = 'illustrator'"))  # noqa: S608 (ours)


@pytest.mark.parametrize(
    "what", ["credits_price = 2147483648", "tier = 'platinum'", "width_px = 100000", "title = repeat('x', 101)"]
)
def test_l10_the_database_itself_refuses_what_no_model_can_be(services: Services, owner_engine: Engine, what: str) -> None:
    with owner_engine.connect() as connection, pytest.raises((IntegrityError, DataError)):
        connection.execute(text(f"UPDATE image_models SET {what} WHERE key = 'illustrator'"))  # noqa: S608 (our own tables)
