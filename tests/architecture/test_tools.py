"""The tools are as strict as the house says, and whatever they are told to overlook has a reason beside it."""

import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
TOOLS: dict[str, Any] = tomllib.loads(TEXT)["tool"]
LINT: dict[str, Any] = TOOLS["ruff"]["lint"]
CODE = sorted(path for folder in ("lumiku_web", "rq_workers", "alembic", "tests") for path in (PROJECT / folder).rglob("*.py"))
TOOL = Path(sys.executable).parent

#: What it overlooks by name, for ruff or for pyright, and what stands behind.
OVERLOOKED = re.compile(r"(?:noqa|(?:pyright|type): ignore)(?:: ?([A-Z0-9, ]+)|\[([\w, -]+)\])?(.*)")


def run(*command: str | Path, folder: Path = PROJECT) -> str:
    """What a tool says, whether it is content or not."""
    return subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False).stdout


def comments(path: Path) -> list[tuple[int, str]]:
    with tokenize.open(path) as file:
        return [(at.start[0], at.string) for at in tokenize.generate_tokens(file.readline) if at.type == tokenize.COMMENT]


def test_ruff_selects_all_rules() -> None:
    assert LINT["select"] == ["ALL"]
    assert "extend-ignore" not in LINT


@pytest.mark.parametrize("section", ["tool.ruff.lint]", "tool.ruff.lint.per-file-ignores]", "tool.pyright]"])
def test_every_exception_in_the_settings_has_its_reason(section: str) -> None:
    lines = TEXT.partition(f"[{section}\n")[2].partition("\n[")[0].splitlines()
    exceptions = [line for line in lines if re.match(r'  "\w+",|report\w+ = false', line) or re.search(r"= \[.*\]$", line)]
    wanted = [line for line in exceptions if not line.startswith(("select", "include", "exclude"))]
    assert len(wanted) >= 4
    assert [line for line in wanted if not re.search(r"# .*\w{3}", line)] == []


def test_every_exception_of_ruff_is_needed() -> None:
    per_file: dict[str, list[str]] = LINT["per-file-ignores"]
    codes = sorted({*LINT["ignore"], *(code for listed in per_file.values() for code in listed)})
    plain = ("--no-cache", "--config", "lint.ignore=[]", "--config", "lint.per-file-ignores={}", "--output-format", "concise")
    found = re.findall(r"^(.+?):\d+:\d+: (\w+) ", run(TOOL / "ruff", "check", *plain, "--select", ",".join(codes)), re.MULTILINE)
    assert [code for code in LINT["ignore"] if code not in {rule for _, rule in found}] == []
    for pattern, listed in per_file.items():
        inside = {rule for path, rule in found if fnmatch(path, pattern)}
        assert [code for code in listed if code not in inside] == [], pattern


def test_pyright_is_strict_everywhere_but_where_reflex_is() -> None:
    pyright = TOOLS["pyright"]
    assert pyright["typeCheckingMode"] == "strict"
    assert pyright["include"] == TOOLS["importlinter"]["root_packages"]
    relaxed = {place["root"] for place in pyright["executionEnvironments"] if any(value is False for value in place.values())}
    assert relaxed == {"lumiku_web/ui", "lumiku_web/apps"}


def test_what_a_line_overlooks_is_named_and_the_first_in_a_file_says_why() -> None:
    silent: list[str] = []
    for path in CODE:
        reasoned: set[str] = set()
        for line, comment in comments(path):
            for part in comment.split("#")[1:]:
                if told := OVERLOOKED.match(part.strip().removeprefix("ruff: ")):
                    names = set(re.findall(r"\w+", told[1] or told[2] or ""))
                    reason = comment.rpartition(told[0])[2] + told[3]
                    if not names or (not re.search(r"\w{3}", reason) and not names <= reasoned):
                        silent.append(f"{path.relative_to(PROJECT)}:{line} {comment}")
                    reasoned |= names
    assert silent == [], "\n".join(silent)


def test_every_package_at_the_top_is_in_the_contracts() -> None:
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert packages == set(TOOLS["importlinter"]["root_packages"])


STRANGERS = {
    "lumiku_web/stranger_a.py": "Floors of the house: higher may import lower, never back",
    "lumiku_web/domain/gallery/stranger_b.py": "Rooms of a package of the domain",
    "lumiku_web/ui/stranger_c.py": "Floors of ui",
    "lumiku_web/apps/avatar_creator/stranger_d.py": "Rooms of an app",
}


def test_a_new_module_without_a_floor_breaks_the_contract(tmp_path: Path) -> None:
    for package in TOOLS["importlinter"]["root_packages"]:
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for path in STRANGERS:
        (tmp_path / path).write_text('"""Nobody knows it."""\n', encoding="utf-8")
    said = run(TOOL / "lint-imports", "--no-cache", "--no-logo", folder=tmp_path)
    assert re.findall(r"^(.+) BROKEN", said, re.MULTILINE) == list(STRANGERS.values())
    assert [path for path in STRANGERS if Path(path).stem not in said.partition("Broken contracts")[2]] == []


def test_no_test_passes_with_a_warning() -> None:
    assert TOOLS["pytest"]["ini_options"]["filterwarnings"] == ["error"]
    told = [path for path in CODE if "mark.filterwarnings" in path.read_text(encoding="utf-8") and path != Path(__file__)]
    assert told == []


TWENTY = "import pytest\n\n@pytest.mark.parametrize('number', range(20))\ndef test_it(number):\n    print('ran', number)\n"


def test_tests_run_in_a_random_order_and_say_their_seed(tmp_path: Path) -> None:
    (tmp_path / "test_twenty.py").write_text(TWENTY, encoding="utf-8")
    settings = PROJECT / "pyproject.toml"
    said = run(sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", "-c", settings, tmp_path)
    ran = re.findall(r"ran (\d+)", said)
    assert re.search(r"^Using --randomly-seed=\d+$", said, re.MULTILINE), said
    assert len(ran) == 20
    assert ran != sorted(ran, key=int)
