"""The log of each child: one file that never grows beyond a bound, and whose end can be shown."""

import os
from dataclasses import dataclass
from pathlib import Path

_LIMIT_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class LogFile:
    """`<name>.log`, and one older part of at most the same size beside it."""

    path: Path

    def open_for_child(self) -> int:
        """Open a descriptor that appends: `trim` may empty the file under the child's hands. The caller closes it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.trim()
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def trim(self, limit_bytes: int = _LIMIT_BYTES) -> None:
        """Past the limit, keep the end as `<name>.log.1` and empty the file. A few lines written meanwhile may be lost."""
        if self.size() <= limit_bytes:
            return
        with self.path.open("rb+") as file:
            file.seek(-limit_bytes, os.SEEK_END)
            self.path.with_suffix(".log.1").write_bytes(file.read(limit_bytes))
            file.truncate(0)

    def tail(self, lines: int = 30, *, since: int = 0) -> str:
        """Read the last lines written after byte `since`."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(since if since <= end else 0, end - 64_000))
            text = file.read().decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])
