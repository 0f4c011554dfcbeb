"""What accounts need from outside."""

from typing import Protocol


class PasswordHasher(Protocol):
    """Slow on purpose (about 40 ms of CPU, 19 MiB): call it in a thread, behind a bound, outside transactions."""

    def hash(self, password: str) -> str:
        """A salted hash in modular crypt format."""
        ...

    def verify(self, password: str, password_hash: str) -> bool:
        """Does the password fit? An empty or unknown hash takes the same time and says no."""
        ...
