"""What accounts need from outside."""

from typing import Protocol
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork


class PasswordHasher(Protocol):
    """Slow on purpose (about 40 ms of CPU, 19 MiB): call it in a thread, behind a bound, outside transactions."""

    def hash(self, password: str) -> str:
        """A salted hash in modular crypt format."""
        ...

    def verify(self, password: str, password_hash: str) -> bool:
        """Does the password fit? An empty or unknown hash takes the same time and says no."""
        ...


class OpenWork(Protocol):
    """What is being made for a member."""

    def cancel_all(self, uow: UnitOfWork, user_id: UUID, by: UUID) -> int:
        """End whatever of this member waits or runs, and give back what it holds, in the caller's transaction; `by` did it.

        Returns how many pictures it was. Nobody may order for the member meanwhile: see `service.check_active`.
        """
        ...
