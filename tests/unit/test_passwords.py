"""Passwords: argon2id at the OWASP minimum, and the same work whether or not there is an account (T1)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumiku_web.adapters.passwords_argon2 import _NOBODY, Argon2Passwords

passwords = Argon2Passwords()


def test_t1_the_hash_says_its_parameters() -> None:
    assert passwords.hash("quiet-otter").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_fits_and_no_other() -> None:
    kept = passwords.hash("quiet-otter")
    assert passwords.verify("quiet-otter", kept)
    assert not passwords.verify("quiet-otteR", kept)
    assert not passwords.verify("", kept)


def test_two_hashes_of_one_password_differ() -> None:
    assert passwords.hash("quiet-otter") != passwords.hash("quiet-otter")


@pytest.mark.parametrize("unknown", ["", "no hash at all", "$2b$12$abc", "nobody has this password"])
def test_t1_without_an_account_the_answer_is_no_after_the_same_work(monkeypatch: pytest.MonkeyPatch, unknown: str) -> None:
    kept, compared = passwords.hash("quiet-otter"), []
    real = passwords._context.verify

    def watched(secret: str, against: str) -> bool:
        compared.append(against.rsplit("$", 2)[0])  # scheme, version and parameters, without salt and digest
        return real(secret, against)

    monkeypatch.setattr(passwords._context, "verify", watched)
    assert not passwords.verify("quiet-otter", unknown)
    assert not passwords.verify("wrong", kept)
    assert len(compared) == 2
    assert compared[0] == compared[1]


def test_t1_the_stand_in_for_nobody_opens_nothing() -> None:
    assert not passwords.verify("nobody has this password", "")


@pytest.mark.parametrize("odd", ["x" * 4097, "x" * 16_000, "\x00secret", "pass\x00word", "straße 🔑"])
def test_any_text_can_be_compared(odd: str) -> None:
    kept = passwords.hash("quiet-otter")
    assert passwords.verify(odd, kept) is False
    assert passwords.verify(odd, "") is False


@settings(max_examples=5, deadline=None)
@given(st.text(min_size=1, max_size=200, alphabet=st.characters(codec="utf-8")))
def test_what_was_hashed_fits(password: str) -> None:
    assert passwords.verify(password, passwords.hash(password))


def test_t1_the_stand_in_for_nobody_costs_what_any_other_hash_does() -> None:
    assert not passwords._context.needs_update(_NOBODY)
