"""How a change is made known."""

from typing import Protocol
from uuid import UUID


class Doorbell(Protocol):
    """A hint that something changed for a member. It may be lost: whoever listens also looks into PostgreSQL by itself."""

    def ring(self, user_id: UUID, sequence: int) -> None:
        """Tell every web process that the member's sequence has reached `sequence`, after the commit. Raises: Unavailable."""
        ...

    def session_ended(self, session_id: UUID) -> None:
        """Tell every web process that this session is over, so that its open tabs see nothing more. Raises: Unavailable."""
        ...
