"""What an address, a name and a password must be (T3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.domain.accounts.policy import PASSWORD_MAX, PASSWORD_MIN, checked_account, checked_email, checked_password
from lumiku_web.errors import InvalidInput

GOOD = "quiet-otter-paints-7"


def refusal(password: object, *hints: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        checked_password(password, hints=list(hints))
    assert refused.value.field == "password"
    return refused.value.key


@pytest.mark.parametrize(
    "password", ["zq8#kfWp", "correct horse battery staple", "wéißbrot 麺 ラーメン", "z" * 3 + GOOD, "  spaces count  "]
)
def test_t3_passwords_of_8_characters_and_more_need_no_rules_of_composition(password: str) -> None:
    assert checked_password(password, hints=[]) == password


def test_t3_64_characters_and_more_are_welcome() -> None:
    assert PASSWORD_MIN == 8
    long = ("otter paints quietly %d " * 20)[:PASSWORD_MAX]
    assert len(long) == PASSWORD_MAX >= 64
    assert checked_password(long, hints=[]) == long


def test_t3_the_bounds_are_exact() -> None:
    assert refusal("zq8#kfW") == "password_too_short"
    assert refusal("zq8#kfWp" * 25 + "x") == "password_too_long"


@pytest.mark.parametrize("password", ["password", "12345678", "qwertyuiop", "iloveyou1", "aaaaaaaa", "abcdefgh"])
def test_t3_common_passwords_are_refused_with_a_reason(password: str) -> None:
    assert refusal(password) == "password_guessable"


def test_t3_words_of_the_person_are_guessable() -> None:
    assert checked_password("zlatohlavek", hints=["ada@lovelace.example"]) == "zlatohlavek"
    assert refusal("zlatohlavek", "ada@zlatohlavek.example") == "password_guessable"
    assert refusal("zlatohlavek", "Ada Zlatohlavek") == "password_guessable"


@pytest.mark.parametrize("nothing", [None, 12345678, ["zq8#kfWp"], {}])
def test_t3_what_is_no_text_is_too_short(nothing: object) -> None:
    assert refusal(nothing) == "password_too_short"


@pytest.mark.parametrize("address", ["ada@example.test", "Ada.Lovelace+studio@mail.example.co.id", "ädä@müller.example"])
def test_addresses_that_mail_could_reach(address: str) -> None:
    assert checked_email(f" {address} ") == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        *("", "ada", "ada@", "@example.test", "ada@localhost", "ada@@example.test", "ada@example..test", "a b@example.test"),
        *("ada@.test", "<ada@example.test>", "ada@example.test,eve@example.test", "x" * 250 + "@example.test", None, 7),
    ],
)
def test_addresses_that_mail_could_not_reach(address: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_email(address)
    assert (refused.value.key, refused.value.field) == ("email_invalid", "email")


@given(st.text(max_size=80))
def test_any_text_is_an_address_in_lower_case_or_refused(text: str) -> None:
    try:
        email = checked_email(text)
    except InvalidInput:
        return
    assert email == email.lower()
    assert email.count("@") == 1
    assert not any(c.isspace() for c in email)


def test_a_sign_up_form_says_which_field_is_wrong() -> None:
    form = {"email": "ada@example.test", "name": "Ada", "password": GOOD}
    assert checked_account(**form).email == "ada@example.test"
    for field, value, key in [
        ("email", "ada", "email_invalid"),
        ("name", " ", "name_required"),
        ("name", "x" * 101, "name_too_long"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            checked_account(**{**form, field: value})
        assert (refused.value.key, refused.value.field) == (key, field)
