"""Photographs come in whole or not at all (U1-U7). After each end, however bad, files and rows say the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

import pytest

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.domain.uploads.schemas import AlreadyThere, Arrived, DeclaredFile, Kept
from lumiku_web.errors import InvalidInput, LimitReached, NotFound
from tests.factories.bad_photos import JPEG, NAMES, bad_photos, polyglots
from tests.factories.house import House
from tests.factories.photos import phone_photo
from tests.factories.reception import FullStorage, Reception, SlowStorage, in_chunks, small
from tests.factories.rows import all_rows, count_of

BAD = sorted(bad_photos())


async def test_a_photograph_arrives_and_is_kept(reception: Reception, services: Services, ada: Actor, studio: UUID) -> None:
    arrived, kept = await reception.take(ada, studio, phone_photo(), DeclaredFile("C:\\me\\beach.jpg", "image/jpeg"))
    assert isinstance(arrived, Arrived)
    assert isinstance(kept, Kept)
    assert arrived.thumb_uri.startswith("data:image/webp;base64,")
    image = kept.image
    assert (image.title, image.project_id, image.width_px, image.height_px) == ("beach", studio, 1500, 2000)
    assert (arrived.width_px, arrived.height_px) == (1500, 2000)
    row = all_rows(Image)[0]
    stored = [services.storage.size(image_key(ada.user_id, image.id, variant)) for variant in Variant]
    assert row.stored_bytes == sum(stored)
    assert [event.subject_id for event in all_rows(AuditEvent) if event.action == "photo_uploaded"] == [image.id]
    await reception.assert_in_order()


async def test_the_thumbnail_is_shown_before_anything_is_stored(reception: Reception, ada: Actor, studio: UUID) -> None:
    storage = SlowStorage()
    slow = reception.on(storage)
    async with aclosing(slow.receiver.receive(ada, studio, JPEG, in_chunks(small(1)))) as steps:
        assert isinstance(await anext(steps), Arrived)
        storage.may_go_on.set()
        assert isinstance(await anext(steps), Kept)
    await slow.assert_in_order()


@pytest.mark.parametrize("wrong", BAD)
async def test_u6_what_is_no_photograph_is_refused_and_leaves_nothing(
    reception: Reception, ada: Actor, studio: UUID, wrong: str
) -> None:
    bad = bad_photos()[wrong]
    with pytest.raises(InvalidInput) as refused:
        await reception.take(ada, studio, bad.content, bad.declared)
    assert (refused.value.key, refused.value.field) == (bad.key, "photo")
    assert count_of(Image) == 0
    await reception.assert_in_order()


@pytest.mark.parametrize("name", sorted(polyglots()))
async def test_u6_of_a_photograph_that_is_something_else_too_only_the_photograph_is_kept(
    reception: Reception, services: Services, ada: Actor, studio: UUID, name: str
) -> None:
    declared, content, hidden = polyglots()[name]
    assert hidden in content
    assert isinstance((await reception.take(ada, studio, content, declared))[-1], Kept)
    for key in list(services.storage.keys()):
        assert hidden not in services.storage.read(key)
    await reception.assert_in_order()


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_u6_a_hostile_name_becomes_a_harmless_title(
    reception: Reception, services: Services, ada: Actor, studio: UUID, name: str
) -> None:
    end = (await reception.take(ada, studio, small(1), DeclaredFile(name, "image/jpeg")))[-1]
    assert isinstance(end, Kept)
    assert end.image.title == NAMES[name]
    assert set(services.storage.keys()) == {image_key(ada.user_id, end.image.id, variant) for variant in Variant}


async def test_u2_a_file_is_cut_off_at_its_limit_and_not_waited_for(reception: Reception, ada: Actor, studio: UUID) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        yield small(1)
        while True:
            asked += 1
            yield bytes(50_000)

    bounded = reception.replaced(upload_limit_bytes=1_000_000)
    with pytest.raises(InvalidInput) as refused:
        await anext(bounded.receiver.receive(ada, studio, JPEG, endless()))
    assert (refused.value.key, refused.value.facts) == ("photo_too_large", {"megabytes": 1})
    assert asked <= 20
    await reception.assert_in_order()


async def test_u1_a_file_that_is_not_what_it_says_is_refused_at_its_first_bytes(
    reception: Reception, ada: Actor, studio: UUID
) -> None:
    asked = 0

    async def page() -> AsyncIterator[bytes]:
        nonlocal asked
        for piece in (b"<!", b"doctype html>", bytes(50_000), bytes(50_000)):
            asked += 1
            yield piece

    with pytest.raises(InvalidInput) as refused:
        await anext(reception.receiver.receive(ada, studio, JPEG, page()))
    assert (refused.value.key, asked) == ("photo_content_otherwise", 3)


# --- the same file again ---


async def test_the_same_file_is_not_stored_twice(reception: Reception, house: House, ada: Actor, studio: UUID) -> None:
    first = (await reception.take(ada, studio, small(1)))[-1]
    assert isinstance(first, Kept)
    elsewhere = house.project(ada, "Elsewhere").id
    assert await reception.take(ada, elsewhere, small(1), replace(JPEG, name="other.jpg")) == [AlreadyThere(first.image)]
    bridge.run(reception.services.gallery.trash, ada, [first.image.id])
    (again,) = await reception.take(ada, studio, small(1))
    assert isinstance(again, AlreadyThere)
    assert again.image.trashed_at
    bridge.run(reception.services.gallery.delete, ada, [first.image.id])
    assert isinstance((await reception.take(ada, studio, small(1)))[-1], Kept)
    await reception.assert_in_order()


async def test_a_file_that_is_known_waits_for_no_core(reception: Reception, ada: Actor, studio: UUID) -> None:
    first = (await reception.take(ada, studio, small(1)))[-1]
    assert isinstance(first, Kept)
    busy = replace(reception, receiver=replace(reception.receiver, cpu=asyncio.Semaphore(0)))
    assert await busy.take(ada, studio, small(1)) == [AlreadyThere(first.image)]


async def test_u7_of_eight_uploads_of_one_file_at_once_one_is_kept(reception: Reception, ada: Actor, studio: UUID) -> None:
    ends = [steps[-1] for steps in await asyncio.gather(*(reception.take(ada, studio, small(1)) for _ in range(8)))]
    (kept,) = [end for end in ends if isinstance(end, Kept)]
    assert [end for end in ends if end != kept] == [AlreadyThere(kept.image)] * 7
    await reception.assert_in_order()


async def test_who_loses_the_race_for_one_file_keeps_nothing(reception: Reception, ada: Actor, studio: UUID) -> None:
    """Both have been told that the file is new."""
    storage = SlowStorage()
    slow = reception.on(storage)
    late = asyncio.create_task(slow.take(ada, studio, small(1)))
    await asyncio.to_thread(storage.is_asked.wait, 30)
    first = (await reception.on(FullStorage(3)).take(ada, studio, small(1)))[-1]
    storage.may_go_on.set()
    assert isinstance(first, Kept)
    assert (await late)[-1] == AlreadyThere(first.image)
    await slow.sweep()
    assert list(storage.keys()) == []


async def test_members_do_not_learn_of_each_others_files(reception: Reception, house: House, ada: Actor, studio: UUID) -> None:
    eve = house.member(name="Eve")
    await reception.take(ada, studio, small(1))
    assert isinstance((await reception.take(eve, house.project(eve).id, small(1)))[-1], Kept)
    await reception.assert_in_order()


# --- whose, and how much ---


async def test_t8_nobody_uploads_into_somebody_elses_project(reception: Reception, house: House, studio: UUID) -> None:
    asked: list[bytes] = []

    async def content() -> AsyncIterator[bytes]:
        asked.append(b"")
        yield small(1)

    with pytest.raises(NotFound):
        await anext(reception.receiver.receive(house.member(name="Eve"), studio, JPEG, content()))
    assert not asked
    await reception.assert_in_order()


async def test_u7_of_sixteen_uploads_at_once_as_many_are_kept_as_there_is_room_for(
    reception: Reception, ada: Actor, studio: UUID
) -> None:
    await reception.take(ada, studio, small(0))
    each = all_rows(Image)[0].stored_bytes
    bounded = reception.replaced(storage_limit_bytes=each * 4 + each // 2)

    async def end(number: int) -> object:
        try:
            return type((await bounded.take(ada, studio, small(number)))[-1])
        except LimitReached as refused:
            return refused.key

    ends = await asyncio.gather(*(end(number) for number in range(1, 17)))
    assert ends.count(Kept) == 3
    assert ends.count("storage_limit") == 13
    assert count_of(Image) == 4
    await reception.assert_in_order()


async def test_u7_a_member_whose_storage_is_full_brings_nothing_and_orders_nothing(
    reception: Reception, house: House, services: Services, ada: Actor, studio: UUID
) -> None:
    await reception.take(ada, studio, small(0))
    full = all_rows(Image)[0].stored_bytes
    with pytest.raises(LimitReached) as refused:
        await reception.replaced(storage_limit_bytes=full).take(ada, studio, small(1))
    assert refused.value.key == "storage_limit"
    with pytest.raises(LimitReached) as refused:
        bridge.run(replace(services.generations, storage_limit_bytes=full).submit, ada, house.order(studio))
    assert refused.value.key == "storage_limit"
    assert bridge.run(replace(services.generations, storage_limit_bytes=full + 1).submit, ada, house.order(studio)).id
    await reception.assert_in_order()
