"""Storage in the memory of one process: for tests, and for trying something out. Gone with the process."""

import threading
from collections.abc import Iterator
from datetime import timedelta

from lumiku_web.adapters.storage_local import checked_key, checked_prefix
from lumiku_web.errors import NotFound


class MemoryStorage:
    """The Storage port in a dict, with the same keys as LocalStorage.

    Safe for threads; an object that is being streamed survives its replacement.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[str, bytes] = {}

    def put(self, key: str, content: bytes, media_type: str) -> None:  # noqa: ARG002 - the port has it
        """Replace in one step. The media type is not kept."""
        checked_key(key)
        with self._lock:
            self._objects[key] = bytes(content)

    def read(self, key: str) -> bytes:
        checked_key(key)
        with self._lock:
            try:
                return self._objects[key]
            except KeyError:
                raise NotFound(object_key=key) from None

    def size(self, key: str) -> int:
        return len(self.read(key))

    def stream(self, key: str, chunk_bytes: int = 65_536) -> Iterator[bytes]:
        """Refuse a missing object in the call itself."""
        content = self.read(key)
        return (content[start : start + chunk_bytes] for start in range(0, len(content), chunk_bytes))

    def delete(self, key: str) -> None:
        checked_key(key)
        with self._lock:
            self._objects.pop(key, None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        checked_prefix(prefix)
        with self._lock:
            found = [key for key in self._objects if key.startswith(prefix)]
        return iter(found)

    def tidy(self, older_than: timedelta) -> int:  # noqa: ARG002 - the port has it
        """Return 0 always: a write that never ended has left nothing."""
        return 0

    def url_for(self, key: str, ttl: timedelta) -> str | None:  # noqa: ARG002 - the port has them
        """Return None always: memory has no address."""
        return None
