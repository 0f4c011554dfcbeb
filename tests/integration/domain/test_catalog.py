"""Models and the ways to them: what is planted, and which way is taken."""

from collections.abc import Mapping

import pytest
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.images_bfl import BflImages
from lumiku_web.adapters.images_huggingface import HuggingFaceImages
from lumiku_web.bootstrap import Services
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.models import ImageModel, ModelRoute
from lumiku_web.domain.catalog.schemas import ModelRead
from lumiku_web.domain.providers.ports import ImageProvider
from tests.factories.rows import all_rows, count_of

#: None of them is ever asked.
HUGGING_FACE: Mapping[str, ImageProvider] = {"huggingface": HuggingFaceImages("http://127.0.0.1:1", "hf_x")}
BFL: Mapping[str, ImageProvider] = {"bfl": BflImages("http://127.0.0.1:1", "bfl_x", HttpFetcher())}
BOTH = {**BFL, **HUGGING_FACE}


def usable(providers: Mapping[str, ImageProvider]) -> dict[str, ModelRead]:
    return {model.key: model for model in bridge.run(catalog.usable_models, providers)}


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
        assert (model.width_px, model.height_px) == (1024, 1024)
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
        models = connection.execute(text("SELECT key, title, position FROM image_models ORDER BY key")).all()
        routes = connection.execute(text("SELECT model_key, provider, provider_model FROM model_routes ORDER BY 1, 2")).all()
    return [tuple(row) for row in (*models, *routes)]


def test_planting_again_changes_nothing(services: Services, owner_engine: Engine) -> None:
    before = rows(owner_engine)
    bridge.run(catalog.seed)
    assert rows(owner_engine) == before
    assert (count_of(ImageModel), count_of(ModelRoute)) == (4, 5)


def test_planting_again_keeps_what_an_operator_changed(services: Services, owner_engine: Engine) -> None:
    change(owner_engine, "UPDATE image_models SET title = 'Ours', position = 99 WHERE key = 'flux-dev'")
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
