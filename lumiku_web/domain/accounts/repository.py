"""Statements over people and sessions."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, text, update
from sqlmodel import col, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.accounts.models import SignInSession, User
from lumiku_web.domain.accounts.schemas import AccountState, Role
from lumiku_web.domain.ledger.models import WalletRow

#: Any constant: it only has to be the same wherever the first account is decided.
_FIRST_ACCOUNT_LOCK = 7_142_001


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

    def ids_without_wallet(self) -> list[UUID]:
        """Accounts in which no credit ever moved."""
        return list(self.session.exec(select(User.id).where(col(User.id).not_in(select(WalletRow.user_id)))))

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
            .where(
                col(SignInSession.secret_hash) == secret_hash,
                col(SignInSession.last_seen_at) > idle_since,
                col(SignInSession.expires_at) > now,
            )
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

    def end_expired(self, *, idle_since: datetime, now: datetime) -> None:
        """Forget the sessions that nobody can use any more."""
        self.session.execute(
            delete(SignInSession).where((col(SignInSession.last_seen_at) <= idle_since) | (col(SignInSession.expires_at) <= now))
        )
