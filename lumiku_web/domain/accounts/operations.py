"""What an admin does about people: finds them, locks them out, lets them in, makes them admins.

Every act is checked here, and audited.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.models import User
from lumiku_web.domain.accounts.policy import EMAIL_MAX
from lumiku_web.domain.accounts.ports import OpenWork
from lumiku_web.domain.accounts.repository import SessionRepository, UserRepository
from lumiku_web.domain.accounts.schemas import AccountState, Actor, PeoplePage, PersonRead, Role, SessionRead
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.errors import Conflict, InvalidInput, NotFound, NotPermitted
from lumiku_web.typed_text import one_line

#: People on a page.
PAGE: Final = 50


@dataclass(frozen=True)
class People:
    """The use cases of an admin. All join the caller's transaction; all raise NotPermitted for anybody else.

    What changes a role or a state locks the person's account and those of all admins first: who was an admin when the page
    asked may be none any more, and of two admins who demote each other the second one finds out.
    """

    doorbell: Doorbell
    work: OpenWork
    session_idle: timedelta

    def search(self, uow: UnitOfWork, actor: Actor, words: str = "", after: UUID | None = None, limit: int = PAGE) -> PeoplePage:
        """People by a part of their name or address, newest accounts first; without words all of them.

        Raises: InvalidInput(`too_long`).
        """
        _admins_only(actor)
        wanted = one_line(words, field="words", limit=EMAIL_MAX, required=False)
        found = UserRepository(uow.session).search(wanted, after=after, limit=limit + 1)
        shown = tuple(_person(*row) for row in found[:limit])
        return PeoplePage(shown, shown[-1].id if len(found) > limit else None)

    def get(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> PersonRead:
        """One of them. Raises: NotFound(`member_not_found`)."""
        _admins_only(actor)
        found = UserRepository(uow.session).with_last_seen(user_id)
        if found is None:
            raise NotFound("member_not_found")
        return _person(*found)

    def sessions(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> list[SessionRead]:
        """The browsers in which this person is signed in, last seen first."""
        _admins_only(actor)
        now = utc_now()
        found = SessionRepository(uow.session).of_person(user_id, idle_since=now - self.session_idle, now=now)
        return [SessionRead(row.id, row.user_agent, row.created_at, row.last_seen_at) for row in found]

    def end_sessions(self, uow: UnitOfWork, actor: Actor, user_id: UUID, session_id: UUID | None = None) -> int:
        """Sign this person out everywhere, or in this browser; its open tabs are told after the commit. Returns how many."""
        _admins_only(actor)
        return self._end_sessions(uow, actor, user_id, session_id)

    def deactivate(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> int:
        """Lock this person out at once: no session, no event, no file, and nothing more is made for them (T5).

        What waits or runs is cancelled and its price given back, in this transaction. Pictures, credits and plan stay. Nobody
        deactivates themself: only another one could let them in again. So an active admin is always left. Twice is once.
        Locks accounts, items, then what a cancellation locks. Returns how many pictures were cancelled.
        Raises: NotFound, Conflict(`own_account`).
        """
        person, _ = self._locked(uow, actor, user_id)
        if person.id == actor.user_id:
            raise Conflict("own_account")
        if person.state == AccountState.deactivated:
            return 0
        person.state = AccountState.deactivated
        uow.session.flush()
        sessions = self._end_sessions(uow, actor, person.id)
        pictures = self.work.cancel_all(uow, person.id, actor.user_id)
        audit.record(uow, actor.user_id, Action.account_deactivated, person.id, sessions=sessions, pictures=pictures)
        return pictures

    def activate(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> None:
        """Let this person sign in again. Twice is once. Raises: NotFound."""
        person, _ = self._locked(uow, actor, user_id)
        if person.state == AccountState.active:
            return
        person.state = AccountState.active
        audit.record(uow, actor.user_id, Action.account_activated, person.id)

    def set_role(self, uow: UnitOfWork, actor: Actor, user_id: UUID, role: str) -> None:
        """Make this person an admin, or a member again; it holds from their next event on. Twice is once.

        Admins may take the role from themselves, unless they are the last one.
        Raises: NotFound, InvalidInput(`role_unknown`), Conflict(`last_admin`).
        """
        if role not in set(Role):
            raise InvalidInput("role_unknown")
        person, admins = self._locked(uow, actor, user_id)
        if person.role == role:
            return
        if admins == {person.id}:
            raise Conflict("last_admin")
        person.role = role
        audit.record(uow, actor.user_id, Action.role_changed, person.id, role=role)

    def _locked(self, uow: UnitOfWork, actor: Actor, user_id: UUID) -> tuple[User, set[UUID]]:
        """The person, and who is an active admin; neither changes before the transaction ends. Raises: NotPermitted, NotFound."""
        _admins_only(actor)
        rows = {row.id: row for row in UserRepository(uow.session).locked_with_admins(user_id)}
        admins = {row.id for row in rows.values() if row.role == Role.admin and row.state == AccountState.active}
        if actor.user_id not in admins:
            raise NotPermitted
        if user_id not in rows:
            raise NotFound("member_not_found")
        return rows[user_id], admins

    def _end_sessions(self, uow: UnitOfWork, actor: Actor, user_id: UUID, session_id: UUID | None = None) -> int:
        ended = SessionRepository(uow.session).end_of(user_id, session_id)
        for one in ended:
            audit.record(uow, actor.user_id, Action.signed_out, one, person=str(user_id))
            uow.after_commit(partial(self.doorbell.session_ended, one))
        return len(ended)


def _admins_only(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotPermitted


def _person(row: User, last_seen_at: datetime | None) -> PersonRead:
    return PersonRead(row.id, row.email, row.name, Role(row.role), AccountState(row.state), row.created_at, last_seen_at)
