"""A file on its way in: chunks to a temporary place, counted before anything looks at them."""

import os
import tempfile
from pathlib import Path

from lumiku_web.errors import InvalidInput, Unavailable


class IncomingFile:
    """Takes chunks in order; `close` removes it. Blocking: use it in a thread."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._received = 0
        handle, name = tempfile.mkstemp(prefix="lumiku-photo-")
        self._file = os.fdopen(handle, "wb")
        self.path = Path(name)

    def write(self, chunk: bytes) -> None:
        """Raises: InvalidInput(`photo_too_large`), Unavailable(`storage_full`)."""
        self._received += len(chunk)
        if self._received > self._limit:
            raise InvalidInput("photo_too_large", field="photo", megabytes=self._limit // 1_000_000)
        try:
            self._file.write(chunk)
        except OSError as full:
            raise Unavailable("storage_full") from full

    def finish(self) -> Path:
        """The whole file, closed. Raises: InvalidInput(`photo_empty`)."""
        self._file.close()
        if not self._received:
            raise InvalidInput("photo_empty", field="photo")
        return self.path

    def close(self) -> None:
        """Remove the file, wherever it stands; once more does no harm."""
        self._file.close()
        self.path.unlink(missing_ok=True)
