"""Every refusal has its sentence in every language, and every sentence has the facts that it shows."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import lumiku_web
from lumiku_web import errors
from lumiku_web.errors import AppInvalid, External, InvalidInput, LumikuError, SettingsInvalid, Transient
from lumiku_web.ui.texts import LANGUAGES, catalogue
from tests.factories.sources import parsed

CODE = Path(lumiku_web.__file__).parent
#: These stop the start in the terminal; no page shows them.
IN_THE_TERMINAL = {SettingsInvalid, AppInvalid}
CLASSES = {
    name: thing
    for name, thing in vars(errors).items()
    if isinstance(thing, type) and issubclass(thing, LumikuError) and thing not in IN_THE_TERMINAL
}
#: The codec's own exception becomes one of ours, with the same key and this fact.
CLASSES["_UnusableError"] = InvalidInput
#: A kind of Transient that its adapter tells from the others.
CLASSES["_GoneError"] = Transient
OF_EVERY_PHOTO = {"megapixels"}
#: Arguments of a refusal that are no facts of its sentence.
NO_FACTS = {"field", "detail", "retry_after_seconds"}
#: The tile of an order always has these: a wait, or half a minute where there is none.
OF_EVERY_TILE = {"seconds"}


def trees() -> Iterator[ast.Module]:
    for path in sorted(CODE.rglob("*.py")):
        if path.name != "errors.py" and "local_stack" not in path.parts:
            yield parsed(path)


def texts(node: ast.AST) -> set[str]:
    return {
        n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.isidentifier()
    }


def refusals() -> Iterator[tuple[type[LumikuError], set[str], set[str], bool]]:
    """Class, keys, facts, and whether more facts come along by `**`."""
    for tree in trees():
        for call in ast.walk(tree):
            name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
            if name in CLASSES:
                keys = texts(call.args[0]) if call.args else {CLASSES[name].key}
                facts = {word.arg for word in call.keywords if word.arg} - NO_FACTS
                facts |= OF_EVERY_PHOTO if name == "_UnusableError" else set()
                yield CLASSES[name], keys, facts, any(word.arg is None for word in call.keywords)


def keys_by_table() -> set[str]:
    """Tables from a status to a key, and what is written into a row without an exception."""
    found: set[str] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") in {"_TRANSIENT", "_PERMANENT"}:
                assert isinstance(node.value, ast.Dict)
                found |= {text for key in node.value.values for text in texts(key)}
            if isinstance(node, ast.Assign) and any("failure" in ast.unparse(target) for target in node.targets):
                found |= texts(node.value) - {"seconds"}
            if isinstance(node, ast.Assign) and any(getattr(target, "id", "") in {"key", "refused"} for target in node.targets):
                found |= {text for text in texts(node.value) if "_" in text}
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_fail":
                found |= {text for argument in node.args for text in texts(argument)}
    return found


def codes_of_the_account_forms() -> set[str]:
    """These have a sentence beside their field; the page translates the code."""
    tree = parsed(CODE / "ui" / "pages" / "account" / "problems.py")
    tables = [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "PROBLEMS"]
    return {text for table in tables for text in texts(table)}


@cache
def every_key() -> set[str]:
    raised = {key for _, keys, _, _ in refusals() for key in keys}
    return raised | keys_by_table() | {kind.key for kind in CLASSES.values()}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_refusal_has_its_sentence(language: str) -> None:
    missing = {key for key in every_key() if f"error.{key}" not in catalogue(language)}
    assert missing - codes_of_the_account_forms() == set()


def test_the_collection_of_keys_is_not_blind() -> None:
    keys = every_key()
    assert {
        "key_reused",
        "worker_lost",
        "provider_timeout",
        "provider_out_of_credit",
        "name_too_long",
        "bug",
        "photo_type",
    } <= keys
    assert len(keys) > 50


def test_no_sentence_is_left_over() -> None:
    #: Said by a page, and raised by nobody.
    by_the_page = {"upload_forgotten"}
    told = {key.removeprefix("error.") for key in catalogue("en") if key.startswith("error.")}
    assert told - every_key() - by_the_page == set()


def test_every_sentence_gets_the_facts_that_it_shows() -> None:
    for kind, keys, facts, more in refusals():
        for key in keys:
            shown = set(re.findall(r"\{(\w+)\}", catalogue("en").get(f"error.{key}", "")))
            known = facts | (OF_EVERY_TILE if issubclass(kind, External) else set())
            assert more or shown <= known, (kind.__name__, key)


def test_a_refusal_without_a_key_has_the_one_of_its_class() -> None:
    for kind in CLASSES.values():
        if kind is not External:
            assert kind().key == kind.key
    assert errors.NotFound().key == "not_found"
    assert str(errors.Conflict("key_reused", order=7)) == "key_reused {'order': 7}"
