"""One stack for each data folder: the lock that says so, and where the one that holds it can be found."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.places import Places


class HeldLock:
    """The lock while it is ours. The kernel gives it back when this process ends, however that happens."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.announce("")

    def announce(self, address: str) -> None:
        """Tell whoever comes second where we are."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps({"process": os.getpid(), "address": address}).encode(), 0)


@contextmanager
def data_folder_lock(places: Places) -> Generator[HeldLock]:
    """Hold the lock of the data folder.

    Raises: StartFailedError if another stack holds it; the sentence says where that one runs.
    """
    path = places.run / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailedError(_who_holds(path)) from None
        yield HeldLock(descriptor)
    finally:
        os.close(descriptor)


def _who_holds(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:  # read in the moment in which it is written
        holder = {}
    where = f", at {holder['address']}" if holder.get("address") else ""
    return f"Lumiku already runs on this data folder{where} (process {holder.get('process', 'unknown')})."
