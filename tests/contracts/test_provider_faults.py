"""Every fault of every provider has its named outcome, and the page about it says the same."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contracts.provider_faults import ADAPTERS, FAULTS, NAMES, NEVER, PAGE, Fault, House, Outcome, house, page

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINE = re.compile(r"^\| (?P<name>[^`|]+) \| (?P<cells>.*) \|$", re.MULTILINE)
MEANING = re.compile(r"^\| `(\w+)` \| .* \| (yes|no) \|$", re.MULTILINE)
CELL = re.compile(r"`(?P<key>\w+)`(?: \(in (?P<pause>\d+) s\))?(?P<again> \(asked again\))?")


def told_by_the_page() -> dict[tuple[str, str], Outcome | None]:
    """Its two tables, by fault and adapter."""
    text = PAGE.read_text(encoding="utf-8")
    retried = {key: said == "yes" for key, said in MEANING.findall(text)}
    rows = {line["name"]: line["cells"].split(" | ") for line in LINE.finditer(text)}
    cells = {(name, adapter): said for name in NAMES for adapter, said in zip(ADAPTERS, rows[name], strict=True)}
    return {place: _read(said, retried) for place, said in cells.items()}


def _read(said: str, retried: dict[str, bool]) -> Outcome | None:
    told = CELL.fullmatch(said)
    if told is None:
        assert said == NEVER
        return None
    return Outcome(told["key"], retried[told["key"]], float(told["pause"]) if told["pause"] else None, bool(told["again"]))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything() -> AsyncIterator[House]:
    async with house() as made:
        yield made


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_q5_each_fault_of_each_provider_ends_as_the_page_says(everything: House, fault: Fault, adapter: str) -> None:
    assert await everything.outcome(fault, adapter) == told_by_the_page()[fault.name, adapter]


async def test_the_page_has_every_fault_and_outcome_with_its_sentence_and_no_other() -> None:
    assert page(told_by_the_page()) == PAGE.read_text(encoding="utf-8")
