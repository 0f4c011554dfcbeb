"""Accounts and sessions. Passwords are hashed and compared outside these functions: that takes 40 ms and needs no transaction."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.models import SignInSession, User
from lumiku_web.domain.accounts.policy import checked_email
from lumiku_web.domain.accounts.repository import SessionRepository, UserRepository
from lumiku_web.domain.accounts.schemas import AccountState, Actor, Credentials, Language, NewAccount, Role
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import EventKind
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.errors import Conflict, InvalidInput, NotFound, NotPermitted, SignInRequired

#: How stale `last_seen_at` may be: a write for every event would cost more than it tells.
_TOUCH_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Accounts:
    """The use cases of accounts, with what an operator has set."""

    doorbell: Doorbell
    session_idle: timedelta
    session_absolute: timedelta
    sign_up_open: bool
    #: What a new account begins with.
    sign_up_credits: int = 0

    def sign_up(self, uow: UnitOfWork, account: NewAccount, password_hash: str, *, language: str) -> UUID:
        """Create an account; the very first one is the admin's. Returns its id.

        Locks out other sign-ups only while there is no account yet.
        Raises: NotPermitted(`sign_up_closed`), Conflict(`email_taken`).
        """
        users = UserRepository(uow.session)
        first = not users.any_exists()
        if first:
            users.lock_first_account()
            first = not users.any_exists()
        if not first and not self.sign_up_open:
            raise NotPermitted("sign_up_closed")
        if users.by_email(account.email):
            raise Conflict("email_taken")
        role = Role.admin if first else Role.member
        user = User(email=account.email, name=account.name, password_hash=password_hash, role=role, language=_language(language))
        try:
            users.add(user)
        except IntegrityError:
            raise Conflict("email_taken") from None
        audit.record(uow, user.id, Action.account_created, user.id, role=role.value)
        if self.sign_up_credits:
            ledger.give(uow, EventKind.sign_up, user.id, self.sign_up_credits, key=f"sign-up:{user.id}")
        return user.id

    def open_session(self, uow: UnitOfWork, user_id: UUID, *, user_agent: str) -> str:
        """Sign somebody in whose password was just verified. Returns the secret for the cookie, which is kept nowhere else.

        Raises: SignInRequired(`deactivated`).
        """
        user = UserRepository(uow.session).steady(user_id)
        if user is None or user.state != AccountState.active:
            raise SignInRequired("deactivated")
        now, secret = utc_now(), secrets.token_urlsafe(32)
        sessions = SessionRepository(uow.session)
        sessions.end_expired(idle_since=now - self.session_idle, now=now)
        session = SignInSession(
            user_id=user_id, secret_hash=_digest(secret), user_agent=user_agent[:300], expires_at=now + self.session_absolute
        )
        sessions.add(session)
        audit.record(uow, user_id, Action.signed_in, session.id)
        return secret

    def actor(self, uow: UnitOfWork, secret: str) -> Actor:
        """Who holds this secret now. Role and state are read each time. Raises: SignInRequired."""
        now = utc_now()
        sessions = SessionRepository(uow.session)
        found = sessions.live(_digest(secret), idle_since=now - self.session_idle, now=now) if secret else None
        if found is None or found[1].state != AccountState.active:
            raise SignInRequired
        session, user = found
        if now - session.last_seen_at > _TOUCH_AFTER:
            sessions.touch(session.id, now)
        return Actor(user.id, session.id, Role(user.role), user.name, user.email, user.language)

    def ended(self, uow: UnitOfWork, session_ids: Collection[UUID]) -> set[UUID]:
        """Those of these sessions by which nobody may act any more. Read only."""
        now = utc_now()
        return set(session_ids) - SessionRepository(uow.session).living(session_ids, idle_since=now - self.session_idle, now=now)

    def sign_out(self, uow: UnitOfWork, secret: str) -> None:
        """End the session of this secret, if there is one; its open tabs are told after the commit."""
        ended = SessionRepository(uow.session).end(_digest(secret))
        if ended:
            audit.record(uow, ended.user_id, Action.signed_out, ended.id)
            uow.after_commit(partial(self.doorbell.session_ended, ended.id))


def welcome_all(uow: UnitOfWork, credits: int) -> None:
    """Give whoever came before there were credits what a new account begins with, once. For the migration."""
    for user_id in ledger.without_wallet(uow, UserRepository(uow.session).ids()) if credits else ():
        ledger.give(uow, EventKind.sign_up, user_id, credits, key=f"sign-up:{user_id}")


def has_accounts(uow: UnitOfWork) -> bool:
    """False until the first visitor has created the admin account."""
    return UserRepository(uow.session).any_exists()


def credentials(uow: UnitOfWork, email: object) -> Credentials:
    """What sign-in has to compare. An unknown or impossible address gives an empty hash, which no password fits."""
    try:
        user = UserRepository(uow.session).by_email(checked_email(email))
    except InvalidInput:
        user = None
    return Credentials(user.id, user.password_hash) if user else Credentials(None, "")


def of_email(uow: UnitOfWork, email: object) -> UUID:
    """Whose address this is: for admins only, the caller checks. Raises: NotFound(`member_not_found`)."""
    found = credentials(uow, email).user_id
    if found is None:
        raise NotFound("member_not_found")
    return found


def check_active(uow: UnitOfWork, user_id: UUID) -> None:
    """The account may act, and nobody deactivates it before this transaction ends. Call it before every other lock.

    For what leaves something to be done behind: that of a deactivated account must have been seen by whoever deactivated it.
    Raises: NotPermitted(`account_deactivated`).
    """
    if UserRepository(uow.session).steady_state(user_id) != AccountState.active:
        raise NotPermitted("account_deactivated")


def emails(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, str]:
    """The address of each of these accounts: for admins only, the caller checks."""
    return UserRepository(uow.session).emails(ids)


def admins(uow: UnitOfWork, ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who are admins at this moment: for what goes to pages without an event of theirs."""
    return UserRepository(uow.session).admins(ids)


def set_language(uow: UnitOfWork, actor: Actor, language: object) -> str:
    """The language that the product speaks to this person. Raises: InvalidInput(`language_unknown`)."""
    user = UserRepository(uow.session).find(actor.user_id)
    if user is None:
        raise SignInRequired
    if str(language) not in set(Language):
        raise InvalidInput("language_unknown")
    user.language = _language(language)
    return user.language


def _language(text: object) -> str:
    return Language(str(text)).value if str(text) in set(Language) else Language.en.value


def _digest(secret: str) -> str:
    """The secret has 256 random bits: a plain hash is enough to make a stolen table useless."""
    return hashlib.sha256(secret.encode()).hexdigest()
