"""What a generation needs from outside: somebody who delivers work."""

from typing import Protocol
from uuid import UUID


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

    def workers(self) -> int:
        """Worker processes that gave a sign of life within a minute. Raises: Unavailable."""
        ...
