"""What every app promises, whoever wrote it."""

import inspect
import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from lumiku_web.discovery import find_apps, load_pipeline
from lumiku_web.domain.catalog.schemas import AppManifest, JobKind, Params
from lumiku_web.ui.texts import LANGUAGES, catalogue

APPS = find_apps()
KINDS = [(app, kind) for app in APPS.values() for kind in app.kinds]
PROJECT = Path(__file__).parents[2]

each_app = pytest.mark.parametrize("app", APPS.values(), ids=APPS)
each_kind = pytest.mark.parametrize(("app", "kind"), KINDS, ids=[f"{app.slug}.{kind.name}" for app, kind in KINDS])


def test_there_is_an_app() -> None:
    assert "avatar-creator" in APPS


@each_app
def test_its_title_and_summary_are_in_every_language(app: AppManifest) -> None:
    for language in LANGUAGES:
        assert {app.title, app.summary} <= set(catalogue(language))


@each_app
def test_its_slug_can_stand_in_an_address(app: AppManifest) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", app.slug)
    assert app.route == f"/apps/{app.slug}"


@each_app
def test_its_pipeline_takes_a_context_and_params_and_knows_nothing_else(app: AppManifest) -> None:
    generate = load_pipeline(app)
    assert inspect.iscoroutinefunction(generate)
    assert list(inspect.signature(generate).parameters) == ["ctx", "params"]


@each_kind
def test_its_bounds_make_sense(app: AppManifest, kind: JobKind) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.name)
    assert 1 <= kind.timeout_seconds <= 3600
    assert 1 <= kind.max_attempts <= 5


@each_kind
def test_its_params_survive_the_row_they_are_kept_in(app: AppManifest, kind: JobKind) -> None:
    assert issubclass(kind.params, Params)
    params = kind.params()
    kept = json.loads(json.dumps(params.model_dump(mode="json")))
    assert kind.params.model_validate(kept) == params
    assert kept["version"] >= 1


@each_kind
def test_its_params_are_frozen_and_refuse_what_they_do_not_know(app: AppManifest, kind: JobKind) -> None:
    with pytest.raises(ValidationError):
        kind.params.model_validate({"no_such_field": 1})
    with pytest.raises(ValidationError):
        kind.params().version = 9


@each_kind
def test_every_text_of_its_params_is_bounded(app: AppManifest, kind: JobKind) -> None:
    for name, field in kind.params.model_fields.items():
        if field.annotation is str:
            assert any(getattr(part, "max_length", None) for part in field.metadata), f"{kind.params.__name__}.{name}"


def test_the_guide_to_apps_names_every_app() -> None:
    guide = PROJECT / "docs" / "apps.md"
    if guide.exists():
        text = guide.read_text(encoding="utf-8")
        assert [slug for slug in APPS if slug not in text] == []
