"""Storage on a disk of this machine, or on a volume that every process mounts.

A key is the path below the root, so a backup is a copy of the directory and an operator finds a picture by its key.
Nothing is half there: content goes to a temporary name in the same directory, to the disk, and only then to its key.
"""

import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from lumiku_web.errors import NotFound, Unavailable

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){0,15}")
_PREFIX = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,199}/){0,15}([A-Za-z0-9][A-Za-z0-9._-]{0,199})?")
#: No key starts with a dot, so nothing that is half written is ever listed.
_UNFINISHED = "."
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: What the system says where there is no such object: nothing, a file for a folder, a folder for a file.
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
_ATTEMPTS = 5


def checked_key(key: str) -> str:
    """`key`, if it is one: 1 to 16 names of `A-Za-z0-9._-`, joined by `/`, none starting with a dot.

    Raises: ValueError. Keys are composed by our own code, so anything else is a bug.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """`prefix`, if some key can start with it. Raises: ValueError."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not a prefix of storage keys: {prefix!r}")
    return prefix


class LocalStorage:
    """The Storage port below `root`, which is made when it is first needed.

    Keys: see `checked_key`. No key may be the folder of another (`a` beside `a/b`): the second is Unavailable.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def put(self, key: str, content: bytes, media_type: str) -> None:  # noqa: ARG002 - the port has it
        """Replace in one step. The media type is not kept: the row of the picture knows it."""
        path = self._path(key)
        with _refusals():
            for _ in range(_ATTEMPTS - 1):
                # A delete beside us may prune the folder between its making and its first file.
                with suppress(FileNotFoundError):
                    self._write(path, content)
                    return
            self._write(path, content)

    def read(self, key: str) -> bytes:
        path = self._path(key)
        with _refusals(), _missing(key):
            return path.read_bytes()

    def size(self, key: str) -> int:
        path = self._path(key)
        with _refusals(), _missing(key):
            found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise NotFound(object_key=key)
        return found.st_size

    def stream(self, key: str, chunk_bytes: int = 65_536) -> Iterator[bytes]:
        """Refuse a missing object in the call itself, before the answer has begun."""
        self.size(key)
        return self._chunks(key, chunk_bytes)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _refusals():
            with suppress(*_ABSENT):
                path.unlink()
            self._prune(path.parent)

    def keys(self, prefix: str = "") -> Iterator[str]:
        folder = self._root / checked_prefix(prefix).rpartition("/")[0]
        with _refusals():
            for place, _, names in os.walk(folder, onerror=_unless_gone):
                inside = Path(place).relative_to(self._root)
                found = ((inside / name).as_posix() for name in names if not name.startswith(_UNFINISHED))
                yield from (key for key in found if key.startswith(prefix))

    def tidy(self, older_than: timedelta) -> int:
        """Judge by the file's own time of change: a write that still goes on renews it."""
        removed, before = 0, time.time() - older_than.total_seconds()
        with _refusals():
            for place, _, names in os.walk(self._root, onerror=_unless_gone):
                for unfinished in (Path(place, name) for name in names if name.startswith(_UNFINISHED)):
                    with suppress(*_ABSENT):
                        if unfinished.stat().st_mtime < before:
                            unfinished.unlink()
                            removed += 1
        return removed

    def url_for(self, key: str, ttl: timedelta) -> str | None:  # noqa: ARG002 - the port has them
        """Return None always: the files of this machine leave through our own route."""
        return None

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _chunks(self, key: str, chunk_bytes: int) -> Iterator[bytes]:
        path = self._path(key)
        with _refusals(), _missing(key):
            file = path.open("rb")
        with _refusals(), file:
            while chunk := file.read(chunk_bytes):
                yield chunk

    def _write(self, path: Path, content: bytes) -> None:
        self._make(path.parent)
        unfinished = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _make(self, folder: Path) -> None:
        """Like `mkdir -p`, with each new entry on the disk: a file is durable only if its folders are."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o750)
            _sync(folder.parent)

    def _prune(self, folder: Path) -> None:
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                # Not empty, or somebody else was first.
                return
            folder = folder.parent


@contextmanager
def _missing(key: str) -> Generator[None, None, None]:
    try:
        yield
    except _ABSENT as missing:
        raise NotFound(object_key=key) from missing


@contextmanager
def _refusals() -> Generator[None, None, None]:
    try:
        yield
    except OSError as failed:
        full = failed.errno in _FULL
        raise Unavailable("storage_full" if full else "storage_unreachable", reason=failed.strerror or "unknown") from failed


def _unless_gone(failed: OSError) -> None:
    if not isinstance(failed, _ABSENT):
        raise failed


def _sync(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system knows how."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
