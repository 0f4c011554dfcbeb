"""The texts about the house name only what is there, and the example in them works."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DECISIONS = PROJECT / "docs" / "decisions"
TEXTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")], key=lambda path: path.relative_to(PROJECT).as_posix())
EXAMPLE = PROJECT / "docs" / "adding-an-app.md"
#: The app of the example, which is nowhere but in its text.
EXAMPLE_APP = "passport_photo"

PATH = re.compile(r"(?<![\w./-])(?:lumiku_web|rq_workers|tests|alembic|assets|docs)/[\w./*<>-]*[\w*>/]")
DOTTED = re.compile(r"(?<![\w./])(?:lumiku_web|rq_workers)(?:\.\w+)+")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
EXAMPLE_FILE = re.compile(r"```python\n# (lumiku_web/apps/\w+/\w+\.py)\n(.*?)```", re.DOTALL)
EXAMPLE_WORDS = re.compile(r"`lumiku_web/ui/catalogue/(\w+)\.json`:\n\n```json\n(.*?)```", re.DOTALL)

#: Loads the example as the product would: manifest, pipeline, then the page with its texts. Arguments: folder of apps, words.
TRIAL = """
import asyncio, json, sys
from pathlib import Path

import lumiku_web.apps
from lumiku_web.ui import texts

folder, words = sys.argv[1], json.loads(sys.argv[2])
lumiku_web.apps.__path__.append(folder)
for language, fresh in words.items():
    texts.catalogue(language).update(fresh)

from lumiku_web import discovery

app = discovery.find_apps()["passport-photo"]
generate = discovery.load_pipeline(app)
assert "reflex" not in sys.modules, "a worker would load Reflex"


class Context:
    async def image(self, wish):
        return wish.prompt


params = app.kinds[0].params.model_validate({"words": "a pilot", "background": "blue"})
print(asyncio.run(generate(Context(), params)))

discovery.load_page(app)
from lumiku_web.ui.guard import access_of
from lumiku_web.ui.page import PAGES

page = next(page for page in PAGES if page.route == app.route)
page.component()
from lumiku_web.apps.passport_photo.state import PassportState

for name in ("generate", "set_background"):
    assert access_of(PassportState.event_handlers[name].fn) == "member", name
"""


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def exists(path: str) -> bool:
    """`<area>` and `*` stand for any name."""
    pattern = re.sub(r"<[\w-]+>", "*", path.rstrip("/"))
    return any(PROJECT.glob(pattern)) if "*" in pattern else (PROJECT / pattern).exists()


def source_of(module: list[str]) -> Path:
    """The file of a module, or of a package."""
    place = PROJECT.joinpath(*module)
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def is_module_or_member(dotted: str) -> bool:
    """`lumiku_web.domain.generations.schemas`, or a name in a module."""
    *module, name = dotted.split(".")
    return source_of([*module, name]).is_file() or (source_of(module).is_file() and name in text_of(source_of(module)))


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_every_path_that_a_text_names_exists(text: Path) -> None:
    named = {path for path in PATH.findall(text_of(text)) if EXAMPLE_APP not in path}
    assert sorted(path for path in named if not exists(path)) == []


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_every_module_that_a_text_names_exists(text: Path) -> None:
    named = {module for module in DOTTED.findall(text_of(text)) if EXAMPLE_APP not in module}
    named = {module for module in named if not module.endswith((".py", ".json"))}
    assert sorted(module for module in named if not is_module_or_member(module)) == []


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_every_link_leads_to_a_file(text: Path) -> None:
    targets = {target: (text.parent / target).resolve() for target in LINK.findall(text_of(text))}
    assert sorted(target for target, path in targets.items() if not path.exists()) == []


def test_every_name_of_the_glossary_is_in_the_code() -> None:
    code = "\n".join(text_of(path) for folder in ("lumiku_web", "rq_workers") for path in (PROJECT / folder).rglob("*.py"))
    rows = re.findall(r"^\| \*\*.*\|$", text_of(PROJECT / "docs" / "glossary.md"), re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([A-Za-z_]+)(?:\.\w+)?`", row.rsplit("|", 2)[1])}
    assert len(names) > 30
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", code)) == []


def named_in_the_tree(text: str) -> set[str]:
    """The files and folders that the tree of the architecture names."""
    tree = text.partition("## The tree")[2].partition("```\n")[2].partition("```")[0]
    return set(re.findall(r"(?<![\w./])[a-z_.]+(?:\.py\b|/)", tree))


def test_the_tree_of_the_architecture_has_every_package_and_no_other() -> None:
    text = text_of(PROJECT / "docs" / "architecture.md")
    packages = {path.parent.name for path in (PROJECT / "lumiku_web" / "domain").glob("*/__init__.py")}
    listed = re.search(r"domain/ +the business\n((?: {4}.*\n)+)", text)
    assert listed is not None
    assert set(listed[1].split()) == packages
    top = {path.name for path in (PROJECT / "lumiku_web").iterdir() if path.suffix == ".py"} - {"__init__.py"}
    top |= {f"{path.parent.name}/" for path in (PROJECT / "lumiku_web").glob("*/__init__.py")}
    named = named_in_the_tree(text)
    assert top - named == set()


def test_the_tree_of_the_architecture_names_every_folder_and_invents_none() -> None:
    named = named_in_the_tree(text_of(PROJECT / "docs" / "architecture.md"))
    folders = {
        f"{path.name}/" for path in PROJECT.iterdir() if path.is_dir() and path.name[0] not in "._" and any(path.iterdir())
    }
    assert len(folders) >= 6
    assert folders - named == set()
    places = [PROJECT, PROJECT / "lumiku_web", PROJECT / "lumiku_web" / "ui"]
    assert sorted(name for name in named if not any((place / name).exists() for place in places)) == []


def test_every_decision_is_in_the_index_and_has_its_own_number() -> None:
    records = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    index = text_of(DECISIONS / "README.md")
    assert [record for record in records if f"]({record})" not in index] == []
    assert sorted(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index)) == records
    numbers = [record[:4] for record in records]
    assert len(set(numbers)) == len(numbers)
    assert [record for record in records if not text_of(DECISIONS / record).startswith(f"# {record[:4]} ")] == []


def test_the_app_of_the_example_works(tmp_path: Path) -> None:
    text = text_of(EXAMPLE)
    files = EXAMPLE_FILE.findall(text)
    words = {language: json.loads(fresh) for language, fresh in EXAMPLE_WORDS.findall(text)}
    assert {"manifest.py", "params.py", "prompts.py", "pipeline.py", "state.py", "page.py"} <= {
        Path(name).name for name, _ in files
    }
    assert len({tuple(sorted(fresh)) for fresh in words.values()}) == 1
    assert all(list(fresh) == sorted(fresh) for fresh in words.values())
    for name, code in files:
        place = tmp_path / Path(name).relative_to("lumiku_web/apps")
        place.parent.mkdir(exist_ok=True)
        place.write_text(code, encoding="utf-8")
    tried = subprocess.run(
        [sys.executable, "-c", TRIAL, str(tmp_path), json.dumps(words)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.splitlines()[-1].startswith("Passport photograph of a pilot, facing the camera")


def test_the_example_uses_the_two_doors_only() -> None:
    text = text_of(EXAMPLE)
    doors = set(re.findall(r"^\| `(lumiku_web[\w.]+)` \|", text, re.MULTILINE))
    imported = {
        f"lumiku_web.ui.{name}" if module == "lumiku_web.ui" else module
        for _, code in EXAMPLE_FILE.findall(text)
        for module, names in re.findall(r"^from (lumiku_web[\w.]*) import (.+)$", code, re.MULTILINE)
        for name in names.split(", ")
        if not module.startswith("lumiku_web.apps.")
    }
    assert len(doors) > 5
    assert imported - doors == set()
    assert [door for door in doors if importlib.util.find_spec(door.partition(".ui.")[0]) is None] == []
