"""A worker of the product that dies at its stages: the ports that it was handed kill their own process.

`python -m tests.chaos.worker_main <folder of the deck> --seed … --chances … --lease-seconds …`; ends when standard input does.
"""

import argparse
import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from lumiku_web.bootstrap import Services, build_services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.gallery.schemas import PreparedImage
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.repository import ItemRepository
from lumiku_web.domain.generations.schemas import Claim, Fence
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.providers.ports import Accepted, Capabilities, ImageProvider, ImageRequest, ImageResult, unnoted
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.logs import configure_logs
from lumiku_web.settings import load_settings
from rq_workers.single import build
from tests.chaos.deck import Deck, Stage


@dataclass(frozen=True)
class MortalLeases(Leases):
    """Dies when an item was claimed, and when its end was committed, before anybody is told. May give shorter leases."""

    deck: Deck = field(kw_only=True)
    lease: timedelta = field(kw_only=True)

    def claim(self, uow: UnitOfWork, item_id: UUID) -> Claim | None:
        claim = super().claim(uow, item_id)
        if claim:
            self.renew(uow, {item_id: claim.fence})
            uow.after_commit(partial(self.deck.note, "claim", item=str(item_id), seed=claim.seed))
            uow.after_commit(partial(self.deck.strike, Stage.claimed))
        return claim

    def renew(self, uow: UnitOfWork, leases: Mapping[UUID, Fence]) -> set[UUID]:
        return ItemRepository(uow.session).renew(leases, self.lease)

    def deliver(self, uow: UnitOfWork, claim: Claim, prepared: PreparedImage, **facts: Any) -> bool:
        delivered: list[bool] = []
        uow.after_commit(lambda: self.deck.strike(Stage.committed) if all(delivered) else None)
        delivered.append(super().deliver(uow, claim, prepared, **facts))
        return delivered[0]


class MortalProvider:
    """Dies while the provider works, when its ticket was kept, and when it has answered."""

    def __init__(self, real: ImageProvider, deck: Deck) -> None:
        self._real, self._deck = real, deck
        self.name = real.name

    def capabilities(self, provider_model: str) -> Capabilities:
        return self._real.capabilities(provider_model)

    async def generate(self, request: ImageRequest, accepted: Accepted = unnoted) -> ImageResult:
        async def kept(ticket: str) -> None:
            await accepted(ticket)
            self._deck.note("ticket", seed=request.seed, id=json.loads(ticket)["id"])
            self._deck.strike(Stage.accepted)

        work = asyncio.ensure_future(self._real.generate(request, kept))
        try:
            if self._deck.may_draw():
                await asyncio.wait([work], timeout=self._deck.random.uniform(0.02, 0.2))
                if self._deck.takes(Stage.called):
                    self._deck.die(Stage.called)
            result = await work
        finally:
            work.cancel()
        self._deck.strike(Stage.answered)
        return result

    async def aclose(self) -> None:
        await self._real.aclose()


class MortalStorage:
    """Dies, or freezes, when it has stored some of a picture's files."""

    def __init__(self, real: Storage, deck: Deck) -> None:
        self._real, self._deck = real, deck

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def put(self, key: str, content: bytes, media_type: str) -> None:
        self._real.put(key, content, media_type)
        self._deck.freeze(key)
        self._deck.strike(Stage.stored)


class MutableDoorbell:
    """Rings, unless there is silence."""

    def __init__(self, real: Doorbell, silence: Path) -> None:
        self._real, self._silence = real, silence

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def ring(self, user_id: UUID, sequence: int) -> None:
        if not self._silence.exists():
            self._real.ring(user_id, sequence)


def mortal(services: Services, deck: Deck, lease: timedelta) -> Services:
    """The same house, with ports that kill."""
    storage: Any = MortalStorage(services.storage, deck)
    doorbell: Any = MutableDoorbell(services.doorbell, deck.silence)
    return replace(
        services,
        storage=storage,
        doorbell=doorbell,
        providers=dict(_mortal_providers(services, deck)),
        leases=MortalLeases(services.queue, doorbell, services.payments, deck=deck, lease=lease),
    )


def _mortal_providers(services: Services, deck: Deck) -> Iterator[tuple[str, ImageProvider]]:
    for name, provider in services.providers.items():
        yield name, MortalProvider(provider, deck)


def _end_with_the_test() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(3)


def main() -> None:
    """Work until a signal, or a card."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--chances", type=float, required=True)
    parser.add_argument("--lease-seconds", type=float, required=True)
    options = parser.parse_args()
    threading.Thread(target=_end_with_the_test, daemon=True).start()
    settings = load_settings()
    configure_logs("worker", level=settings.log_level, style=settings.log_format)
    deck = Deck(options.folder, seed=options.seed, chances=options.chances)
    services = build_services(settings, application="worker")
    build(mortal(services, deck, timedelta(seconds=options.lease_seconds))).work(logging_level="WARNING")


main()
