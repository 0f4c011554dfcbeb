"""Who did what to which."""

from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.logs import current_correlation_id


def record(uow: UnitOfWork, actor_id: UUID | None, action: Action, subject_id: UUID | None = None, **facts: object) -> None:
    """Write the act into the trail, in the act's own transaction. `facts` are JSON values; no prompts, no secrets."""
    uow.session.add(
        AuditEvent(
            actor_id=actor_id,
            action=action.value,
            subject_id=subject_id,
            facts=facts,
            correlation_id=current_correlation_id()[:64],
        )
    )
