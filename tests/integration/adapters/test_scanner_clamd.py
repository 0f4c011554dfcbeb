"""Uploads past a virus scanner: clean, infected, or a scanner that says nothing useful (U7)."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest

from lumiku_web.adapters.scanner_clamd import ClamdScanner
from lumiku_web.bootstrap import Services, build_services
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.uploads.schemas import Kept
from lumiku_web.errors import InvalidInput, SettingsInvalid, Unavailable
from lumiku_web.settings import Settings, read_settings
from tests.factories.house import House
from tests.factories.reception import Reception, small
from tests.factories.rows import count_of

VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _read_stream(reader: asyncio.StreamReader) -> bytes:
    """What came by `INSTREAM`, as clamd reads it."""
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    content = b""
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(size)
    return content


async def scanning(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    infected = VIRUS in await _read_stream(reader)
    writer.write(b"stream: Eicar-Test-Signature FOUND\0" if infected else b"stream: OK\0")


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the other side has had enough


async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\0")


def answering(answer: bytes) -> Conversation:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_stream(reader)
        writer.write(answer)

    return converse


def _closing(conversation: Conversation) -> Conversation:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await conversation(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return converse


@asynccontextmanager
async def clamd(conversation: Conversation = scanning) -> AsyncIterator[str]:
    """Listens on a real port; gives its address."""
    async with await asyncio.start_server(_closing(conversation), "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


async def ask(address: str, content: bytes) -> str:
    return await ClamdScanner(address, patience_seconds=10).finding(BytesIO(content))


@pytest.mark.parametrize("size", [0, 1, 2**18, 2**18 + 1, 3_000_000])
async def test_the_whole_file_is_scanned(size: int) -> None:
    async with clamd() as address:
        assert await ask(address, os.urandom(size)) == ""
        assert await ask(address, bytes(size) + VIRUS) == "Eicar-Test-Signature"


async def test_a_file_is_scanned_from_its_beginning() -> None:
    file = BytesIO(VIRUS)
    file.read()
    async with clamd() as address:
        assert await ClamdScanner(address).finding(file) == "Eicar-Test-Signature"


async def test_a_socket_file_will_do_too(tmp_path: Path) -> None:
    path = tmp_path / "clamd.sock"
    async with await asyncio.start_unix_server(_closing(scanning), path):
        assert await ask(f"unix:{path}", VIRUS) == "Eicar-Test-Signature"
    with pytest.raises(Unavailable):
        await ask(f"unix:{tmp_path / 'nothing.sock'}", VIRUS)


@pytest.mark.parametrize(
    "conversation",
    [
        rude,
        answering(b""),
        answering(b"stream: OK"),
        answering(b"INSTREAM size limit exceeded. ERROR\0"),
        answering(b"stream: lstat() failed: No such file or directory. ERROR\0"),
        answering(b"OK? who knows\0"),
        answering(b"x" * 100_000),
    ],
    ids=["hangs up", "nothing", "cut off", "too large", "error", "nonsense", "too much"],
)
async def test_u7_what_a_scanner_did_not_call_clean_is_not_clean(conversation: Conversation) -> None:
    async with clamd(conversation) as address:
        with pytest.raises(Unavailable) as refused:
            await ask(address, os.urandom(600_000))
    assert refused.value.key == "scanner_unreachable"


async def test_u7_a_scanner_that_never_answers_is_not_waited_for_for_ever() -> None:
    async with clamd(silent) as address:
        with pytest.raises(Unavailable) as refused:
            await ClamdScanner(address, patience_seconds=0.1).finding(BytesIO(b"a"))
    assert refused.value.key == "scanner_unreachable"


async def test_u7_an_infected_photograph_is_refused_and_nothing_is_kept(services: Services, house: House) -> None:
    ada = house.member()
    project = house.project(ada).id
    async with clamd() as address:
        reception = Reception.of(services).replaced(scanner=ClamdScanner(address))
        with pytest.raises(InvalidInput) as refused:
            await reception.take(ada, project, small(1) + VIRUS)
        assert (refused.value.key, refused.value.facts) == ("photo_infected", {"finding": "Eicar-Test-Signature"})
        assert count_of(Image) == 0
        assert isinstance((await reception.take(ada, project, small(1)))[-1], Kept)
    await reception.assert_in_order()


async def test_u7_switched_on_and_unreachable_means_refused(services: Services, house: House) -> None:
    ada = house.member()
    async with clamd() as address:
        pass
    reception = Reception.of(services).replaced(scanner=ClamdScanner(address))
    with pytest.raises(Unavailable) as refused:
        await reception.take(ada, house.project(ada).id, small(1))
    assert refused.value.key == "scanner_unreachable"
    await reception.assert_in_order()


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "[::1]:3310", "clamav.example:3310", "unix:/run/clamd.sock"])
def test_the_setting_switches_it_on(settings: Settings, address: str) -> None:
    made = build_services(settings.model_copy(update={"clamav": read_settings(clamav=address).clamav}))
    assert isinstance(made.uploads.scanner, ClamdScanner)
    assert build_services(settings).uploads.scanner is None
    made.engine.dispose()


@pytest.mark.parametrize("address", ["clamav", "clamav:", "unix:", "http://clamav:3310", "a b:1"])
def test_an_address_that_is_none_stops_the_start(address: str) -> None:
    with pytest.raises(SettingsInvalid, match="LUMIKU_CLAMAV"):
        read_settings(clamav=address)
