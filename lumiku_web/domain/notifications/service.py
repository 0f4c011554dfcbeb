"""What changed for whom."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.repository import SequenceRepository


def record_change(uow: UnitOfWork, doorbell: Doorbell, user_id: UUID) -> int:
    """Number a change that the member sees, and ring once it is committed. Returns the number: the changed rows carry it.

    Joins the caller's transaction and locks the member's sequence until its end: call it after every other lock but that of
    the member's storage account, which always comes last.
    """
    sequence = SequenceRepository(uow.session).increment(user_id)
    uow.after_commit(partial(doorbell.ring, user_id, sequence))
    return sequence


def sequences(uow: UnitOfWork, user_ids: Collection[UUID]) -> dict[UUID, int]:
    """The present number of each member; a member for whom nothing ever changed has 0. Read only."""
    known = SequenceRepository(uow.session).values(user_ids)
    return {user_id: known.get(user_id, 0) for user_id in user_ids}
