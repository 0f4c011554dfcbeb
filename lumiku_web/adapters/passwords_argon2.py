"""Passwords by argon2id at the minimum of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane."""

from typing import Final

from passlib.context import CryptContext

#: Compared with when there is no account, so that a stranger can't tell by the clock; nobody knows a password that fits.
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$mDMGQGjt3TunVGpN6X0PQQ$HsAX3LDdiaSjXmO6OA/O18hBB5BAgVQDTJICB9toIso"
#: passlib refuses longer ones with an exception. No account has one: the policy of accounts allows far less.
_LONGEST: Final = 4096


class Argon2Passwords:
    """The port `PasswordHasher` on passlib."""

    def __init__(self) -> None:
        self._context = CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=19_456,
            argon2__time_cost=2,
            argon2__parallelism=1,
        )

    def hash(self, password: str) -> str:
        """See `PasswordHasher.hash`."""
        return str(self._context.hash(password))  # pyright: ignore[reportUnknownArgumentType]  (passlib has no types)

    def verify(self, password: str, password_hash: str) -> bool:
        """See `PasswordHasher.verify`."""
        known = bool(password_hash) and self._context.identify(password_hash) is not None
        fits = self._context.verify(  # pyright: ignore[reportUnknownVariableType]  (passlib has no types)
            password[:_LONGEST], password_hash if known else _NOBODY
        )
        return known and fits is True
