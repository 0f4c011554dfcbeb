"""Who did what to which."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert

from lumiku_web.db.base import table_of
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.logs import current_correlation_id

_INSERT = insert(table_of(AuditEvent))


def record(uow: UnitOfWork, actor_id: UUID | None, action: Action, subject_id: UUID | None = None, **facts: object) -> None:
    """Write the act into the trail, in the act's own transaction. `facts` are JSON values; no prompts, no secrets."""
    _write(uow, [_event(actor_id, action, subject_id, facts)])


def record_each(uow: UnitOfWork, actor_id: UUID | None, action: Action, subject_ids: Sequence[UUID]) -> None:
    """As `record`, of many at once."""
    if subject_ids:
        _write(uow, [_event(actor_id, action, subject_id, {}) for subject_id in subject_ids])


def _event(actor_id: UUID | None, action: Action, subject_id: UUID | None, facts: dict[str, object]) -> AuditEvent:
    return AuditEvent(
        actor_id=actor_id,
        action=action.value,
        subject_id=subject_id,
        facts=facts,
        correlation_id=current_correlation_id()[:64],
    )


def _write(uow: UnitOfWork, events: Sequence[AuditEvent]) -> None:
    """Past the session, which would write down first whatever else is about to change."""
    uow.session.connection().execute(_INSERT, [event.model_dump() for event in events])
