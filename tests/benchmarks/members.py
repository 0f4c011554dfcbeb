"""People, their orders, and when the items of these orders ended."""

import time
from collections.abc import Collection, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from lumiku_web import bridge
from lumiku_web.domain.accounts.schemas import Actor
from tests.benchmarks.product import Product

#: A model that every plan has; the stub decides how long it takes.
_MODEL = "flux-dev"


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in and has a project."""

    actor: Actor
    cookie: str
    project_id: UUID


@dataclass(frozen=True)
class Ended:
    """An item that came to its end, with the times that its row has."""

    started_at: datetime
    finished_at: datetime


def new_members(product: Product, number: int, *, plan: str = "") -> list[Member]:
    """Sign up, sign in, open a project: by the use cases of the product. Without `plan` they pay as they go."""
    house = product.house
    made: list[Member] = []
    for _ in range(number):
        actor, secret = house.sign_in(name="Bench")
        if plan:
            house.subscribe(actor, plan)
        made.append(Member(actor, f"lumiku_session={secret}", house.project(actor).id))
    return made


def order(product: Product, member: Member, *, pictures: int = 1, model: str = _MODEL, words: str = "a baker") -> list[UUID]:
    """Order pictures as a click would; returns the items. `words` may tell the stub what to answer."""
    house = product.house
    wish = house.order(member.project_id, count=pictures, model=model, params={"words": words})
    return [item.id for item in bridge.run(product.services.generations.submit, member.actor, wish).items]


def wait_for(product: Product, items: Collection[UUID], *, seconds: float = 120) -> dict[UUID, Ended]:
    """Return when every item has a picture. Raises: TimeoutError, or AssertionError where one failed."""
    deadline = time.monotonic() + seconds
    with database(product) as connection:
        while True:
            rows = connection.execute(
                "SELECT id, status, started_at, finished_at FROM generation_items WHERE id = ANY(%s)", (list(items),)
            ).fetchall()
            states = {row[1] for row in rows}
            assert "failed" not in states
            if states == {"succeeded"}:
                return {row[0]: Ended(row[2], row[3]) for row in rows}
            if time.monotonic() > deadline:
                raise TimeoutError(f"not all of {len(items)} items ended within {seconds} s")
            time.sleep(0.1)


@contextmanager
def database(product: Product):  # noqa: ANN201 (its decorator says it)
    """A connection of the benchmark's own, each statement for itself."""
    url = product.embedded.superuser_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def last_end(ended: Sequence[Ended]) -> float:
    """When the last of them ended, in seconds since 1970."""
    return max(item.finished_at for item in ended).timestamp()
