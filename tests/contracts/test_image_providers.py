"""What every ImageProvider promises."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import pytest
import pytest_asyncio
from PIL import Image

from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.images_bfl import BflImages
from lumiku_web.adapters.images_huggingface import HuggingFaceImages
from lumiku_web.adapters.images_illustrator import Illustrator
from lumiku_web.domain.providers.ports import TICKET_CHARACTERS, ImageProvider, ImageRequest
from lumiku_web.errors import Permanent, Transient
from tests.stub_provider.client import StubProvider

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Case:
    """A provider, one of its models, and a wish that it can't fulfil at once."""

    provider: ImageProvider
    model: str
    late: dict[str, object]
    #: Its grid, where it is coarser than 16 px.
    step_px: int = 16

    def wish(self, **changes: object) -> ImageRequest:
        plain = ImageRequest(self.model, "a portrait of a person", 512, 256, seed=1, deadline_seconds=30)
        return replace(plain, **changes)  # pyright: ignore[reportArgumentType]  (the caller knows its fields)


@pytest.fixture(scope="module")
def stub() -> Iterator[StubProvider]:
    with StubProvider() as running:
        yield running


@pytest_asyncio.fixture(params=["illustrator", "huggingface", "bfl"], scope="module", loop_scope="module")
async def case(request: pytest.FixtureRequest, stub: StubProvider) -> AsyncIterator[Case]:
    provider: ImageProvider
    if request.param == "illustrator":
        provider = Illustrator()
        made = Case(provider, "dicebear", {"width_px": 1536, "height_px": 1536})
    elif request.param == "bfl":
        fetcher = HttpFetcher(trusted_origins=[stub.url])
        provider = BflImages(stub.url, "bfl_key", fetcher, pause_seconds=0.01, longest_pause_seconds=0.05)
        made = Case(provider, "flux-dev", {"prompt": "[[pending]]"}, step_px=32)
    else:
        provider = HuggingFaceImages(stub.url, "hf_token")
        made = Case(provider, "black-forest-labs/FLUX.1-schnell", {"prompt": "[[slow]]"})
    yield made
    await provider.aclose()


async def test_it_has_the_name_by_which_routes_know_it(case: Case, request: pytest.FixtureRequest) -> None:
    assert f"[{case.provider.name}]" in request.node.name


async def test_its_capabilities_make_sense(case: Case) -> None:
    can = case.provider.capabilities(case.model)
    assert 0 < can.min_px <= 512 <= can.max_px
    assert can.min_px % can.step_px == can.max_px % can.step_px == 0
    assert can.steps is None or 1 <= can.steps[0] <= can.steps[1]
    assert can.guidance is None or 0 <= can.guidance[0] <= can.guidance[1]


async def test_an_unknown_model_is_refused_for_good(case: Case) -> None:
    with pytest.raises(Permanent, match="model_unknown"):
        case.provider.capabilities("nobody/nothing")
    with pytest.raises(Permanent, match="model_unknown"):
        await case.provider.generate(case.wish(provider_model="nobody/nothing"))


@pytest.mark.parametrize("size", [(512, 256), (256, 512), (768, 768)], ids=str)
async def test_the_picture_has_the_size_that_was_asked_for(case: Case, size: tuple[int, int]) -> None:
    result = await case.provider.generate(case.wish(width_px=size[0], height_px=size[1]))
    with Image.open(BytesIO(result.content), formats=("PNG", "JPEG", "WEBP")) as image:
        image.load()
        assert image.size == size


async def test_what_was_sent_is_told_and_fits_in_json(case: Case) -> None:
    result = await case.provider.generate(case.wish(seed=2**32 - 1))
    assert result.sent["seed"] == 2**32 - 1
    assert json.loads(json.dumps(dict(result.sent))) == dict(result.sent)
    assert None not in result.sent.values()


async def test_the_seed_decides(case: Case) -> None:
    first, again, other = [(await case.provider.generate(case.wish(seed=seed))).content for seed in (5, 5, 6)]
    assert first == again
    assert first != other


async def test_prompts_in_any_script_and_length_are_taken(case: Case) -> None:
    assert (await case.provider.generate(case.wish(prompt="perempuan 東京 \U0001f642 \x00 " * 200))).content


async def test_q5_a_deadline_that_passes_is_transient_and_the_next_call_works(case: Case) -> None:
    with pytest.raises(Transient, match="provider_timeout"):
        await case.provider.generate(case.wish(deadline_seconds=0.01, **case.late))
    assert (await case.provider.generate(case.wish())).content


async def test_q7_a_cancelled_call_ends_at_once_and_the_next_one_works(case: Case) -> None:
    waiting = asyncio.create_task(case.provider.generate(case.wish(**case.late)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await case.provider.generate(case.wish(seed=9))).content == (await case.provider.generate(case.wish(seed=9))).content


async def test_calls_beside_each_other_get_their_own_pictures(case: Case) -> None:
    sizes = [(256 + case.step_px * number, 512 - case.step_px * number) for number in range(6)]
    wishes = [case.wish(width_px=width, height_px=height) for width, height in sizes]
    results = await asyncio.gather(*map(case.provider.generate, wishes))
    assert [Image.open(BytesIO(result.content)).size for result in results] == sizes


async def test_a_ticket_that_nobody_knows_does_no_harm(case: Case) -> None:
    tickets = ["", "?", "{}", '{"id": "x", "polling_url": "http://169.254.169.254/", "cost": 1}', "x" * 5000]
    pictures = [(await case.provider.generate(case.wish(ticket=ticket))).content for ticket in tickets]
    assert len(set(pictures)) == 1


async def test_a_ticket_fits_and_is_given_before_the_picture(case: Case) -> None:
    tickets: list[str] = []

    async def note(ticket: str) -> None:
        tickets.append(ticket)

    await case.provider.generate(case.wish(), note)
    assert all(0 < len(ticket) <= TICKET_CHARACTERS for ticket in tickets)
    again = await case.provider.generate(case.wish(ticket=tickets[0] if tickets else ""), note)
    assert again.content == (await case.provider.generate(case.wish())).content
    assert len(tickets) <= 1, "what is asked again is not bought again"


async def test_who_can_not_note_the_ticket_hears_of_no_picture(case: Case) -> None:
    async def refuse(_: str) -> None:
        raise LookupError

    try:
        await case.provider.generate(case.wish(), refuse)
    except LookupError:
        return
    assert case.provider.name != "bfl"


async def test_closing_may_be_repeated_and_a_later_call_opens_again(case: Case) -> None:
    await case.provider.generate(case.wish())
    await case.provider.aclose()
    await case.provider.aclose()
    assert (await case.provider.generate(case.wish())).content
