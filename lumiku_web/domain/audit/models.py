"""The audit trail."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from lumiku_web.db.base import APPEND_ONLY, Identified, at_most, document, one_of
from lumiku_web.domain.audit.schemas import Action


class AuditEvent(Identified, table=True):
    """One act. The application's role can add these rows and read them, nothing else."""

    __tablename__ = "audit_events"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("action", Action),
        at_most("correlation_id", 64),
        Index(None, "actor_id", "created_at"),
        Index(None, "subject_id"),
        {"info": APPEND_ONLY},
    )

    #: Not a foreign key: the trail outlives the account.
    actor_id: UUID | None = Field(default=None)
    action: str
    subject_id: UUID | None = Field(default=None)
    facts: dict[str, object] = document()
    correlation_id: str = Field(default="")
