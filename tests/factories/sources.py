"""The code itself, parsed once for all tests that read it."""

import ast
from functools import cache
from pathlib import Path


@cache
def parsed(path: Path) -> ast.Module:
    """A file as a tree, which nobody changes."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that is in the tree of a file."""
    return tuple(ast.walk(parsed(path)))
