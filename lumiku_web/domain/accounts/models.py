"""People and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from lumiku_web.db.base import Identified, at_most, one_of, timestamp
from lumiku_web.domain.accounts.schemas import AccountState, Language, Role


class User(Identified, table=True):
    """An account."""

    __tablename__ = "users"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        Index("uq_users_email_lower", text("lower(email)"), unique=True),
        one_of("role", Role),
        one_of("state", AccountState),
        one_of("language", Language),
        at_most("name", 100),
        at_most("email", 254),
    )

    email: str
    name: str
    password_hash: str
    role: str = Field(default=Role.member.value)
    state: str = Field(default=AccountState.active.value)
    language: str = Field(default=Language.en.value)


class SignInSession(Identified, table=True):
    """One signed-in browser. The secret itself is in its cookie only; here is its SHA-256."""

    __tablename__ = "sign_in_sessions"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (at_most("user_agent", 300),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    secret_hash: str = Field(unique=True)
    user_agent: str = Field(default="")
    last_seen_at: datetime = timestamp(default_now=True)
    #: The absolute end; the idle end is counted from `last_seen_at`.
    expires_at: datetime = timestamp(default_now=True)
