"""No file without a row: notes, sweepers that meet or die, and the end of the trash."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import update

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.policy import TRASH_KEPT
from lumiku_web.domain.storage import service as files
from lumiku_web.domain.storage import sweeper
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.models import LooseFiles
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.domain.storage.sweeper import FileSweeper
from lumiku_web.errors import LimitReached, Unavailable
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.reception import Reception, SlowStorage, set_due
from tests.factories.rows import all_rows, count_of
from tests.factories.waiting import eventually

PAST = timedelta(seconds=-1)


def noted(user_id: UUID, services: Services) -> UUID:
    """A picture without a row whose files are stored."""
    image_id = new_id()
    bridge.run(files.reserve, user_id, image_id)
    for variant in Variant:
        services.storage.put(image_key(user_id, image_id, variant), b"loose", "image/webp")
    return image_id


def sweeper_of(services: Services) -> FileSweeper:
    return FileSweeper(bridge.call, services.storage, gallery.delete_ended_trash)


async def test_files_that_are_noted_are_left_alone_until_they_are_due(services: Services, ada: Actor) -> None:
    noted(ada.user_id, services)
    assert await sweeper_of(services).once() == 0
    assert len(list(services.storage.keys())) == 3
    set_due(PAST)
    assert await sweeper_of(services).once() == 1
    assert list(services.storage.keys()) == []
    assert count_of(LooseFiles) == 0


async def test_the_files_of_pictures_with_rows_are_never_touched(services: Services, house: House, ada: Actor) -> None:
    house.photo(ada, house.project(ada).id)
    before = set(services.storage.keys())
    noted(ada.user_id, services)
    set_due(PAST)
    await sweeper_of(services).once()
    assert set(services.storage.keys()) == before != set()


async def test_nobody_stores_what_a_sweeper_is_deleting(services: Services, ada: Actor) -> None:
    image_id = noted(ada.user_id, services)
    set_due(PAST)
    assert bridge.run(sweeper.take_due) == [(ada.user_id, image_id)]
    for use_case in (
        lambda uow: files.reserve(uow, ada.user_id, image_id),
        lambda uow: files.settle(uow, ada.user_id, image_id, 15),
    ):
        with pytest.raises(Unavailable) as refused:
            bridge.run(use_case)
        assert refused.value.key == "storage_busy"
    bridge.run(sweeper.gone, [image_id])
    bridge.run(files.reserve, ada.user_id, image_id)


async def test_a_note_that_is_renewed_is_not_due(services: Services, ada: Actor) -> None:
    image_id = noted(ada.user_id, services)
    set_due(PAST)
    bridge.run(files.reserve, ada.user_id, image_id)
    assert bridge.run(sweeper.take_due) == []


async def test_two_sweepers_at_once_share_the_work(services: Services, ada: Actor) -> None:
    for _ in range(sweeper.LIMIT + 20):
        bridge.run(files.reserve, ada.user_id, new_id())
    set_due(PAST)
    swept = await asyncio.gather(*(sweeper_of(services).once() for _ in range(4)))
    assert sum(swept) <= sweeper.LIMIT + 20
    while await sweeper_of(services).once():
        pass
    assert count_of(LooseFiles) == 0


async def test_what_a_dead_sweeper_had_taken_another_takes_later(services: Services, ada: Actor) -> None:
    image_id = noted(ada.user_id, services)
    set_due(PAST)
    bridge.run(sweeper.take_due)
    assert await sweeper_of(services).once() == 0
    assert all_rows(LooseFiles)[0].due_at > utc_now() + sweeper.TAKE_OVER - timedelta(minutes=1)
    set_due(PAST)
    assert await sweeper_of(services).once() == 1
    assert list(services.storage.keys()) == []
    bridge.run(files.reserve, ada.user_id, image_id)


async def test_a_sweeper_that_slept_too_long_deletes_nothing_more(
    services: Services, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(ada.user_id, services)
    set_due(PAST)
    monkeypatch.setattr(sweeper, "TAKE_OVER", timedelta(seconds=-1))
    assert await sweeper_of(services).once() == 0
    assert len(list(services.storage.keys())) == 3
    assert count_of(LooseFiles) == 1


async def test_a_storage_that_is_down_is_asked_again(services: Services, ada: Actor) -> None:
    """The look fails as a whole; its notes stay, and come again."""

    class Down(SlowStorage):
        def delete(self, key: str) -> None:
            raise Unavailable("storage_unreachable")

    noted(ada.user_id, services)
    set_due(PAST)
    with pytest.raises(Unavailable):
        await FileSweeper(bridge.call, Down(), gallery.delete_ended_trash).once()
    assert count_of(LooseFiles) == 1
    set_due(PAST)
    assert await sweeper_of(services).once() == 1


async def test_the_sweeper_runs_until_it_is_stopped(services: Services, ada: Actor) -> None:
    noted(ada.user_id, services)
    set_due(PAST)
    running = asyncio.create_task(sweeper_of(services).run())

    async def is_swept() -> bool:
        return await asyncio.to_thread(count_of, LooseFiles) == 0

    await eventually(is_swept, what="the sweeper has been there")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_discarded_picture_counts_no_more(reception: Reception, house: House, ada: Actor) -> None:
    house.photo(ada, house.project(ada).id)
    row = all_rows(Image)[0]
    assert bridge.run(files.used_bytes, ada) == row.stored_bytes
    bridge.run(reception.services.gallery.trash, ada, [row.id])
    bridge.run(reception.services.gallery.delete, ada, [row.id])
    assert bridge.run(files.used_bytes, ada) == 0
    assert len(list(reception.services.storage.keys())) == 3
    await reception.assert_in_order()


def test_u7_a_bound_is_kept_to_the_byte(ada: Actor) -> None:
    def settle(stored_bytes: int) -> None:
        image_id = new_id()
        bridge.run(files.reserve, ada.user_id, image_id)
        bridge.run(files.settle, ada.user_id, image_id, stored_bytes, limit_bytes=100)

    for too_much in (101, 10**15):
        with pytest.raises(LimitReached) as refused:
            settle(too_much)
        assert refused.value.key == "storage_limit"
        assert bridge.run(files.used_bytes, ada) == 0
    settle(60)
    with pytest.raises(LimitReached):
        settle(41)
    settle(40)
    assert bridge.run(files.used_bytes, ada) == 100
    with pytest.raises(LimitReached):
        settle(1)


async def test_what_the_trash_has_kept_long_enough_goes_with_its_files_and_its_bytes(
    reception: Reception, house: House, ada: Actor
) -> None:
    project, services = house.project(ada).id, reception.services
    old, new, shown = (house.photo(ada, project) for _ in range(3))
    bridge.run(services.gallery.trash, ada, [old, new])

    def long_ago(uow: UnitOfWork) -> None:
        at = utc_now() - TRASH_KEPT - timedelta(minutes=1)
        uow.session.execute(update(Image).where(Image.id == old).values(trashed_at=at))  # pyright: ignore[reportArgumentType]  (SQLModel)

    bridge.run(long_ago)
    await reception.sweep()
    rows = {row.id: row.stored_bytes for row in all_rows(Image)}
    assert rows.keys() == {new, shown}
    assert bridge.run(files.used_bytes, ada) == sum(rows.values())
    assert [event.subject_id for event in all_rows(AuditEvent) if event.action == "picture_deleted"] == [old]
    await reception.assert_in_order()
