"""Statements over people and sessions."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, delete, func, or_, text, type_coerce, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from lumiku_web.db.base import table_of
from lumiku_web.db.repository import Repository
from lumiku_web.domain.accounts.models import SignInSession, User
from lumiku_web.domain.accounts.schemas import AccountState, Role

#: Any constant: it only has to be the same wherever the first account is decided.
_FIRST_ACCOUNT_LOCK = 7_142_001
_USERS = table_of(User)
_STEADY_STATE = select_columns(_USERS.c.state).where(_USERS.c.id == bindparam("user_id")).with_for_update(read=True)


class UserRepository(Repository[User]):
    """Accounts."""

    model = User

    def any_exists(self) -> bool:
        """Tell whether anybody has an account."""
        return self.session.exec(select(User.id).limit(1)).first() is not None

    def lock_first_account(self) -> None:
        """Two first visitors at once: one after the other, until the transaction ends."""
        self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FIRST_ACCOUNT_LOCK})

    def by_email(self, email: str) -> User | None:
        """The account of an address, whatever its case."""
        return self.session.exec(select(User).where(func.lower(col(User.email)) == email.lower())).first()

    def emails(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """The address of each of these accounts."""
        if not ids:
            return {}
        return {row[0]: row[1] for row in self.session.execute(select(User.id, User.email).where(col(User.id).in_(ids)))}

    def ids(self) -> list[UUID]:
        """All accounts."""
        return list(self.session.exec(select(User.id).order_by(col(User.id))))

    def steady(self, user_id: UUID) -> User | None:
        """The account; nobody deactivates it or changes its role before this transaction ends."""
        statement = select(User).where(User.id == user_id).with_for_update(read=True)
        return self.session.exec(statement.execution_options(populate_existing=True)).first()

    def steady_state(self, user_id: UUID) -> str | None:
        """As `steady`, of the state alone: every order asks for it."""
        return self.session.execute(_STEADY_STATE, {"user_id": user_id}).scalar_one_or_none()

    def locked_with_admins(self, user_id: UUID) -> list[User]:
        """The account and those of all active admins, locked until the transaction ends, always in the same order.

        The lock is the weaker one, which lets others write rows that refer to an account: a worker that delivers to the member
        holds what the caller may want next.
        """
        statement = (
            select(User)
            .where(or_(col(User.id) == user_id, (col(User.role) == Role.admin) & (col(User.state) == AccountState.active)))
            .order_by(col(User.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        return list(self.session.exec(statement))

    def search(self, words: str, *, after: UUID | None, limit: int) -> list[tuple[User, datetime | None]]:
        """Accounts with these words in their name or address, newest first, beyond `after`, with when they were last seen."""
        seen = select(func.max(SignInSession.last_seen_at)).where(col(SignInSession.user_id) == col(User.id)).scalar_subquery()
        statement = select(User, seen).order_by(col(User.id).desc()).limit(limit)
        if words:
            named = col(User.name).icontains(words, autoescape=True)
            statement = statement.where(or_(named, col(User.email).icontains(words, autoescape=True)))
        if after:
            statement = statement.where(col(User.id) < after)
        return [(row[0], row[1]) for row in self.session.execute(statement)]

    def with_last_seen(self, user_id: UUID) -> tuple[User, datetime | None] | None:
        """One account, and when it was last seen."""
        seen = select(func.max(SignInSession.last_seen_at)).where(SignInSession.user_id == user_id).scalar_subquery()
        row = self.session.execute(select(User, seen).where(User.id == user_id)).first()
        return (row[0], row[1]) if row else None

    def admins(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of these accounts that are admins' and active."""
        is_admin = col(User.role) == Role.admin, col(User.state) == AccountState.active
        return set(self.session.exec(select(User.id).where(col(User.id).in_(ids), *is_admin)))


class SessionRepository(Repository[SignInSession]):
    """Signed-in browsers."""

    model = SignInSession

    def live(self, secret_hash: str, *, idle_since: datetime, now: datetime) -> tuple[SignInSession, User] | None:
        """The session of a secret and its person, unless it ended."""
        statement = (
            select(SignInSession, User)
            .join(User, col(User.id) == col(SignInSession.user_id))
            .where(col(SignInSession.secret_hash) == secret_hash, *_is_live(idle_since, now))
        )
        return self.session.exec(statement).first()

    def touch(self, session_id: UUID, now: datetime) -> None:
        """The person was here."""
        self.session.execute(update(SignInSession).where(col(SignInSession.id) == session_id).values(last_seen_at=now))

    def end(self, secret_hash: str) -> SignInSession | None:
        """Forget the session; returns what it was."""
        ended = self.session.exec(select(SignInSession).where(SignInSession.secret_hash == secret_hash)).first()
        if ended:
            self.session.delete(ended)
        return ended

    def end_of(self, user_id: UUID, session_id: UUID | None = None) -> list[UUID]:
        """Forget all sessions of this person, or this one of them; returns those that there were."""
        statement = delete(SignInSession).where(col(SignInSession.user_id) == user_id)
        if session_id:
            statement = statement.where(col(SignInSession.id) == session_id)
        return list(self.session.execute(statement.returning(col(SignInSession.id))).scalars())

    def of_person(self, user_id: UUID, *, idle_since: datetime, now: datetime) -> list[SignInSession]:
        """Those that have not ended, last seen first."""
        statement = (
            select(SignInSession)
            .where(SignInSession.user_id == user_id, *_is_live(idle_since, now))
            .order_by(col(SignInSession.last_seen_at).desc(), col(SignInSession.id))
        )
        return list(self.session.exec(statement))

    def living(self, ids: Collection[UUID], *, idle_since: datetime, now: datetime) -> set[UUID]:
        """Those of these sessions that have not ended, of people who may act."""
        statement = (
            select(SignInSession.id)
            .join(User, col(User.id) == col(SignInSession.user_id))
            .where(
                col(SignInSession.id) == any_(type_coerce(list(ids), ARRAY(Uuid()))),
                col(User.state) == AccountState.active,
                *_is_live(idle_since, now),
            )
        )
        return set(self.session.exec(statement))

    def end_expired(self, *, idle_since: datetime, now: datetime) -> None:
        """Forget the sessions that nobody can use any more."""
        self.session.execute(
            delete(SignInSession).where((col(SignInSession.last_seen_at) <= idle_since) | (col(SignInSession.expires_at) <= now))
        )


def _is_live(idle_since: datetime, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(SignInSession.last_seen_at) > idle_since, col(SignInSession.expires_at) > now
