"""Uploads that end badly: whatever ends them, files and rows say the same afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import delete

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.projects.models import Project
from lumiku_web.domain.storage.models import LooseFiles
from lumiku_web.domain.uploads.incoming import IncomingFile
from lumiku_web.domain.uploads.schemas import Arrived, Kept
from lumiku_web.errors import LumikuError, NotFound, Unavailable
from tests.factories.bad_photos import JPEG, PNG
from tests.factories.house import House
from tests.factories.photos import encoded, phone_photo, photo
from tests.factories.processes import PROJECT, environment_of
from tests.factories.reception import FullStorage, Reception, SlowStorage, in_chunks, small
from tests.factories.rows import count_of
from tests.factories.waiting import eventually


async def test_a_connection_that_breaks_leaves_nothing(reception: Reception, ada: Actor, studio: UUID) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield phone_photo()[:3_000_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await anext(reception.receiver.receive(ada, studio, JPEG, broken()))
    await reception.assert_in_order()


async def test_a_consumer_that_goes_away_gives_the_upload_up(reception: Reception, ada: Actor, studio: UUID) -> None:
    async with aclosing(reception.receiver.receive(ada, studio, JPEG, in_chunks(small(1)))) as steps:
        assert isinstance(await anext(steps), Arrived)
    assert count_of(Image) == 0
    assert not reception.receiver.cpu.locked()
    assert await reception.sweep(is_late=False) == 1
    await reception.assert_in_order()


@pytest.mark.parametrize("room", [0, 1, 2])
async def test_a_disk_that_is_full_half_way_keeps_nothing(reception: Reception, ada: Actor, studio: UUID, room: int) -> None:
    full = reception.on(FullStorage(room))
    with pytest.raises(Unavailable) as refused:
        await full.take(ada, studio, small(1))
    assert refused.value.key == "storage_full"
    assert len(list(full.services.storage.keys())) == room
    assert count_of(Image) == 0
    assert await full.sweep(is_late=False) == 1
    await full.assert_in_order()


async def test_a_full_disk_for_files_on_their_way_is_said_as_such() -> None:
    with IncomingFile(10_000_000) as incoming:
        incoming.file.close()
        incoming.file = open("/dev/full", "wb", buffering=0)  # noqa: ASYNC230, PTH123, SIM115 (no device is waited for)
        with pytest.raises(Unavailable) as refused:
            await incoming.take(in_chunks(small(1)), "JPEG")
    assert refused.value.key == "storage_full"


async def test_a_cancellation_while_files_are_stored_waits_and_then_clears_away(
    reception: Reception, ada: Actor, studio: UUID
) -> None:
    storage = SlowStorage()
    slow = reception.on(storage)
    upload = asyncio.create_task(slow.take(ada, studio, small(1)))
    await asyncio.to_thread(storage.is_asked.wait, 30)
    upload.cancel()
    await asyncio.sleep(0)
    upload.cancel()
    storage.may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await upload
    await slow.assert_in_order()


async def test_a_cancelled_upload_that_waits_for_a_core_leaves_nothing(reception: Reception, ada: Actor, studio: UUID) -> None:
    waiting = replace(reception, receiver=replace(reception.receiver, cpu=asyncio.Semaphore(0)))
    upload = asyncio.create_task(waiting.take(ada, studio, small(1)))

    async def is_noted() -> bool:
        return await asyncio.to_thread(count_of, LooseFiles) == 1

    await eventually(is_noted, what="the upload has its note")
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    await waiting.assert_in_order()


async def test_a_project_that_goes_away_meanwhile_takes_the_upload_along(reception: Reception, ada: Actor, studio: UUID) -> None:
    def remove(uow: UnitOfWork) -> None:
        uow.session.execute(delete(Project).where(Project.id == studio))  # pyright: ignore[reportArgumentType]  (SQLModel)

    async with aclosing(reception.receiver.receive(ada, studio, JPEG, in_chunks(small(1)))) as steps:
        assert isinstance(await anext(steps), Arrived)
        bridge.run(remove)
        with pytest.raises(NotFound) as refused:
            await anext(steps)
    assert refused.value.key == "project_not_found"
    await reception.assert_in_order()


async def test_a_sweeper_that_was_faster_makes_the_upload_fail_and_nothing_stays(
    reception: Reception, ada: Actor, studio: UUID
) -> None:
    """An upload may take longer than its note lasts."""
    storage = SlowStorage()
    slow = reception.on(storage)
    upload = asyncio.create_task(slow.take(ada, studio, small(1)))
    await asyncio.to_thread(storage.is_asked.wait, 30)
    assert await slow.sweep() == 1
    storage.may_go_on.set()
    with pytest.raises(Unavailable) as refused:
        await upload
    assert refused.value.key == "storage_busy"
    await slow.assert_in_order()


async def test_a_database_that_goes_away_at_the_end_loses_the_upload_and_no_file(
    reception: Reception, ada: Actor, studio: UUID
) -> None:
    async def call(use_case: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        if getattr(use_case, "__name__", "") in {"keep", "give_up"}:
            raise Unavailable("database_unreachable")
        return await bridge.call(use_case, *args, **kwargs)

    with pytest.raises(LumikuError) as refused:
        await replace(reception, receiver=replace(reception.receiver, call=call)).take(ada, studio, small(1))
    assert refused.value.key == "database_unreachable"
    assert len(list(reception.services.storage.keys())) == 3
    await reception.assert_in_order()


async def test_a_commit_that_nobody_heard_of_is_not_taken_back(reception: Reception, ada: Actor, studio: UUID) -> None:
    """The connection broke while PostgreSQL was answering: the picture is there, though its upload was told that it is not."""

    async def call(use_case: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        done = await bridge.call(use_case, *args, **kwargs)
        if getattr(use_case, "__name__", "") == "keep":
            raise Unavailable("database_unreachable")
        return done

    with pytest.raises(Unavailable):
        await replace(reception, receiver=replace(reception.receiver, call=call)).take(ada, studio, small(1))
    assert count_of(Image) == 1
    await reception.assert_in_order()


_STORES_AND_WAITS = """
import asyncio, sys, uuid
from lumiku_web import bridge
from lumiku_web.bootstrap import services
from lumiku_web.domain.uploads.receiver import Receiver
from lumiku_web.domain.uploads.schemas import DeclaredFile

async def call(use_case, /, *args, **kwargs):
    if use_case.__name__ == "keep":
        print("stored", flush=True)
        await asyncio.sleep(600)
    return await bridge.call(use_case, *args, **kwargs)

async def chunks():
    yield sys.stdin.buffer.read()

async def main():
    made = services()
    actor = await bridge.call(made.accounts.actor, sys.argv[1])
    receiver = Receiver(call, made.uploads, asyncio.Semaphore(2))
    async for step in receiver.receive(actor, uuid.UUID(sys.argv[2]), DeclaredFile("a.png", "image/png"), chunks()):
        pass

asyncio.run(main())
"""


async def test_a_process_that_is_killed_between_file_and_row_leaves_what_the_sweeper_finds(
    reception: Reception, services: Services, house: House
) -> None:
    eve, secret = house.sign_in(name="Eve")
    project = house.project(eve).id
    child = subprocess.Popen(  # noqa: ASYNC220 (it has printed its line long before anything else is waited for)
        [sys.executable, "-c", _STORES_AND_WAITS, secret, str(project)],
        cwd=PROJECT,
        env=environment_of(services.settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(encoded(photo(64, 64), "PNG"))
        child.stdin.close()
        lines = iter(child.stdout.readline, b"")
        assert any(b"stored" in line for line in lines)
        os.kill(child.pid, signal.SIGKILL)
    assert len(list(services.storage.keys())) == 3
    assert (count_of(Image), count_of(LooseFiles)) == (0, 1)
    await reception.assert_in_order()
    assert isinstance((await reception.take(eve, project, encoded(photo(64, 64), "PNG"), PNG))[-1], Kept)
