"""What a generation needs from outside: somebody who delivers work."""

from typing import Final, Protocol
from uuid import UUID

from lumiku_web.domain.generations.schemas import WorkerRead

#: A worker that was silent for so long is not counted any more.
WORKER_SILENT_SECONDS: Final = 30


class JobQueue(Protocol):
    """Delivery of items to workers. PostgreSQL holds the truth; a queue may forget everything."""

    def enqueue(self, item_id: UUID, dispatch: int, *, correlation_id: str, timeout_seconds: int) -> None:
        """Hand the item to the workers as job `<item>-<dispatch>`. Twice the same: once delivered.

        Raises: Unavailable.
        """
        ...

    def is_alive(self, item_id: UUID, dispatch: int) -> bool:
        """Will a worker really get, or has one got, this very job? Raises: Unavailable."""
        ...

    def stop(self, item_id: UUID, dispatch: int) -> None:
        """Take this job back if it waits, and tell its worker to end it if it runs; a job that is gone is left alone.

        Only a hint: a worker that missed it notices when it renews its leases. Raises: Unavailable.
        """
        ...

    def wake(self) -> None:
        """Tell the dispatcher that there may be something to hand over. It may be lost. Raises: Unavailable."""
        ...

    def waiting(self) -> int:
        """Jobs that no worker has taken yet. Raises: Unavailable."""
        ...

    def workers(self) -> list[WorkerRead]:
        """Worker processes that gave a sign of life within `WORKER_SILENT_SECONDS`. Raises: Unavailable."""
        ...
