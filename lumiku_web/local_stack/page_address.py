"""Makes one front-end build work on every port, every host and behind https.

Reflex bakes the addresses of its endpoints into one chunk of the build. In the browser it replaces only the host, and only
if that is `localhost`; the port stays baked. Here the addresses become expressions for the origin that the page was loaded
from, and the list of hosts that Reflex would meddle with becomes empty (it would drop the port of `https://localhost:8443`).
"""

import re
from collections.abc import Iterable
from pathlib import Path

#: Baked in by `rxconfig.py`; nothing can be reached at it, so a build that was not patched can't work by chance.
PLACEHOLDER = "http://page-address.invalid"

_HOST = PLACEHOLDER.partition("://")[2]
_BAKED = re.compile(rf"""(?P<quote>["'`])(?P<scheme>http|ws)://{re.escape(_HOST)}(?P<path>/[\w/-]*)(?P=quote)""")
_PAGE_ORIGIN = {"http": "location.origin", "ws": 'location.origin.replace(/^http/,"ws")'}
_REPLACED_HOSTS = re.compile(r"""\[(?P<quote>["'`])localhost(?P=quote),(?P=quote)0\.0\.0\.0(?P=quote),[^\]]*\]""")


class UnknownBuildError(RuntimeError):
    """The build doesn't look as the pinned Reflex makes it: the pages would call a wrong address."""


def follow_the_page_address(static_dir: Path) -> None:
    """Patch the built pages in `static_dir`.

    Raises: UnknownBuildError unless everything that must be replaced is found, each in exactly one chunk.
    """
    chunks = {path: path.read_text(encoding="utf-8") for path in sorted((static_dir / "assets").glob("*.js"))}
    address_chunk = _only(path for path, text in chunks.items() if _HOST in text)
    patched = _BAKED.sub(_page_address, chunks[address_chunk])
    if _HOST in patched or not {'"/_event"', '"/_upload"', '"/ping"'} <= set(re.findall(r'"/\w+"', patched)):
        raise UnknownBuildError(f"the addresses in {address_chunk} are written in an unknown way: {chunks[address_chunk][:500]}")
    address_chunk.write_text(patched, encoding="utf-8")
    hosts_chunk = _only(path for path, text in chunks.items() if _REPLACED_HOSTS.search(text))
    hosts_chunk.write_text(_REPLACED_HOSTS.sub("[]", hosts_chunk.read_text(encoding="utf-8")), encoding="utf-8")


def _page_address(found: re.Match[str]) -> str:
    return f'{_PAGE_ORIGIN[found["scheme"]]}+"{found["path"]}"'


def _only(paths: Iterable[Path]) -> Path:
    found = list(paths)
    if len(found) != 1:
        raise UnknownBuildError(f"expected exactly one chunk, found {[path.name for path in found]}")
    return found[0]
