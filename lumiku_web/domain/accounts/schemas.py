"""Who acts."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody may do in this house."""

    member = "member"
    admin = "admin"


class AccountState(StrEnum):
    """Whether this account may act at all."""

    active = "active"
    deactivated = "deactivated"


class Language(StrEnum):
    """The languages of the text catalogue."""

    en = "en"
    id = "id"


@dataclass(frozen=True)
class Actor:
    """The person behind a request, as the session says it: never built from anything that a browser claims."""

    user_id: UUID
    session_id: UUID
    role: Role
    name: str
    email: str
    language: str

    @property
    def is_admin(self) -> bool:
        return self.role is Role.admin


@dataclass(frozen=True)
class Credentials:
    """What sign-in compares. `password_hash` is empty for an address that has no account."""

    user_id: UUID | None
    password_hash: str


@dataclass(frozen=True)
class NewAccount:
    """A checked sign-up form."""

    email: str
    name: str
    password: str
