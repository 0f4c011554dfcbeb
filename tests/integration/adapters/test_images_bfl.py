"""Black Forest Labs' contract and every way in which it goes wrong, against a real server. Nothing is patched."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.images_bfl import MODELS, BflImages
from lumiku_web.domain.providers.ports import ImageRequest
from lumiku_web.errors import External, Transient
from tests.stub_provider.client import StubProvider

KEY = "bfl_SecretOfTheHouse"
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
WANTED = ImageRequest(
    "flux-dev", "a portrait", 512, 768, seed=7, deadline_seconds=30, steps=28, guidance=3.5, correlation_id="c0ffee"
)


def made_for(stub: StubProvider, key: str = KEY, **options: float) -> BflImages:
    fetcher = HttpFetcher(trusted_origins=[stub.url])
    pace = {"pause_seconds": 0.005, "longest_pause_seconds": 0.02}
    return BflImages(stub.url, key, fetcher, now=lambda: NOW, **{**pace, **options})  # pyright: ignore[reportArgumentType]  (`at_work` is whole)


@pytest.fixture
async def provider(stub: StubProvider) -> AsyncIterator[BflImages]:
    made = made_for(stub)
    yield made
    await made.aclose()


class Tickets:
    """What an item's row would keep."""

    def __init__(self) -> None:
        self.all: list[str] = []

    async def note(self, ticket: str) -> None:
        self.all.append(ticket)

    @property
    def last(self) -> str:
        return self.all[-1] if self.all else ""


async def refusal(provider: BflImages, request: ImageRequest = WANTED, tickets: Tickets | None = None) -> External:
    with pytest.raises(External) as refused:
        await provider.generate(request, (tickets or Tickets()).note)
    return refused.value


def outcome(refused: External) -> tuple[bool, str]:
    """Whether another attempt is worth it, and why not."""
    return isinstance(refused, Transient), refused.key


async def test_what_is_chosen_is_what_is_sent(stub: StubProvider, provider: BflImages) -> None:
    result = await provider.generate(WANTED)
    (call,) = stub.calls()
    wish = {
        "prompt": "a portrait",
        "width": 512,
        "height": 768,
        "steps": 28,
        "guidance": 3.5,
        "seed": 7,
        "output_format": "png",
    }
    assert (call.path, call.body) == ("/v1/flux-dev", wish)
    assert result.sent == {"model": "flux-dev", **wish}
    assert Image.open(BytesIO(result.content)).size == (512, 768)
    assert (call.headers["x-key"], call.headers["x-request-id"]) == (KEY, "c0ffee")


async def test_what_is_none_is_not_sent(stub: StubProvider, provider: BflImages) -> None:
    await provider.generate(replace(WANTED, provider_model="flux-2-pro", steps=None, guidance=None, correlation_id=""))
    (call,) = stub.calls()
    assert set(call.body) == {"prompt", "width", "height", "seed", "output_format"}
    assert "x-request-id" not in call.headers


@pytest.mark.parametrize("model", MODELS)
async def test_the_bounds_of_each_model_are_accepted(stub: StubProvider, provider: BflImages, model: str) -> None:
    can = provider.capabilities(model)
    for width, height in ((can.min_px, can.max_px), (can.max_px, can.min_px), (1024, 1024)):
        result = await provider.generate(
            replace(WANTED, provider_model=model, width_px=width, height_px=height, steps=None, guidance=None)
        )
        assert Image.open(BytesIO(result.content)).size == (width, height)


async def test_the_id_and_the_cost_of_a_request_are_told(stub: StubProvider, provider: BflImages) -> None:
    stub.set("success", cost=2.537)
    result = await provider.generate(WANTED)
    assert result.request_id.startswith("task-")
    assert result.cost_microusd == 25_370, "one credit is one US cent"


async def test_q3_the_ticket_is_given_before_the_answer_is_waited_for(stub: StubProvider, provider: BflImages) -> None:
    polls: list[int] = []
    tickets = Tickets()

    async def note(ticket: str) -> None:
        await tickets.note(ticket)
        polls.append(stub.told("polls"))

    result = await provider.generate(WANTED, note)
    assert polls == [0]
    told = json.loads(tickets.last)
    assert told == {"id": result.request_id, "polling_url": f"{stub.url}/v1/get_result?id={result.request_id}", "cost": 2.5}


async def test_a_result_is_asked_for_until_it_is_ready(stub: StubProvider, provider: BflImages) -> None:
    stub.set("success", polls=5)
    await provider.generate(WANTED)
    assert (stub.told("accepted"), stub.told("polls"), stub.told("downloads")) == (1, 6, 1)


@pytest.mark.parametrize(
    ("scenario", "options"),
    [
        ("success", {}),
        ("500", {"at": "poll"}),
        ("429", {"at": "poll"}),
        ("reset", {"at": "poll"}),
        ("500", {"at": "delivery"}),
        ("truncated", {}),
        ("reset", {}),
    ],
)
async def test_q3_a_second_attempt_goes_on_where_the_first_one_broke_off(
    stub: StubProvider, provider: BflImages, scenario: str, options: dict[str, object]
) -> None:
    tickets = Tickets()
    if scenario == "success":
        first = await provider.generate(WANTED, tickets.note)
    else:
        stub.set(scenario, **options)
        first = None
        assert isinstance(await refusal(provider, tickets=tickets), Transient)
    second = await provider.generate(replace(WANTED, ticket=tickets.last), tickets.note)
    assert (stub.told("accepted"), len(tickets.all)) == (1, 1)
    assert second.request_id == json.loads(tickets.last)["id"]
    assert second.cost_microusd == 25_000
    assert first is None or first.content == second.content


async def test_q3_what_was_pending_at_the_deadline_is_asked_again(stub: StubProvider, provider: BflImages) -> None:
    tickets = Tickets()
    stub.set("success", delay_seconds=2.0)
    late = await refusal(provider, replace(WANTED, deadline_seconds=1.0), tickets)
    assert outcome(late) == (True, "provider_timeout")
    await provider.generate(replace(WANTED, ticket=tickets.last), tickets.note)
    assert (stub.told("accepted"), len(tickets.all)) == (1, 1)


@pytest.mark.parametrize(
    ("scenario", "key"), [("error", "provider_failed"), ("task_not_found", "request_lost"), ("expired", "result_expired")]
)
async def test_q3_what_will_give_no_picture_any_more_is_ordered_anew(
    stub: StubProvider, provider: BflImages, scenario: str, key: str
) -> None:
    tickets = Tickets()
    stub.set(scenario)
    assert outcome(await refusal(provider, tickets=tickets)) == (True, key)
    assert stub.told("accepted") == 1, "not in the same attempt"
    result = await provider.generate(replace(WANTED, ticket=tickets.last), tickets.note)
    assert (stub.told("accepted"), len(tickets.all)) == (2, 2)
    assert json.loads(tickets.last)["id"] == result.request_id


async def test_q3_a_request_that_the_provider_has_forgotten_is_ordered_anew(stub: StubProvider, provider: BflImages) -> None:
    tickets = Tickets()
    await provider.generate(WANTED, tickets.note)
    stub.reset()
    await provider.generate(replace(WANTED, ticket=tickets.last), tickets.note)
    assert (stub.told("accepted"), len(tickets.all)) == (1, 2)


@pytest.mark.parametrize(
    ("scenario", "key"), [("request_moderated", "prompt_moderated"), ("content_moderated", "picture_moderated")]
)
async def test_what_was_moderated_is_not_tried_again(stub: StubProvider, provider: BflImages, scenario: str, key: str) -> None:
    tickets = Tickets()
    stub.set(scenario, polls=1)
    refused = await refusal(provider, tickets=tickets)
    assert outcome(refused) == (False, key)
    assert "Nudity" in refused.detail
    assert "portrait" not in refused.detail, "the prompt stays out of the log"
    assert outcome(await refusal(provider, replace(WANTED, ticket=tickets.last), tickets)) == (False, key)
    assert stub.told("accepted") == 1


@pytest.mark.parametrize(
    ("status", "transient", "key"),
    [
        (400, False, "provider_refused"),
        (401, False, "provider_misconfigured"),
        (402, False, "provider_out_of_credit"),
        (403, False, "provider_misconfigured"),
        (404, False, "model_unknown"),
        (422, False, "provider_refused"),
        (429, True, "provider_busy"),
        (500, True, "provider_failed"),
        (503, True, "provider_failed"),
    ],
)
async def test_q5_each_status_has_a_named_outcome(
    stub: StubProvider, provider: BflImages, status: int, transient: bool, key: str
) -> None:
    stub.set(status, message="for the log")
    refused = await refusal(provider)
    assert outcome(refused) == (transient, key)
    assert "for the log" in refused.detail
    assert "for the log" not in str(refused)
    assert stub.told("accepted") == 0


async def test_a_list_of_faults_is_told_without_what_was_sent(stub: StubProvider, provider: BflImages) -> None:
    stub.set(422, message="must be a multiple of 32")
    assert (await refusal(provider)).detail == "422: ['body', 'width']: must be a multiple of 32"


async def test_q5_a_busy_provider_says_when(stub: StubProvider, provider: BflImages) -> None:
    for header, seconds in (("7", 7.0), ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0), ("soon", None)):
        stub.set(429, retry_after=header)
        refused = await refusal(provider)
        assert isinstance(refused, Transient)
        assert refused.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("scenario", "options", "transient", "key"),
    [
        ("html", {"at": "submit"}, False, "result_unreadable"),
        ("json", {"at": "submit"}, False, "result_unreadable"),
        ("redirect", {"at": "submit"}, False, "provider_redirected"),
        ("slow", {"at": "submit"}, True, "provider_timeout"),
        ("html", {"at": "poll"}, True, "provider_failed"),
        ("json", {"at": "poll"}, True, "provider_failed"),
        ("redirect", {"at": "poll"}, False, "provider_redirected"),
        ("trickle", {"at": "poll"}, True, "provider_timeout"),
        ("403", {"at": "poll"}, False, "provider_misconfigured"),
        ("pending", {}, True, "provider_timeout"),
        ("trickle", {}, True, "provider_timeout"),
        ("slow", {}, True, "provider_timeout"),
        ("html", {}, False, "result_unreadable"),
        ("not_an_image", {}, False, "result_unreadable"),
        ("empty", {}, False, "result_unreadable"),
        ("huge", {}, False, "result_too_large"),
        ("huge_chunked", {}, False, "result_too_large"),
        ("redirect", {}, False, "result_address_refused"),
        ("redirect", {"location": "https://169.254.169.254/latest"}, False, "result_address_refused"),
        ("truncated", {}, True, "result_truncated"),
        ("truncated_by_reset", {}, True, "result_truncated"),
        ("disconnect", {}, True, "provider_unreachable"),
        ("success", {"sample": None}, False, "result_unreadable"),
        ("redirect", {"location": "https://a:b/"}, True, "provider_unreachable"),
        ("404", {"at": "delivery"}, True, "result_expired"),
        ("500", {"at": "delivery"}, True, "provider_failed"),
    ],
)
async def test_q5_each_broken_answer_has_a_named_outcome(
    stub: StubProvider, provider: BflImages, scenario: str, options: dict[str, object], transient: bool, key: str
) -> None:
    stub.set(scenario, **options)
    async with asyncio.timeout(60):
        refused = await refusal(provider, replace(WANTED, deadline_seconds=0.5 if key == "provider_timeout" else 30))
    assert outcome(refused) == (transient, key)
    assert stub.total() == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/v1/get_result?id=1",
        "https://evil.example/v1/get_result?id=1",
        "https://api.bfl.ai.evil.example/",
        "https://notbfl.ai/",
        "https://user:password@api.bfl.ai/",
        "https://api.bfl.ai:8443/",
        "http://api.bfl.ai/",
        "file:///etc/passwd",
        "",
    ],
)
async def test_u8_the_key_is_not_sent_to_an_address_that_is_not_the_providers(
    stub: StubProvider, provider: BflImages, address: str
) -> None:
    stub.set("success", polling_url=address)
    tickets = Tickets()
    refused = await refusal(provider, tickets=tickets)
    assert outcome(refused) == (False, "result_address_refused" if address else "result_unreadable")
    assert (stub.told("polls"), tickets.all) == (0, [])


async def test_u8_a_result_in_a_private_network_is_not_opened(stub: StubProvider, provider: BflImages) -> None:
    for address in ("http://127.0.0.1:1/x.png", "https://127.0.0.1/x.png", "https://localhost/x.png", "https://[::1]/x.png"):
        stub.set("success", sample=address)
        assert outcome(await refusal(provider)) == (False, "result_address_refused")
    assert stub.told("downloads") == 0


async def test_the_key_is_shown_to_nobody_who_delivers(stub: StubProvider, provider: BflImages) -> None:
    await provider.generate(WANTED)
    poll, delivery = stub.visits()
    assert poll.headers["x-key"] == KEY
    assert set(delivery.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert KEY not in str(delivery)


async def test_the_key_is_in_no_log_repr_or_exception(
    stub: StubProvider, provider: BflImages, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stub.set(403, message="Bad key: {authorization}")
    refused = await refusal(provider)
    assert refused.detail == "403: Bad key: ***"
    await provider.generate(WANTED)
    for text in (repr(refused), str(refused), repr(provider), repr(vars(provider))):
        assert KEY not in text
    assert caplog.records
    assert KEY not in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("key", ["", "  ", "bfl_a b", "bfl_a\nx-evil: 1", "bfl_ä"])
async def test_a_key_that_can_not_be_sent_is_a_matter_for_the_operator(stub: StubProvider, key: str) -> None:
    provider = made_for(stub, key)
    assert outcome(await refusal(provider)) == (False, "provider_misconfigured")
    assert stub.total() == 0
    await provider.aclose()


async def test_no_more_are_at_work_than_the_provider_allows(stub: StubProvider) -> None:
    provider = made_for(stub, at_work=3)
    stub.set("success", times=9, polls=2)
    await asyncio.gather(*(provider.generate(replace(WANTED, seed=seed)) for seed in range(9)))
    assert 1 <= stub.most_open_calls() <= 3
    assert stub.told("accepted") == 9
    await provider.aclose()


async def test_q7_a_cancelled_wait_ends_at_once_and_its_ticket_lives_on(stub: StubProvider, provider: BflImages) -> None:
    tickets = Tickets()
    noted = asyncio.Event()

    async def note(ticket: str) -> None:
        await tickets.note(ticket)
        noted.set()

    stub.set("success", delay_seconds=0.3)
    waiting = asyncio.create_task(provider.generate(WANTED, note))
    await noted.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await provider.generate(replace(WANTED, ticket=tickets.last), note)
    assert stub.told("accepted") == 1


def test_each_event_loop_gets_its_own_client(stub: StubProvider) -> None:
    provider = made_for(stub)

    async def once() -> int:
        length = len((await provider.generate(WANTED)).content)
        await provider.aclose()
        return length

    assert asyncio.run(once()) == asyncio.run(once()) > 0


async def test_nobody_listens() -> None:
    provider = BflImages("http://127.0.0.1:9", KEY, HttpFetcher())
    assert outcome(await refusal(provider)) == (True, "provider_unreachable")
    await provider.aclose()
