"""What is looked at when all is quiet again. Every finding is a sentence; there should be none."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlalchemy import text
from sqlmodel import col, func, select, update

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing.models import Allowance
from lumiku_web.domain.billing.schemas import AllowanceKind, PaidWith
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.schemas import FINAL, ItemStatus
from lumiku_web.domain.ledger.models import LedgerEvent, LedgerPosting, WalletRow
from lumiku_web.domain.notifications.models import MemberSequence
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.models import LooseFiles, MemberStorage
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.domain.storage.sweeper import FileSweeper
from lumiku_web.ui.hub import LOOK_SECONDS
from tests.chaos.campaign import CREDITS
from tests.chaos.deck import Deck, Stage
from tests.chaos.menu import LOST
from tests.chaos.reader import Reader
from tests.factories.rows import all_rows

_ENDS = {
    Action.item_delivered: ItemStatus.succeeded,
    Action.item_failed: ItemStatus.failed,
    Action.item_canceled: ItemStatus.canceled,
}


def ends(ordered: set[UUID]) -> Iterator[str]:
    """Q1: every item that was ordered ended, and ended once."""
    items = {item.id: item for item in all_rows(GenerationItem)}
    if set(items) != ordered:
        yield f"{len(ordered)} items were ordered, {len(items)} are there, {len(ordered & set(items))} of them the same"
    told: dict[UUID | None, list[str]] = defaultdict(list)
    for event in all_rows(AuditEvent):
        if event.action in _ENDS:
            told[event.subject_id].append(_ENDS[Action(event.action)])
    for item in items.values():
        if told[item.id] != [item.status] or item.status not in FINAL:
            yield f"item {item.id} is {item.status}, and the audit trail knows these ends of it: {told[item.id]}"


def books(uow: UnitOfWork) -> list[str]:
    """L1, L2: at any moment, whatever has been killed, each event sums to zero and each wallet is the sum of its postings."""
    uow.snapshot()
    sums = select_columns(LedgerPosting.event_id).group_by(col(LedgerPosting.event_id), col(LedgerPosting.currency))
    unequal = uow.session.execute(sums.having(func.sum(LedgerPosting.amount) != 0))
    odd = [f"event {event} does not sum to zero" for (event,) in unequal]
    posted: Counter[tuple[UUID, str]] = Counter()
    by_account = select_columns(LedgerPosting.user_id, LedgerPosting.account, func.sum(LedgerPosting.amount))
    for user_id, account, amount in uow.session.execute(
        by_account.group_by(col(LedgerPosting.user_id), col(LedgerPosting.account))
    ):
        posted[user_id, account] = int(amount)
    for row in uow.session.exec(select(WalletRow)):
        sums_of_row = tuple(posted[row.user_id, account] for account in ("available", "held", "owed"))
        if sums_of_row != (row.available, row.held, -row.owed):
            odd.append(f"the wallet of {row.user_id} has {row.available}, {row.held}, {row.owed}, its postings say {sums_of_row}")
    return odd


def charges() -> Iterator[str]:
    """Q1, L5, L6: what was held was captured for pictures that came, and released for all others, each item's once."""
    yield from bridge.run(books)
    orders = {order.id: order for order in all_rows(Generation)}
    events = all_rows(LedgerEvent)
    said: dict[UUID | None, list[str]] = defaultdict(list)
    for event in events:
        said[event.item_id].append(event.kind)
    left = Counter({wallet.user_id: CREDITS for wallet in all_rows(WalletRow)})
    used: Counter[UUID] = Counter()
    for item in all_rows(GenerationItem):
        order, has_come = orders[item.generation_id], item.status == ItemStatus.succeeded
        if item.paid_with == PaidWith.credits:
            left[item.user_id] -= order.credits_price * has_come
            if said[item.id] != ["capture" if has_come else "release"]:
                yield f"item {item.id} is {item.status}, and of its price was said {said[item.id]}"
        else:
            used[item.user_id] += order.quota_price * has_come
    for wallet in all_rows(WalletRow):
        if (wallet.available, wallet.held) != (left[wallet.user_id], 0):
            yield f"{wallet.user_id} has {wallet.available} and {wallet.held} held, and should have {left[wallet.user_id]}"
    for kind in (AllowanceKind.day, AllowanceKind.month):
        windows = [window for window in all_rows(Allowance) if window.kind == kind]
        counted: Counter[UUID] = Counter()
        for window in windows:
            counted[window.user_id] += window.used
        if any(window.held for window in windows) or +counted != +used:
            yield f"of the quotas by {kind} {dict(counted)} were used, not {dict(used)}; held: {[w.held for w in windows]}"


def pictures(services: Services) -> Iterator[str]:
    """Q1: one picture for each item that succeeded, with all its files; no file without its row, none counted twice."""
    images = {image.id: image for image in all_rows(Image)}
    succeeded = {item.id for item in all_rows(GenerationItem) if item.status == ItemStatus.succeeded}
    if set(images) != succeeded:
        yield f"{len(succeeded)} items succeeded, and there are {len(images)} pictures"
    owned = {image_key(image.user_id, image.id, variant): image for image in images.values() for variant in Variant}
    noted = {image_key(row.user_id, row.image_id, variant) for row in all_rows(LooseFiles) for variant in Variant}
    kept = set(services.storage.keys())
    yield from (f"{key} has neither a row nor a note" for key in kept - set(owned) - noted)
    yield from (f"{key} is missing" for key in set(owned) - kept)
    for key in kept & set(owned):
        if key.endswith(Variant.original) and services.storage.size(key) != owned[key].size_bytes:
            yield f"{key} has {services.storage.size(key)} bytes, its row says {owned[key].size_bytes}"
    used = {row.user_id: row.used_bytes for row in all_rows(MemberStorage) if row.used_bytes}
    stored: Counter[UUID] = Counter()
    for image in images.values():
        stored[image.user_id] += image.stored_bytes
    if used != stored:
        yield f"the members' pictures take {dict(stored)}, and counted are {used}"


async def sweep(services: Services) -> None:
    """As if the time of all loose files had come."""
    bridge.run(_make_notes_due)
    sweeper = FileSweeper(bridge.call, services.storage, gallery.delete_ended_trash)
    while await sweeper.once():
        pass
    services.storage.tidy(timedelta())


def left_over(files: Path) -> Iterator[str]:
    """Q1: after the sweeper's look there is nothing that no row owns."""
    owned = {image_key(image.user_id, image.id, variant) for image in all_rows(Image) for variant in Variant}
    there = {path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file()}
    yield from (f"{name} belongs to nobody" for name in there - owned)
    yield from (f"the note of {note.image_id} stayed" for note in all_rows(LooseFiles))


def purchases(deck: Deck, tasks: list[dict[str, Any]]) -> Iterator[str]:
    """Q3: what was accepted, and whose ticket was kept, is asked for again and not bought again.

    A worker that had frozen may have been about to ask when it did: its items are left out, and so are those of which the
    provider lost a request.
    """
    frozen = {note["pid"] for note in deck.notes("death") if note["stage"] == Stage.frozen}
    unclear = {note["seed"] for note in deck.notes("claim") if note["pid"] in frozen}
    unclear |= {task["seed"] for task in tasks if task["scenario"] in LOST}
    kept = {note["id"] for note in deck.notes("ticket")} | {task["id"] for task in tasks if task["polls"]}
    bought: dict[int, list[str]] = defaultdict(list)
    for task in tasks:
        bought[task["seed"]].append(task["id"])
    for seed, ids in bought.items():
        if seed not in unclear and any(task_id in kept for task_id in ids[:-1]):
            yield f"the picture of seed {seed} was bought as {ids}, and of these were kept {[i for i in ids if i in kept]}"


def news(reader: Reader) -> Iterator[str]:
    """Q8: every member was told of every end, in order, and of nothing after it."""
    yield from reader.problems
    for item in all_rows(GenerationItem):
        if reader.shown.get(item.id) != item.status:
            yield f"item {item.id} is {item.status}, and its member was last told {reader.shown.get(item.id)}"
    for row in all_rows(MemberSequence):
        if row.user_id in reader.sequences and reader.sequences[row.user_id] != row.value:
            yield f"member {row.user_id} is at {row.value}, and was told up to {reader.sequences[row.user_id]}"


def late_news(reader: Reader, silent: set[UUID]) -> Iterator[str]:
    """Q8: of these nobody rang, and one look brought them all the same. A busy machine gets the time of two more."""
    ended = {item.id: item.finished_at for item in all_rows(GenerationItem)}
    for item_id in silent:
        finished_at = ended[item_id]
        if finished_at is None or reader.told_at[item_id] - finished_at > timedelta(seconds=3 * LOOK_SECONDS):
            yield f"item {item_id} ended at {finished_at}, and its member was told at {reader.told_at[item_id]}"


def _make_notes_due(uow: UnitOfWork) -> None:
    uow.session.execute(update(LooseFiles).values(due_at=text("clock_timestamp() - interval '1 second'")))
