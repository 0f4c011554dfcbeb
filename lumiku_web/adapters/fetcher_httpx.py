"""Opens the addresses that others give us, and only those that lead to the public internet.

A name is resolved once, every address that it stands for must be public, and the connection goes to an address that was checked:
a name that means something else a moment later gains nothing. Redirects are checked like the first address. No cookie, key or
proxy of ours goes along. TLS certificates are checked against the name.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

import httpx

from lumiku_web.adapters.provider_http import Answer, Connections, patience, read
from lumiku_web.errors import Permanent, Transient

#: Name and port → the addresses that they stand for. Raises: OSError.
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

_HTTPS_PORT = 443
_REDIRECTS: Final = 3
_TRIES: Final = 3
_ADDRESS_CHARACTERS: Final = 4096
#: A name with a dot whose last part is not a number: `localhost`, `127.1`, `0x7f.1` and `[::1]` are none.
_NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)

#: All that is given out to networks. What stands for an IPv4 address (mapped, NAT64 …) lies outside, or in the list below.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NOT_PUBLIC: Final = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),  # documentation
)
_RELAYS: Final = IPv4Network("192.88.99.0/24")  # 6to4


class HttpFetcher:
    """`trusted_origins` are those that the operator has set: they may be of http and in a private network."""

    def __init__(
        self,
        *,
        trusted_origins: Collection[str] = (),
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        connections: int = 100,
    ) -> None:
        self._trusted = frozenset(origin_of(_parsed(origin)) for origin in trusted_origins)
        self._resolve = resolve or _by_the_system
        # None is kept: a connection belongs to an address, and the next name at that address may be another.
        self._connections = Connections(connections, kept=0, tls=tls)

    def check(self, url: str, *, hosts: Collection[str] = ()) -> httpx.URL:
        """Look at the address itself: https, a name, the usual port, no credentials; one of `hosts` or below, if there are any.

        Raises: Permanent(`result_address_refused`).
        """
        place = _parsed(url)
        if origin_of(place) in self._trusted and not place.userinfo:
            return place
        name = _name(place)
        if place.scheme != "https" or place.userinfo or place.port is not None or not _NAME.fullmatch(name):
            raise _refused(place)
        if hosts and not any(name == host or name.endswith(f".{host}") for host in hosts):
            raise _refused(place)
        return place

    async def fetch(
        self,
        url: str,
        *,
        limit_bytes: int,
        deadline_seconds: float,
        media_types: Collection[str] = (),
        hosts: Collection[str] = (),
    ) -> Answer:
        """GET it, through at most three redirects. What `media_types` bounds is a 200; other answers come back as they are.

        Raises: Permanent(`result_address_refused` | `result_too_large` | `result_unreadable`), Transient(`provider_timeout` |
        `provider_unreachable` | `result_truncated`).
        """
        try:
            async with asyncio.timeout(deadline_seconds):
                for _ in range(_REDIRECTS + 1):
                    place = self.check(url, hosts=hosts)
                    answer = await self._get(place, deadline_seconds, limit_bytes, media_types)
                    if not httpx.codes.is_redirect(answer.status):
                        return answer
                    url = str(place.join(answer.headers.get("location", "")))
        except TimeoutError:
            raise Transient("provider_timeout", detail=f"not fetched in {deadline_seconds:g} s") from None
        raise Permanent("result_address_refused", detail=f"more than {_REDIRECTS} redirects")

    async def aclose(self) -> None:
        await self._connections.aclose()

    async def _get(self, place: httpx.URL, seconds: float, limit_bytes: int, media_types: Collection[str]) -> Answer:
        """Try the addresses one after the other until one answers."""
        away = Transient("provider_unreachable", detail="the name has no address")
        for address in (await self._addresses(place))[:_TRIES]:
            call = self._connections.client().stream(
                "GET",
                place.copy_with(host=address),
                headers={"host": place.netloc.decode()},
                timeout=patience(seconds),
                extensions={"sni_hostname": _name(place)},
            )
            try:
                return await read(call, limit_bytes=limit_bytes, media_types=media_types)
            except Transient as failed:
                if failed.key != away.key:
                    raise
                away = failed
        raise away

    async def _addresses(self, place: httpx.URL) -> Sequence[str]:
        try:
            found = await self._resolve(_name(place), place.port or _HTTPS_PORT)
        except OSError as unknown:
            raise Transient("provider_unreachable", detail=f"no address: {type(unknown).__name__}") from None
        if origin_of(place) not in self._trusted and not all(map(is_public, found)):
            raise Permanent("result_address_refused", detail=f"{_name(place)} is in a network that is not public")
        return found


def is_public(address: str) -> bool:
    """Say whether this IP address is one of the public internet, and stands for no other address."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        return ip in _GLOBAL_UNICAST and ip.is_global and not any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not ip.is_multicast and ip not in _RELAYS


def origin_of(url: httpx.URL) -> str:
    """Scheme, name and port in one form, whether or not the port is said."""
    port = url.port or (_HTTPS_PORT if url.scheme == "https" else 80)
    return f"{url.scheme}://{_name(url)}:{port}"


def _name(url: httpx.URL) -> str:
    """As it is resolved: `url.host` is made for people."""
    return url.raw_host.decode("ascii")


def _parsed(url: str) -> httpx.URL:
    """Printable ASCII only: what one reader skips may mean something to the next."""
    if not (url.isascii() and url.isprintable()) or len(url) > _ADDRESS_CHARACTERS or set(url) & set(" \\"):
        raise Permanent("result_address_refused", detail="no proper address")
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise Permanent("result_address_refused", detail="no proper address") from None


def _refused(place: httpx.URL) -> Permanent:
    """Without path and query, which may hold a signature."""
    return Permanent("result_address_refused", detail=f"{place.scheme}://{_name(place)[:100]} is none that Lumiku opens")


async def _by_the_system(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
