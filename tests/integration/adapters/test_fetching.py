"""Fetching, over real connections: pinned to what was checked, bounded in size and time, and without anything of ours."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.errors import External, Permanent, Transient
from tests.stub_provider.client import StubProvider

#: Key and certificate of `pictures.example`, which nobody else trusts.
CERTIFICATE = Path(__file__).parents[2] / "data" / "pictures.example.pem"
BOUNDS = {"limit_bytes": 5_000_000, "deadline_seconds": 20}


class Names:
    """A resolver with an answer for each time that it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@asynccontextmanager
async def fetching(names: Names, *origins: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpFetcher]:
    fetcher = HttpFetcher(trusted_origins=origins, resolve=names, tls=tls)
    yield fetcher
    await fetcher.aclose()


async def refusal(fetcher: HttpFetcher, url: str, **bounds: object) -> External:
    with pytest.raises(External) as refused:
        await fetcher.fetch(url, **{**BOUNDS, **bounds})  # pyright: ignore[reportArgumentType]  (the caller knows its bounds)
    return refused.value


@pytest.fixture
def origin(stub: StubProvider) -> str:
    """The stub under a name that only our resolver knows."""
    return stub.url.replace("127.0.0.1", "pictures.example")


async def test_u8_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked(stub: StubProvider, origin: str) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with fetching(names, origin) as fetcher:
        await fetcher.fetch(f"{origin}/delivery/x/y.png", **BOUNDS)
    assert len(names.asked) == 1
    (visit,) = stub.visits()
    assert visit.headers["host"] == origin.removeprefix("http://")


async def test_u8_each_fetch_asks_for_the_name_again(stub: StubProvider, origin: str) -> None:
    names = Names(["127.0.0.1"])
    async with fetching(names, origin) as fetcher:
        for _ in range(2):
            await fetcher.fetch(f"{origin}/delivery/x/y.png", **BOUNDS)
    assert len(names.asked) == 2
    assert len(stub.visits()) == 2


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["10.0.0.1"], ["::1"], ["::ffff:10.0.0.1"], ["8.8.8.8", "192.168.0.1"], ["169.254.169.254"]]
)
async def test_u8_a_name_that_means_a_private_address_is_refused(answer: list[str]) -> None:
    names = Names(answer)
    async with fetching(names) as fetcher:
        refused = await refusal(fetcher, "https://pictures.example/x.png")
    assert (type(refused), refused.key) == (Permanent, "result_address_refused")
    assert names.asked == [("pictures.example", 443)]


@pytest.mark.parametrize(
    ("location", "names_asked"),
    [
        ("https://intern.example/x.png", 2),
        ("http://169.254.169.254/latest/meta-data/", 1),
        ("http://127.0.0.1/x.png", 1),
        ("http://elsewhere.example/x.png", 1),
        ("https://user@elsewhere.example/x.png", 1),
        ("file:///etc/passwd", 1),
    ],
)
async def test_u8_a_redirect_is_checked_like_the_first_address(
    stub: StubProvider, origin: str, location: str, names_asked: int
) -> None:
    """The second name means a private address; what is wrong by itself is not even asked for."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    stub.set("redirect", location=location)
    async with fetching(names, origin) as fetcher:
        refused = await refusal(fetcher, await _task_of(stub, origin))
    assert (type(refused), refused.key) == (Permanent, "result_address_refused")
    assert (len(stub.visits()), len(names.asked)) == (1, names_asked)


async def test_u8_at_most_three_redirects_are_followed(stub: StubProvider, origin: str) -> None:
    names = Names(["127.0.0.1"])
    async with fetching(names, origin) as fetcher:
        last = await _task_of(stub, origin)
        chain = last
        for _ in range(3):
            stub.set("redirect", location=chain, faults=99)
            chain = await _task_of(stub, origin)
        answer = await fetcher.fetch(chain, **BOUNDS)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        assert len(stub.visits()) == 4
        stub.set("redirect", location=chain, faults=99)
        refused = await refusal(fetcher, await _task_of(stub, origin))
    assert (refused.key, refused.detail) == ("result_address_refused", "more than 3 redirects")


async def _task_of(stub: StubProvider, origin: str) -> str:
    """Order a picture; its address under the name that only our resolver knows."""
    headers, wish = {"x-key": "bfl_test"}, {"prompt": "", "width": 256, "height": 256}
    answer = await asyncio.to_thread(stub.order, "flux-dev", wish, headers)
    return f"{origin}/delivery/{answer['id']}/sample.png"


@pytest.mark.parametrize(
    ("scenario", "bounds", "kind", "key"),
    [
        ("huge", {}, Permanent, "result_too_large"),
        ("huge_chunked", {}, Permanent, "result_too_large"),
        ("trickle", {"deadline_seconds": 0.3}, Transient, "provider_timeout"),
        ("slow", {"deadline_seconds": 0.3}, Transient, "provider_timeout"),
        ("html", {"media_types": ("image/",)}, Permanent, "result_unreadable"),
        ("truncated", {}, Transient, "result_truncated"),
        ("reset", {}, Transient, "provider_unreachable"),
    ],
)
async def test_q5_size_time_and_type_are_bounded(
    stub: StubProvider, origin: str, scenario: str, bounds: dict[str, object], kind: type[External], key: str
) -> None:
    stub.set(scenario)
    async with fetching(Names(["127.0.0.1"]), origin) as fetcher:
        refused = await refusal(fetcher, await _task_of(stub, origin), **bounds)
    assert (type(refused), refused.key) == (kind, key)


async def test_an_address_that_does_not_answer_is_passed_over_for_the_next(stub: StubProvider, origin: str) -> None:
    async with fetching(Names(["127.0.0.2", "127.0.0.1"]), origin) as fetcher:
        await fetcher.fetch(f"{origin}/delivery/x/y.png", **BOUNDS)
    assert len(stub.visits()) == 1


async def test_a_name_without_an_address_is_transient() -> None:
    async def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    for resolver in (Names([]), unknown):
        fetcher = HttpFetcher(resolve=resolver)
        assert (await refusal(fetcher, "https://pictures.example/x.png")).key == "provider_unreachable"
        await fetcher.aclose()


async def test_nothing_of_ours_goes_along_and_no_cookie_is_kept(origin: str) -> None:
    seen: list[bytes] = []
    async with serving(seen) as port:
        place = f"http://pictures.example:{port}"
        async with fetching(Names(["127.0.0.1"]), place) as fetcher:
            for _ in range(2):
                await fetcher.fetch(f"{place}/x.png", **BOUNDS)
    names = [line.split(b":")[0].lower() for head in seen for line in head.split(b"\r\n")[1:] if line]
    assert sorted(set(names)) == [b"accept", b"accept-encoding", b"connection", b"host", b"user-agent"]


async def test_u8_the_certificate_is_checked_against_the_name_whatever_was_connected_to_that_address_before() -> None:
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(CERTIFICATE)
    async with serving([], server) as port:
        good, other = f"https://pictures.example:{port}", f"https://other.example:{port}"
        async with fetching(Names(["127.0.0.1"]), good, other, tls=trusting) as fetcher:
            assert (await fetcher.fetch(f"{good}/x.png", **BOUNDS)).body == b"picture"
            assert (await refusal(fetcher, f"{other}/x.png")).key == "provider_unreachable"
        async with fetching(Names(["127.0.0.1"]), good) as distrusting:
            assert (await refusal(distrusting, f"{good}/x.png")).key == "provider_unreachable"


@asynccontextmanager
async def serving(seen: list[bytes], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that says one thing, as often as it is asked, and what was said to it; its port."""
    answering: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                seen.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 7\r\n\r\npicture")
                await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*filter(None, answering))
