"""A new app is a new folder; a wrong one stops the start with a sentence that names the file."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lumiku_web.apps
from lumiku_web import discovery
from lumiku_web.domain.catalog.schemas import AppManifest
from lumiku_web.errors import AppInvalid

GOOD = """
from lumiku_web.sdk import AppManifest, JobKind, Params
class Wanted(Params):
    words: str = ""
MANIFEST = AppManifest("zebra-maker", "zebra.title", "zebra.summary", "brush", {position}, (JobKind("stripes", Wanted),))
"""
PIPELINE = "async def generate(ctx, params):\n    return 7\n"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make an app `zebra_maker` of these files in a folder that belongs to the apps for this test only."""
    before = set(sys.modules)
    monkeypatch.setattr(lumiku_web.apps, "__path__", [str(tmp_path)])
    monkeypatch.syspath_prepend(str(tmp_path))

    def app(folder: str = "zebra_maker", **files: str) -> Path:
        home = tmp_path / folder
        home.mkdir()
        for room, content in {"__init__": "", **files}.items():
            (home / f"{room}.py").write_text(content, encoding="utf-8")
        return home

    yield app
    for name in set(sys.modules) - before:
        if name.startswith("lumiku_web.apps.zebra_maker"):
            del sys.modules[name]
            vars(lumiku_web.apps).pop("zebra_maker", None)


def find() -> dict[str, AppManifest]:
    return discovery.find_apps.__wrapped__()


def refusal(room: Callable[[], object] = find) -> str:
    with pytest.raises(AppInvalid) as stopped:
        room()
    sentence = str(stopped.value)
    assert sentence.startswith("Lumiku can't start: the app in apps/zebra_maker/")
    assert "\n" not in sentence
    return sentence


def test_a_folder_with_a_manifest_is_an_app(make: Make) -> None:
    make(manifest=GOOD.format(position=5))
    (make("notes") / "__init__.py").unlink()  # no package: not an app, and no error
    assert [(slug, app.route) for slug, app in find().items()] == [("zebra-maker", "/apps/zebra-maker")]


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("", "it needs a MANIFEST of type AppManifest"),
        ("MANIFEST = {'slug': 'zebra-maker'}", "it needs a MANIFEST of type AppManifest"),
        (GOOD.format(position=5).replace("zebra-maker", "lion-maker"), "the slug 'lion-maker' is not the folder's name"),
        (GOOD.format(position=5).replace('(JobKind("stripes", Wanted),)', "()"), "it offers no kind of job"),
        (
            GOOD.format(position=5).replace('(JobKind("stripes", Wanted),)', '(JobKind("a", Wanted), JobKind("a", Wanted))'),
            "two kinds have the same name",
        ),
    ],
)
def test_a_wrong_manifest_stops_the_start_with_a_sentence(make: Make, manifest: str, problem: str) -> None:
    make(manifest=manifest)
    assert refusal() == f"Lumiku can't start: the app in apps/zebra_maker/manifest.py is not valid: {problem}."


def test_a_missing_manifest_stops_the_start_with_a_sentence(make: Make) -> None:
    make()
    assert refusal() == "Lumiku can't start: the app in apps/zebra_maker/manifest.py is not valid: the file is missing."


def test_a_missing_library_keeps_its_own_name(make: Make) -> None:
    make(manifest="import no_such_library")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        find()


def test_the_pipeline_is_loaded_when_a_worker_needs_it(make: Make) -> None:
    make(manifest=GOOD.format(position=5), pipeline=PIPELINE)
    (app,) = find().values()
    assert "lumiku_web.apps.zebra_maker.pipeline" not in sys.modules
    assert discovery.load_pipeline.__wrapped__(app).__name__ == "generate"


@pytest.mark.parametrize("pipeline", ["", "def generate(ctx, params): ...", "generate = 7"])
def test_a_wrong_pipeline_is_a_sentence(make: Make, pipeline: str) -> None:
    make(manifest=GOOD.format(position=5), pipeline=pipeline)
    (app,) = find().values()
    sentence = refusal(lambda: discovery.load_pipeline.__wrapped__(app))
    assert "apps/zebra_maker/pipeline.py" in sentence
    assert "it needs an `async def generate(ctx, params)`" in sentence


def test_a_missing_page_or_pipeline_is_a_sentence(make: Make) -> None:
    make(manifest=GOOD.format(position=5))
    (app,) = find().values()
    assert "apps/zebra_maker/page.py is not valid: the file is missing" in refusal(lambda: discovery.load_page(app))
    assert "apps/zebra_maker/pipeline.py is not valid: the file is missing" in refusal(
        lambda: discovery.load_pipeline.__wrapped__(app)
    )
