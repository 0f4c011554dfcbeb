"""Q1, Q2, Q3, Q8, L1, L2, L5, L6: whatever is killed or cut, each order ends once, is charged once, its member is told.

The short form belongs to all tests; `make chaos` is the long one. A seed brings back the faults and the order of the disasters,
not the exact moments: those are the machine's.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from lumiku_web.bootstrap import Services
from lumiku_web.local_stack.services import EmbeddedServices
from lumiku_web.settings import Settings
from tests.chaos import findings, menu
from tests.chaos.campaign import MEMBERS, Campaign, Size, named
from tests.chaos.crew import Crew
from tests.chaos.deck import Deck, Stage
from tests.chaos.disasters import Disasters
from tests.chaos.reader import Reader
from tests.factories.house import House
from tests.factories.waiting import eventually
from tests.stub_provider.client import StubProvider


@pytest.mark.timeout(0)
async def test_q1_q2_q3_q8_whatever_is_killed_every_item_ends_once_and_its_member_is_told(
    services: Services,
    settings: Settings,
    stack: EmbeddedServices,
    stub: StubProvider,
    size: Size,
    seed: int,
    say: Callable[[str], None],
    tmp_path: Path,
) -> None:
    house, deck = House(services), Deck.deal(tmp_path / "deck", each=size.deaths, frozen=size.freezes)
    members = [house.member(name=f"Member {number}") for number in range(MEMBERS)]
    for member in members[::2]:
        house.subscribe(member, "basic", uses_credits=True)
    stub.serve("huggingface", menu.HUGGINGFACE, seed=seed)
    stub.serve("bfl", menu.BFL, seed=seed)
    crew = Crew(settings, tmp_path, deck, seed, size.workers, size.chances, size.lease_seconds)
    reader = Reader(members)
    disasters = Disasters(stack, crew, reader, random.Random(f"disasters {seed}"), size.away_seconds)
    campaign = Campaign(house, members, size, random.Random(f"orders {seed}"), disasters, say, findings.books)

    async def everybody_was_told() -> bool:
        return not list(findings.news(reader)) or bool(reader.problems)

    with named(seed):
        async with reader.reading():
            with crew.at_work():
                await campaign.run()
            await eventually(everybody_was_told)
        say(f"{crew.started} workers, deaths: {dict(deck.deaths())}, {reader.starts} starts of the web")
        found = [*findings.ends(campaign.ordered), *findings.charges(), *findings.pictures(services), *findings.news(reader)]
        found += [*findings.purchases(deck, stub.tasks()), *findings.late_news(reader, campaign.silent)]
        found += [*crew.odd_ends, *crew.bugs()]
        await findings.sweep(services)
        found += findings.left_over(settings.files_dir)
        assert not found, "\n".join(found)
        assert deck.deaths() == {stage: size.freezes if stage is Stage.frozen else size.deaths for stage in Stage}
