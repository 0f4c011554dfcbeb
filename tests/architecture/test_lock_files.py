"""What is installed is pinned and hashed, from whatever registry the machine uses."""

import json
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted(PROJECT.glob("requirements*.txt"))
NODE_LOCKS = sorted((PROJECT / "reflex.lock").iterdir())


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, *NODE_LOCKS], ids=lambda path: path.name)
def test_no_lock_file_names_a_registry(lock: Path) -> None:
    named = re.findall(
        r"(?:https?|git|ssh|file):[^\s\"']*|--(?:extra-)?index-url\S*|--find-links\S*", lock.read_text(encoding="utf-8")
    )
    assert named == []


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_every_python_package_is_pinned_and_hashed(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").replace("\\\n", " "))
    packages = [entry for entry in entries if entry.strip() and not entry.startswith("#")]
    assert len(packages) > 50
    assert [entry.split()[0] for entry in packages if "==" not in entry.split()[0] or "--hash=sha256:" not in entry] == []


def test_the_tools_use_the_versions_of_the_product() -> None:
    product, tools = (
        set(re.findall(r"^[\w-]+==\S+", (PROJECT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert product <= tools


def test_every_node_package_is_pinned_with_its_digest() -> None:
    lock = json.loads((PROJECT / "reflex.lock" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 50
    assert [name for name, entry in packages.items() if "integrity" not in entry or "resolved" in entry] == []


def test_both_node_lock_files_ask_for_the_same() -> None:
    wanted = json.loads((PROJECT / "reflex.lock" / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((PROJECT / "reflex.lock" / "package-lock.json").read_text(encoding="utf-8"))["packages"][""]
    assert {part: wanted[part] for part in ("dependencies", "devDependencies")} == {
        part: locked[part] for part in ("dependencies", "devDependencies")
    }
