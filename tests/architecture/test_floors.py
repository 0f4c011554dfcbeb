"""Who may import whom: the contracts in pyproject.toml, and two that no import graph can see."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.factories.sources import nodes

PROJECT = Path(__file__).parents[2]
CODE = PROJECT / "lumiku_web"
DOORS = {"sdk", "ui", "ui.kit", "ui.page", "ui.app_state", "ui.guard", "ui.i18n", "ui.live", "ui.picture_viewer", "ui.theme"}


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every imported module with the names that are taken out of it."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)


def test_every_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_worker_has_no_reflex() -> None:
    """Seen in a fresh process: what a package's `__init__` drags in is invisible to the import graph."""
    program = (
        "import sys, rq_workers.single; print(sorted(n for n in sys.modules if n.split('.')[0] in {'reflex', 'reflex_base'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_apps_enter_by_their_two_doors_only() -> None:
    for path in sorted((CODE / "apps").rglob("*.py")):
        own = f"lumiku_web.apps.{path.relative_to(CODE / 'apps').parts[0]}"
        for module, names in imports(path):
            inside = module.removeprefix("lumiku_web.")
            if not module.startswith("lumiku_web") or module.startswith(own):
                continue
            through = {f"ui.{name}" for name in names} if inside == "ui" else {".".join(inside.split(".")[:2])}
            assert through <= DOORS, f"{path.relative_to(PROJECT)} imports {module}"


def test_a_repository_is_imported_by_its_own_package_only() -> None:
    for path in sorted(CODE.rglob("*.py")):
        for module, names in imports(path):
            if module.startswith("lumiku_web.domain.") and (module.endswith(".repository") or "repository" in names):
                package = module.split(".")[2]
                assert path.parent == CODE / "domain" / package, f"{path.relative_to(PROJECT)} imports {module}"


#: Repositories that join rows of other packages, where two statements would cost twice, or be of two moments: all that a member
#: has, and holds whose items have ended.
JOINING = {"domain/billing/repository.py": {"accounts", "ledger"}, "domain/generations/repository.py": {"ledger"}}


def test_rows_stay_in_their_package() -> None:
    """Other packages get frozen facts; only `tables` and the worker of migrations know every table."""
    for path in sorted(CODE.rglob("*.py")):
        joined = JOINING.get(str(path.relative_to(CODE)), set())
        for module, _ in imports(path):
            if module.startswith("lumiku_web.domain.") and module.endswith(".models"):
                package = module.split(".")[2]
                is_own = path.parent == CODE / "domain" / package
                assert is_own or package in joined, f"{path.relative_to(PROJECT)} imports {module}"


def test_nobody_commits_but_the_edge() -> None:
    allowed = {CODE / "db" / "unit_of_work.py", CODE / "bridge.py", CODE / "cli.py"}
    for path in [*CODE.rglob("*.py"), *(PROJECT / "rq_workers").rglob("*.py")]:
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"commit", "rollback"}:
                assert path in allowed, f"{path.relative_to(PROJECT)}:{node.lineno}"


def test_the_environment_is_read_in_one_place() -> None:
    for path in [*CODE.rglob("*.py"), *(PROJECT / "rq_workers").rglob("*.py")]:
        if path == CODE / "settings.py" or (CODE / "local_stack") in path.parents:
            continue
        text = path.read_text(encoding="utf-8")
        assert "os.environ" not in text, path
        assert "getenv" not in text, path
