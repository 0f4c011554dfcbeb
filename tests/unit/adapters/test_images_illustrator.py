"""The illustrator and its child process: looks, marks, deaths."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from lumiku_web.adapters.images_illustrator import MODEL, Illustrator
from lumiku_web.domain.avatars.schemas import LOOKS
from lumiku_web.domain.providers.ports import ImageRequest
from lumiku_web.errors import Permanent, Transient

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROJECT = Path(__file__).parents[3]
WISH = ImageRequest(MODEL, "a portrait", 256, 256, seed=4, deadline_seconds=60)
PLAIN = {
    "gender": "unisex",
    "age_range": "adult",
    "ethnicity": "hispanic",
    "body_type": "average",
    "hair_style": "medium",
    "hair_color": "brown",
    "eye_color": "brown",
    "skin_tone": "medium",
    "style": "casual",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def illustrator() -> AsyncIterator[Illustrator]:
    made = Illustrator(processes=2)
    yield made
    await made.aclose()


async def pixels(illustrator: Illustrator, **changes: object) -> bytes:
    content = (await illustrator.generate(replace(WISH, **changes))).content  # pyright: ignore[reportArgumentType]  (the caller knows its fields)
    with Image.open(BytesIO(content)) as image:
        return image.tobytes()


@pytest.mark.parametrize("hair_style", ["medium", "hijab", "bald"])
@pytest.mark.parametrize("look", LOOKS)
async def test_each_value_of_each_look_changes_the_picture(illustrator: Illustrator, look: str, hair_style: str) -> None:
    assert set(PLAIN) == set(LOOKS)
    plain = {**PLAIN, "hair_style": hair_style}
    pictures = await asyncio.gather(*(pixels(illustrator, looks={**plain, look: value}) for value in LOOKS[look]))
    assert len(set(pictures)) == len(LOOKS[look])


async def test_what_looks_leave_open_comes_from_the_seed(illustrator: Illustrator) -> None:
    pictures = [await pixels(illustrator, seed=seed) for seed in (1, 2, 3, 1)]
    assert pictures[0] == pictures[3]
    assert len(set(pictures)) == 3


async def test_an_empty_look_is_as_one_that_is_not_there(illustrator: Illustrator) -> None:
    assert await pixels(illustrator, looks=dict.fromkeys(LOOKS, "")) == await pixels(illustrator)


async def test_the_same_wish_gives_the_same_bytes_in_another_process(illustrator: Illustrator) -> None:
    first = await illustrator.generate(WISH)
    other = Illustrator()
    assert (await other.generate(WISH)).content == first.content
    await other.aclose()


@pytest.mark.parametrize("size", [(256, 256), (264, 1536), (1536, 264)], ids=str)
async def test_the_mark_is_on_the_lower_edge_in_white_on_dark(illustrator: Illustrator, size: tuple[int, int]) -> None:
    content = (await illustrator.generate(replace(WISH, width_px=size[0], height_px=size[1], looks=PLAIN))).content
    plate = Image.open(BytesIO(content)).convert("L").crop((size[0] - 130, size[1] - 28, size[0] - 16, size[1] - 14))
    shades = plate.histogram()
    assert sum(shades[:120]) > plate.width * plate.height / 2
    assert sum(shades[190:]) > 150


async def test_the_file_says_that_it_was_drawn(illustrator: Illustrator) -> None:
    with PngImageFile(BytesIO((await illustrator.generate(WISH)).content)) as image:
        image.load()
        assert (image.text["Software"], image.text["Drawn"]) == ("Lumiku illustrator", "true")
        assert "Pablo Stanley" in image.text["Source"]


async def test_capabilities_say_what_it_is() -> None:
    can = Illustrator().capabilities(MODEL)
    assert (can.honours_looks, can.drawn, can.seed, can.steps, can.guidance) == (True, True, True, None, None)
    assert (can.min_px, can.max_px, can.step_px) == (256, 1536, 8)


@pytest.mark.parametrize(
    "wrong", [{"looks": {"hair_style": "mohawk"}}, {"looks": {"aura": "blue"}}, {"width_px": 255}, {"height_px": 1537}], ids=str
)
async def test_what_can_not_be_drawn_is_refused_for_good(illustrator: Illustrator, wrong: dict[str, object]) -> None:
    with pytest.raises(Permanent, match="provider_refused") as refused:
        await pixels(illustrator, **wrong)
    assert refused.value.detail
    assert await pixels(illustrator)


async def test_a_child_that_died_is_replaced() -> None:
    illustrator = Illustrator()
    before = await pixels(illustrator)
    (child,) = illustrator.processes()
    os.kill(child, signal.SIGKILL)
    # Whether the death was noticed before the next wish is a race: both ends are right.
    for _ in range(2):
        try:
            assert await pixels(illustrator) == before
        except Transient as died:
            assert died.key == "provider_failed"  # noqa: PT017 (not every time)
    assert await pixels(illustrator) == before
    assert child not in illustrator.processes()
    await illustrator.aclose()


async def test_q5_a_child_that_hangs_is_ended_with_the_deadline() -> None:
    illustrator = Illustrator()
    before = await pixels(illustrator)
    (child,) = illustrator.processes()
    os.kill(child, signal.SIGSTOP)
    with pytest.raises(Transient, match="provider_timeout"):
        await pixels(illustrator, deadline_seconds=0.1)
    assert illustrator.processes() == []
    assert await pixels(illustrator) == before
    await illustrator.aclose()


async def test_who_waits_for_a_turn_in_vain_leaves_the_child_alone() -> None:
    illustrator = Illustrator()
    await pixels(illustrator)
    children = illustrator.processes()
    slow = asyncio.create_task(pixels(illustrator, width_px=1536, height_px=1536))
    await asyncio.sleep(0)
    with pytest.raises(Transient, match="provider_timeout"):
        await pixels(illustrator, deadline_seconds=0.001)
    assert await slow
    assert illustrator.processes() == children
    await illustrator.aclose()


async def test_closing_while_it_draws_is_transient_for_who_waits() -> None:
    illustrator = Illustrator()
    await pixels(illustrator)
    waiting = asyncio.create_task(pixels(illustrator, width_px=1536, height_px=1536))
    await asyncio.sleep(0)
    await illustrator.aclose()
    with pytest.raises(Transient, match="provider_failed"):
        await waiting
    assert illustrator.processes() == []


async def test_at_most_as_many_children_as_allowed() -> None:
    illustrator = Illustrator(processes=2)
    await asyncio.gather(*(pixels(illustrator, seed=seed) for seed in range(6)))
    assert len(illustrator.processes()) == 2
    await illustrator.aclose()


WITNESS = """
import asyncio, os, signal, sys
from lumiku_web.adapters.images_illustrator import Illustrator
from lumiku_web.domain.providers.ports import ImageRequest

async def draw():
    illustrator = Illustrator()
    await illustrator.generate(ImageRequest("dicebear", "", 256, 256, 1, 60))
    print(sorted({"dicebear", "resvg_py", "PIL", "reflex"} & set(sys.modules)), len(illustrator.processes()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(draw())
"""


async def test_the_child_ends_with_its_parent_and_the_parent_never_imports_what_draws() -> None:
    """The child holds the same standard error: its end shows that nobody is left, however the parent died."""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", WITNESS, cwd=PROJECT, stdout=PIPE, stderr=PIPE)
    said, complaints = await parent.communicate()
    assert (parent.returncode, said, complaints) == (-signal.SIGKILL, b"[] 1\n", b"")


async def test_the_child_knows_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMIKU_HUGGINGFACE_TOKEN", "hf_secret")
    illustrator = Illustrator()
    await pixels(illustrator)
    (child,) = illustrator.processes()
    known = (await asyncio.to_thread(Path(f"/proc/{child}/environ").read_bytes)).split(b"\0")
    assert [entry.partition(b"=")[0] for entry in known if entry] == [b"PYTHONPATH"]
    await illustrator.aclose()
