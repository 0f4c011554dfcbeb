"""The list of mutations fits the code as it is; `make mutants` runs them."""

import ast
import re

import pytest

from tests.factories.sources import parsed
from tests.mutants.__main__ import MUTATIONS
from tests.mutants.mutation import PROJECT, Mutation

each_mutation = pytest.mark.parametrize("mutation", MUTATIONS, ids=[f"{one.code} {one.broken}" for one in MUTATIONS])


@each_mutation
def test_what_a_mutation_replaces_stands_in_its_file_exactly_once(mutation: Mutation) -> None:
    text = (PROJECT / mutation.file).read_text(encoding="utf-8")
    assert mutation.applied(text) != text


@each_mutation
def test_the_tests_that_must_see_a_mutation_exist(mutation: Mutation) -> None:
    for test in mutation.tests:
        path, _, name = test.partition("::")
        tree = parsed(PROJECT / "tests" / path)
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert not name or name in names, test


def test_every_mutation_names_its_guarantee_and_is_there_once() -> None:
    assert [one.broken for one in MUTATIONS if not re.fullmatch(r"[LQTU]\d+", one.code)] == []
    assert len({(one.file, one.old, one.new) for one in MUTATIONS}) == len(MUTATIONS) >= 40
