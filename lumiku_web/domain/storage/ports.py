"""Where bytes are kept."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol


class Storage(Protocol):
    """Objects by key. Keys come from `domain.storage.keys` only. Blocking: call it in a thread, never in a transaction."""

    def put(self, key: str, content: bytes, media_type: str) -> None:
        """Keep `content` under `key`, durably and in whole or not at all; an existing object is replaced.

        Raises: Unavailable(`storage_full` or `storage_unreachable`).
        """
        ...

    def read(self, key: str) -> bytes:
        """Raises: NotFound, Unavailable."""
        ...

    def size(self, key: str) -> int:
        """The object's bytes. Raises: NotFound, Unavailable."""
        ...

    def stream(self, key: str, chunk_bytes: int = 65_536) -> Iterator[bytes]:
        """The object's content, in chunks. Raises NotFound before the first chunk."""
        ...

    def delete(self, key: str) -> None:
        """Forget the object. Forgetting what is not there is no error."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that start with `prefix`, in no order."""
        ...

    def tidy(self, older_than: timedelta) -> int:
        """Remove what writes that never ended have left behind, if it is older than that; returns how much. No key is touched."""
        ...

    def url_for(self, key: str, ttl: timedelta) -> str | None:
        """An address from which a browser may fetch the object itself for `ttl`, or None: then our own route streams it."""
        ...
