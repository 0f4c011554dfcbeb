"""Who acts."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True)
class PersonRead:
    """An account as admins see it."""

    id: UUID
    email: str
    name: str
    role: Role
    state: AccountState
    created_at: datetime
    #: By whichever browser is still signed in; None: by none.
    last_seen_at: datetime | None

    @property
    def is_active(self) -> bool:
        return self.state is AccountState.active


@dataclass(frozen=True)
class PeoplePage:
    """Newest accounts first. `after` asks for the next page: the id of the last one, None at the end."""

    people: tuple[PersonRead, ...]
    after: UUID | None


@dataclass(frozen=True)
class SessionRead:
    """One browser that is signed in."""

    id: UUID
    #: As the browser called itself at sign-in; anybody may write anything there.
    user_agent: str
    signed_in_at: datetime
    last_seen_at: datetime
