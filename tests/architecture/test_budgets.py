"""Files, functions and states stay small enough to be read."""

import ast
from pathlib import Path
from statistics import median

from tests.factories.sources import nodes, parsed

PROJECT = Path(__file__).parents[2]
CODE = [*sorted((PROJECT / "lumiku_web").rglob("*.py")), *sorted((PROJECT / "rq_workers").rglob("*.py"))]
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
FILE, PAGE, FUNCTION, STATE, STATE_VARS = 400, 250, 50, 150, 12
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base_state"}


def length(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_is_longer_than_400_lines_and_no_page_than_250() -> None:
    for path in [*CODE, *TESTS]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= (PAGE if path.name == "page.py" else FILE), f"{path.relative_to(PROJECT)} has {lines} lines"


def test_no_function_is_longer_than_50_lines() -> None:
    for path in CODE:
        for function in functions(path):
            assert length(function) <= FUNCTION, f"{path.relative_to(PROJECT)}: {function.name} has {length(function)} lines"


def test_the_usual_function_is_a_short_one() -> None:
    assert median(length(function) for path in CODE for function in functions(path)) <= 12


def states() -> list[tuple[Path, ast.ClassDef]]:
    return [
        (path, node)
        for path in CODE
        if {"ui", "apps"} & set(path.parts)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith(("State", "PictureViewer")) for base in node.bases)
    ]


def test_no_state_is_longer_than_150_lines_or_has_more_than_12_vars_of_its_own() -> None:
    assert len(states()) >= 8
    for path, state in states():
        own = [
            part.target.id
            for part in state.body
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and not part.target.id.startswith("_")
        ]
        where = f"{path.relative_to(PROJECT)}: {state.name}"
        assert length(state) <= STATE, where
        assert len(own) <= STATE_VARS, f"{where} has {own}"


def test_no_file_is_called_what_it_could_be_anything() -> None:
    for path in [*CODE, *TESTS]:
        assert path.stem not in NO_NAMES, path
        assert path.parent.name not in NO_NAMES, path


def test_the_entrance_of_the_web_process_stays_short() -> None:
    assert len((PROJECT / "lumiku_web" / "lumiku_web.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_a_package_that_workers_pass_is_a_docstring_and_nothing_else() -> None:
    for path in (PROJECT / "lumiku_web" / "__init__.py", PROJECT / "lumiku_web" / "apps" / "__init__.py"):
        (only,) = parsed(path).body
        assert isinstance(only, ast.Expr)


def test_the_migrations_are_no_package() -> None:
    assert not (PROJECT / "alembic" / "__init__.py").exists(), "it would shadow the library"
