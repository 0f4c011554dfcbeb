"""Orders and their items. The item row is the truth; whatever RQ holds is delivery."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from lumiku_web.db.base import Identified, at_most, document, one_of, timestamp
from lumiku_web.domain.billing.schemas import PaidWith
from lumiku_web.domain.generations.schemas import ItemStatus

#: Words of partial indexes; a statement that says the same words is sure to find its index, however many orders wait.
WAITS_FOR_ITS_TURN: Final = "(status = 'queued' AND dispatched_at IS NULL)"
IS_IN_RQ: Final = "(status = 'running' OR (status = 'queued' AND dispatched_at IS NOT NULL))"
IS_QUEUED: Final = "status = 'queued'"


class Generation(Identified, table=True):
    """One paid request."""

    __tablename__ = "generations"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        UniqueConstraint("user_id", "request_key"),
        CheckConstraint("count BETWEEN 1 AND 8", name="count_sane"),
        CheckConstraint("credits_price > 0 AND quota_price > 0", name="price_positive"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight_sane"),
        at_most("title", 300),
        Index(None, "user_id", "created_at"),
        Index(None, "project_id"),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    project_id: UUID = Field(foreign_key="projects.id", ondelete="CASCADE")
    app: str
    kind: str
    #: The app's params, by its own versioned schema.
    params: dict[str, object] = document()
    #: Minted by the form; with `request_hash` it tells a repeated click from another order.
    request_key: UUID
    request_hash: str
    title: str
    count: int
    #: An order of a model that nobody knows is refused here, too (L10).
    model_key: str = Field(foreign_key="image_models.key", ondelete="RESTRICT", index=True)
    #: `ModelTerms`, frozen at submission.
    model: dict[str, object] = document()
    #: Credits and quota units for one item, frozen at submission; each item says which of the two it takes.
    credits_price: int
    quota_price: int
    #: The UTC day on whose quota, and in whose month, it was held.
    held_on: date
    #: How many turns the member gets where one of weight 1 gets one; frozen at submission.
    weight: int = Field(default=1)
    max_attempts: int
    timeout_seconds: int
    correlation_id: str


class GenerationItem(Identified, table=True):
    """One picture of an order."""

    __tablename__ = "generation_items"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        UniqueConstraint("generation_id", "position"),
        one_of("status", ItemStatus),
        one_of("paid_with", PaidWith),
        CheckConstraint("seed BETWEEN 0 AND 4294967295", name="seed_range"),
        CheckConstraint("(status = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        CheckConstraint("status <> 'failed' OR failure <> ''", name="failure_has_a_reason"),
        CheckConstraint("provider_cost_microusd >= 0", name="provider_cost_not_negative"),
        at_most("provider_ticket", 2000),
        Index(None, "user_id", "changed_sequence"),
        Index(None, "user_id", "finished_at"),
        Index(
            "ix_generation_items_waiting", "user_id", "not_before_at", postgresql_where=text("status IN ('queued', 'running')")
        ),
        Index("ix_generation_items_turn", "user_id", "route", "id", postgresql_where=text(WAITS_FOR_ITS_TURN)),
        Index("ix_generation_items_in_rq", "user_id", "route", postgresql_where=text(IS_IN_RQ)),
        Index("ix_generation_items_late", "created_at", postgresql_where=text(IS_QUEUED)),
        Index("ix_generation_items_ended", "status", "finished_at", postgresql_where=text("status IN ('succeeded', 'failed')")),
        Index("ix_generation_items_timing", "route", "finished_at", postgresql_where=text("status = 'succeeded'")),
    )

    generation_id: UUID = Field(foreign_key="generations.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    position: int
    seed: int = Field(sa_type=BigInteger)
    #: `ModelTerms.route` of its order.
    route: str
    paid_with: str
    status: str = Field(default=ItemStatus.queued.value)
    #: Raised by each claim; the fence of a lease.
    attempt: int = Field(default=0)
    lease_until: datetime | None = timestamp()
    not_before_at: datetime | None = timestamp()
    #: Raised by each hand-over to RQ; the job's id is `<item>-<dispatch>`.
    dispatch: int = Field(default=0)
    #: When RQ was last known to have it. None: it waits for its turn, which does not come before `not_before_at`.
    dispatched_at: datetime | None = timestamp()
    failure: str = Field(default="")
    failure_facts: dict[str, object] = document()
    provider_request_id: str = Field(default="")
    #: What the provider gave for an accepted request, kept before its answer: the next attempt asks for it, and does not buy.
    provider_ticket: str = Field(default="")
    #: What the provider said that it costs, in millionths of a US dollar; None: it did not say.
    provider_cost_microusd: int | None = Field(default=None, sa_type=BigInteger)
    started_at: datetime | None = timestamp()
    finished_at: datetime | None = timestamp()
    changed_sequence: int = Field(sa_type=BigInteger)
