"""P5, its first part: the first page of a gallery that grows."""

import asyncio
import time
from uuid import UUID

from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.schemas import Shelf
from lumiku_web.ui.pages.gallery.state import GalleryState
from lumiku_web.ui.showing import picture
from tests.benchmarks.figures import Figure, figure, load_now, percentile
from tests.benchmarks.members import Member, database, new_members
from tests.benchmarks.product import Product
from tests.factories.wire import Tab

_SIZES, _RUNS, _READS, _LOADS = (1_000, 10_000, 100_000), 5, 100, 20
_STATE = GalleryState.get_full_name()
#: What is new in each copy of a picture; everything else is as in a real one.
_OWN = {
    "id": "gen_random_uuid()",
    "created_at": "now() - i * interval '1 minute'",
    "source_sha256": "''",
    "title": "'picture ' || i",
}


def measure(product: Product) -> list[Figure]:
    """One member's pictures become more and more; the page is read as its state reads it, then loaded by an open tab."""
    (member,) = new_members(product, 1)
    template = product.house.photo(member.actor, member.project_id)
    figures: list[Figure] = []
    known = 1
    for size in _SIZES:
        _grow(product, template, size - known)
        known = size
        figures += _measure(product, member, size)
    return figures


def _grow(product: Product, template: UUID, number: int) -> None:
    names = [column.name for column in Image.__table__.columns]  # type: ignore[attr-defined]  (of every table)
    values = ", ".join(_OWN.get(name, name) for name in names)
    statement = f"INSERT INTO images ({', '.join(names)}) SELECT {values} FROM images, generate_series(1, %s) i WHERE id = %s"  # noqa: S608  (our own columns)
    with database(product) as connection:
        connection.execute(statement, (number, template))  # type: ignore[arg-type]  (our own columns)
        connection.execute("ANALYZE images")


def _measure(product: Product, member: Member, size: int) -> list[Figure]:
    load = load_now()
    asyncio.run(_reads(member.actor))  # the pool's first connection, the statement's first plan
    tails = [percentile(asyncio.run(_reads(member.actor)), 0.95) for _ in range(_RUNS)]
    took, weights = _loads(product, member)
    what = f"first page of {size:,} pictures"
    bar = 20.0
    return [
        figure("P5-small", f"{what}: read and made into rows, p95", "ms", tails, bar=bar, load=load),
        figure("P5-small", f"{what}: from a tab's event to its answer, p95", "ms", took, load=load),
        figure("P5-small", f"{what}: what the tab is sent", "KB", weights, bar=40.0, load=load),
    ]


async def _reads(actor: Actor) -> list[float]:
    """Milliseconds of each, bridge and transaction included."""
    took: list[float] = []
    for _ in range(_READS):
        began = time.perf_counter()
        page = await call(gallery.page, actor)
        rows = [picture(image, "en") for image in page.pictures]
        took.append((time.perf_counter() - began) * 1000)
        assert len(rows) == gallery.PAGE
    return took


def _loads(product: Product, member: Member) -> tuple[list[float], list[float]]:
    """Milliseconds (p95) and KB (largest) of each run."""
    tails: list[float] = []
    weights: list[float] = []
    with Tab(product.origin, member.cookie.partition("=")[2], "/gallery") as tab:
        tab.settle()
        for _ in range(_RUNS):
            took: list[float] = []
            for _ in range(_LOADS):
                _turn_to(tab, Shelf.favourites)  # what is shown already is not sent again
                tab.received.clear()
                began = time.perf_counter()
                _turn_to(tab, Shelf.everything)
                took.append((time.perf_counter() - began) * 1000)
                weights.append(sum(map(len, tab.received)) / 1000)
            tails.append(percentile(took, 0.95))
    return tails, weights


def _turn_to(tab: Tab, shelf: Shelf) -> None:
    tab.send(f"{_STATE}.choose_shelf", {"shelf": shelf.value})
    tab.until(_STATE, "page_0")
