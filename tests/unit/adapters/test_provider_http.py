"""What HTTP adapters share, where it needs no server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.adapters.provider_http import Answer, Secret, meaning, read
from lumiku_web.errors import External, Permanent, Transient


@asynccontextmanager
async def broken(why: Exception) -> AsyncIterator[httpx.Response]:
    """A call that never comes to an answer."""
    raise why
    yield httpx.Response(200)


@pytest.mark.parametrize(
    ("why", "key"),
    [
        (httpx.ConnectTimeout("with x-key: secret"), "provider_unreachable"),
        (httpx.ConnectError("with x-key: secret"), "provider_unreachable"),
        (httpx.ReadError("with x-key: secret"), "provider_unreachable"),
        (httpx.UnsupportedProtocol("with x-key: secret"), "provider_unreachable"),
        (httpx.ReadTimeout("with x-key: secret"), "provider_timeout"),
        (httpx.PoolTimeout("with x-key: secret"), "provider_timeout"),
    ],
    ids=lambda case: type(case).__name__,
)
async def test_what_breaks_before_the_answer_is_told_by_its_kind_alone(why: Exception, key: str) -> None:
    with pytest.raises(Transient) as refused:
        await read(broken(why), limit_bytes=1)
    assert (refused.value.key, refused.value.detail) == (key, type(why).__name__)
    assert refused.value.__cause__ is None


def answer(status: int, body: bytes, **headers: str) -> Answer:
    return Answer(status, httpx.Headers(headers), body)


@given(st.integers(100, 599), st.binary(max_size=200), st.dictionaries(st.just("retry-after"), st.text("0123456789:, GMTSun")))
def test_q5_whatever_is_answered_has_a_meaning(status: int, body: bytes, headers: dict[str, str]) -> None:
    refused = meaning(Answer(status, httpx.Headers(headers), body), Secret("k"))
    assert isinstance(refused, External)
    assert len(refused.detail) <= 310
    if isinstance(refused, Transient) and refused.retry_after_seconds is not None:
        assert 0 <= refused.retry_after_seconds <= 3600


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": "no"}', "no"),
        (b'{"detail": "no"}', "no"),
        (b'{"message": "no"}', "no"),
        (b'{"error": ["no", "never"]}', "['no', 'never']"),
        (b'{"detail": [{"loc": ["body"], "msg": "no", "input": "my secret wish"}]}', "['body']: no"),
        (b"no", "no"),
        (b"[1]", "[1]"),
        (b"\xff", "\ufffd"),
        (b"", ""),
    ],
)
def test_the_providers_words_are_found_wherever_it_puts_them(body: bytes, words: str) -> None:
    assert meaning(answer(400, body), Secret("k")).detail == f"400: {words}"


def test_a_pause_may_stand_in_the_body() -> None:
    busy = meaning(answer(429, b'{"error": "rate_limit_exceeded", "retry_after": 5}'), Secret("k"))
    assert isinstance(busy, Transient)
    assert (busy.key, busy.retry_after_seconds) == ("provider_busy", 5.0)


@pytest.mark.parametrize("text", ["", " ", "a b", "a\nb", "\u00e4"])
def test_a_secret_that_would_leave_its_header_is_not_handed_out(text: str) -> None:
    with pytest.raises(Permanent, match="provider_misconfigured"):
        Secret(text).for_header()
    assert Secret(text).cut_out("a message") == "a message"


def test_a_secret_is_in_no_repr_and_cut_out_of_every_message() -> None:
    secret = Secret(" key-1 ")
    assert secret.for_header() == "key-1"
    assert "key-1" not in f"{secret!r} {vars(secret)!r}"
    assert secret.cut_out("key-1, and key-1") == "***, and ***"
