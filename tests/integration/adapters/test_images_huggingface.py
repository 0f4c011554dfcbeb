"""Hugging Face's contract and every way in which it goes wrong, against a real server. Nothing is patched."""

import asyncio
import gc
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lumiku_web.adapters.images_huggingface import MODELS, HuggingFaceImages
from lumiku_web.adapters.provider_http import bounded_pause
from lumiku_web.domain.providers.ports import ImageRequest
from lumiku_web.errors import External, Permanent, Transient
from tests.stub_provider.client import StubProvider

TOKEN = "hf_SecretOfTheHouse"
DEV, SCHNELL = MODELS
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
WANTED = ImageRequest(DEV, "a portrait", 512, 768, seed=7, deadline_seconds=30, steps=28, guidance=3.5, correlation_id="c0ffee")


@pytest.fixture
async def provider(stub: StubProvider) -> AsyncIterator[HuggingFaceImages]:
    made = HuggingFaceImages(f"{stub.url}/hf-inference", TOKEN, now=lambda: NOW)
    yield made
    await made.aclose()


async def refusal(provider: HuggingFaceImages, request: ImageRequest = WANTED) -> External:
    with pytest.raises(External) as refused:
        await provider.generate(request)
    return refused.value


async def test_what_is_chosen_is_what_is_sent(stub: StubProvider, provider: HuggingFaceImages) -> None:
    result = await provider.generate(WANTED)
    (call,) = stub.calls()
    parameters = {"width": 512, "height": 768, "num_inference_steps": 28, "guidance_scale": 3.5, "seed": 7}
    assert call.path == "/hf-inference/models/black-forest-labs/FLUX.1-dev"
    assert call.body == {"inputs": "a portrait", "parameters": parameters}
    assert result.sent == {"model": DEV, "inputs": "a portrait", **parameters}
    assert result.request_id == "stub-1"
    assert Image.open(BytesIO(result.content)).size == (512, 768)
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.headers["accept"] == "image/png"
    assert call.headers["x-request-id"] == "c0ffee"


async def test_what_is_none_is_not_sent(stub: StubProvider, provider: HuggingFaceImages) -> None:
    result = await provider.generate(replace(WANTED, provider_model=SCHNELL, steps=None, guidance=None, correlation_id=""))
    (call,) = stub.calls()
    assert call.body["parameters"] == {"width": 512, "height": 768, "seed": 7}
    assert result.sent == {"model": SCHNELL, "inputs": "a portrait", "width": 512, "height": 768, "seed": 7}
    assert "x-request-id" not in call.headers


@pytest.mark.parametrize(
    ("status", "kind", "key"),
    [
        (400, Permanent, "provider_refused"),
        (401, Permanent, "provider_misconfigured"),
        (402, Permanent, "provider_out_of_credit"),
        (403, Permanent, "provider_misconfigured"),
        (404, Permanent, "model_unknown"),
        (408, Transient, "provider_timeout"),
        (410, Permanent, "model_unknown"),
        (413, Permanent, "provider_refused"),
        (422, Permanent, "provider_refused"),
        (429, Transient, "provider_busy"),
        (500, Transient, "provider_failed"),
        (502, Transient, "provider_failed"),
        (503, Transient, "provider_failed"),
        (504, Transient, "provider_failed"),
        (529, Transient, "provider_failed"),
    ],
)
async def test_q5_each_status_has_a_named_outcome(
    stub: StubProvider, provider: HuggingFaceImages, status: int, kind: type[External], key: str
) -> None:
    stub.set(status, message="for the log")
    refused = await refusal(provider)
    assert (type(refused), refused.key, refused.detail) == (kind, key, f"{status}: for the log")
    assert getattr(refused, "retry_after_seconds", None) is None
    assert "for the log" not in str(refused)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("86400", 3600.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2126 12:00:00 GMT", 3600.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ],
)
async def test_q5_a_busy_provider_says_when(
    stub: StubProvider, provider: HuggingFaceImages, header: str, seconds: float | None
) -> None:
    stub.set(429, retry_after=header)
    refused = await refusal(provider)
    assert isinstance(refused, Transient)
    assert (refused.key, refused.retry_after_seconds) == ("provider_busy", seconds)


@pytest.mark.parametrize(("estimate", "seconds"), [(20.5, 20.5), (99_999, 3600.0), (-3, 0.0), ("soon", None), (None, None)])
async def test_q5_a_model_that_is_loading_says_when(
    stub: StubProvider, provider: HuggingFaceImages, estimate: object, seconds: float | None
) -> None:
    stub.set("loading", estimated_time=estimate)
    refused = await refusal(provider)
    assert isinstance(refused, Transient)
    assert (refused.key, refused.retry_after_seconds) == ("provider_failed" if seconds is None else "model_loading", seconds)


@pytest.mark.parametrize(
    ("scenario", "kind", "key"),
    [
        ("slow", Transient, "provider_timeout"),
        ("trickle", Transient, "provider_timeout"),
        ("truncated", Transient, "result_truncated"),
        ("truncated_by_reset", Transient, "result_truncated"),
        ("reset", Transient, "provider_unreachable"),
        ("disconnect", Transient, "provider_unreachable"),
        ("html", Permanent, "result_unreadable"),
        ("json", Permanent, "result_unreadable"),
        ("not_an_image", Permanent, "result_unreadable"),
        ("empty", Permanent, "result_unreadable"),
        ("huge", Permanent, "result_too_large"),
        ("huge_chunked", Permanent, "result_too_large"),
        ("redirect", Permanent, "provider_redirected"),
    ],
)
async def test_q5_each_broken_answer_has_a_named_outcome(
    stub: StubProvider, provider: HuggingFaceImages, scenario: str, kind: type[External], key: str
) -> None:
    stub.set(scenario)
    waits = scenario in {"slow", "trickle"}
    async with asyncio.timeout(60):
        refused = await refusal(provider, replace(WANTED, deadline_seconds=0.3 if waits else 30))
    assert (type(refused), refused.key) == (kind, key)
    assert stub.total() == 1


async def test_q5_nobody_listens(unused_port: int) -> None:
    provider = HuggingFaceImages(f"http://127.0.0.1:{unused_port}", TOKEN)
    refused = await refusal(provider)
    assert (type(refused), refused.key) == (Transient, "provider_unreachable")
    await provider.aclose()


async def test_q5_a_name_that_does_not_resolve() -> None:
    provider = HuggingFaceImages("http://nowhere.invalid", TOKEN)
    refused = await refusal(provider)
    assert (type(refused), refused.key) == (Transient, "provider_unreachable")
    await provider.aclose()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_u8_a_redirect_is_not_followed(stub: StubProvider, provider: HuggingFaceImages) -> None:
    stub.set("redirect", location=f"{stub.url}/hf-inference/models/{DEV}")
    assert (await refusal(provider)).key == "provider_redirected"
    assert stub.total() == 1


async def test_the_picture_may_be_as_large_as_the_bound_and_no_larger(stub: StubProvider) -> None:
    probe = HuggingFaceImages(stub.url, TOKEN)
    length = len((await probe.generate(WANTED)).content)
    exact = HuggingFaceImages(stub.url, TOKEN, body_limit_bytes=length)
    assert len((await exact.generate(WANTED)).content) == length
    short = HuggingFaceImages(stub.url, TOKEN, body_limit_bytes=length - 1)
    assert (await refusal(short)).key == "result_too_large"
    for provider in (probe, exact, short):
        await provider.aclose()


async def test_an_endless_message_of_an_error_is_cut(stub: StubProvider, provider: HuggingFaceImages) -> None:
    stub.set(500, message="a" * 1_000_000)
    assert len((await refusal(provider)).detail) <= 310


async def test_the_token_is_in_no_log_repr_or_exception(
    stub: StubProvider, provider: HuggingFaceImages, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.set(401, message="Bad header: {authorization}")
    refused = await refusal(provider)
    assert refused.detail == "401: Bad header: Bearer ***"
    await provider.generate(WANTED)
    for text in (repr(refused), str(refused), repr(provider), repr(vars(provider))):
        assert TOKEN not in text
    assert caplog.records
    assert TOKEN not in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("token", ["", "  ", "hf_a b", "hf_a\nx-evil: 1", "hf_ä"])
async def test_a_token_that_can_not_be_sent_is_a_matter_for_the_operator(stub: StubProvider, token: str) -> None:
    provider = HuggingFaceImages(stub.url, token)
    refused = await refusal(provider)
    assert (type(refused), refused.key, stub.total()) == (Permanent, "provider_misconfigured", 0)


async def test_a_correlation_id_that_is_no_header_is_left_out(stub: StubProvider, provider: HuggingFaceImages) -> None:
    await provider.generate(replace(WANTED, correlation_id="a\r\nx-evil: 1"))
    assert not {"x-request-id", "x-evil"} & set(stub.calls()[0].headers)


async def test_q7_a_cancelled_call_is_given_up_at_the_provider_too(stub: StubProvider, provider: HuggingFaceImages) -> None:
    stub.set("slow")
    waiting = asyncio.create_task(provider.generate(WANTED))
    await asyncio.to_thread(stub.wait_for_open, 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.to_thread(stub.wait_for_open, 0)
    assert (await provider.generate(WANTED)).request_id == "stub-2"


async def test_connections_are_bounded(stub: StubProvider) -> None:
    provider = HuggingFaceImages(stub.url, TOKEN, connections=3)
    stub.set("success", times=9, delay_seconds=0.02)
    await asyncio.gather(*(provider.generate(replace(WANTED, seed=seed)) for seed in range(9)))
    assert 1 <= stub.most_open_calls() <= 3
    await provider.aclose()


async def test_a_body_is_let_go_with_its_result(provider: HuggingFaceImages) -> None:
    """Without a garbage collection: httpx's own reading would keep each picture in a reference cycle."""
    gc.collect()
    gc.disable()
    try:
        await provider.generate(WANTED)
        responses = [found for found in gc.get_objects() if isinstance(found, httpx.Response)]
    finally:
        gc.enable()
    assert [len(getattr(response, "_content", b"")) for response in responses if response.is_stream_consumed] == [0] * len(
        responses
    )


def test_each_event_loop_gets_its_own_client(stub: StubProvider) -> None:
    provider = HuggingFaceImages(stub.url, TOKEN)

    async def once() -> int:
        length = len((await provider.generate(WANTED)).content)
        await provider.aclose()
        return length

    assert asyncio.run(once()) == asyncio.run(once()) > 0


@settings(deadline=None)
@given(value=st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans()))
def test_any_pause_is_bounded_or_none(value: object) -> None:
    pause = bounded_pause(value)
    assert pause is None or 0 <= pause <= 3600


def test_a_worker_has_loaded_what_the_first_request_needs(stub: StubProvider) -> None:
    """What is imported on the event loop stops all others meanwhile."""
    code = f"""
import asyncio, sys
import rq_workers.single
from lumiku_web.adapters import provider_http
from tests.integration.adapters.test_images_huggingface import TOKEN, WANTED, HuggingFaceImages

provider_http.load_early()
provider = HuggingFaceImages("{stub.url}/hf-inference", TOKEN)
known = set(sys.modules)
asyncio.run(provider.generate(WANTED))
print(*sorted(set(sys.modules) - known))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
