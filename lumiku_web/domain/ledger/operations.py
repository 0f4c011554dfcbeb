"""What an operator has done to the books: told to the audit trail and to the member."""

from collections.abc import Mapping
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.ledger import service
from lumiku_web.domain.ledger.schemas import Account
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change

#: What the member's statement says beside it.
REASON = "Correction by reconcile: the entries now sum to the balance"


def correct(uow: UnitOfWork, doorbell: Doorbell, user_id: UUID) -> Mapping[Account, int]:
    """As `service.correct`: one entry more for a wallet that differs from its postings, none for one that does not."""
    moved = service.correct(uow, user_id, reason=REASON)
    if moved:
        audit.record(uow, None, Action.books_corrected, user_id, **{account.value: amount for account, amount in moved.items()})
        record_change(uow, doorbell, user_id)
    return moved
