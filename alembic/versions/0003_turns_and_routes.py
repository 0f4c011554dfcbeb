"""Who is next is decided by the rows: routes, weights, the leader, and what may wait for a turn.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ACTIONS = (
    "account_created",
    "signed_in",
    "signed_out",
    "project_created",
    "project_renamed",
    "photo_uploaded",
    "picture_trashed",
    "picture_restored",
    "picture_deleted",
    "generation_submitted",
    "item_delivered",
    "item_failed",
)
_NEW_ACTIONS = (*_ACTIONS, "item_canceled", "item_hurried", "route_paused", "route_resumed", "route_limited")


def _known(actions: tuple[str, ...]) -> str:
    return f"action IN ({', '.join(repr(action) for action in actions)})"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_audit_events_action_known"), "audit_events", type_="check")
    op.create_check_constraint(op.f("ck_audit_events_action_known"), "audit_events", _known(_NEW_ACTIONS))

    op.add_column("generations", sa.Column("weight", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("generations", "weight", server_default=None)
    op.create_check_constraint(op.f("ck_generations_weight_sane"), "generations", "weight BETWEEN 1 AND 100")

    op.add_column("generation_items", sa.Column("route", sa.String(), nullable=False, server_default=""))
    op.alter_column("generation_items", "route", server_default=None)
    op.execute(
        "UPDATE generation_items SET route = (g.model->>'provider') || ' ' || (g.model->>'provider_model')"
        " FROM generations g WHERE g.id = generation_id"
    )
    op.create_index(
        "ix_generation_items_turn",
        "generation_items",
        ["user_id", "route", "id"],
        unique=False,
        postgresql_where=sa.text("(status = 'queued' AND dispatched_at IS NULL)"),
    )
    op.create_index(
        "ix_generation_items_in_rq",
        "generation_items",
        ["user_id", "route"],
        unique=False,
        postgresql_where=sa.text("(status = 'running' OR (status = 'queued' AND dispatched_at IS NOT NULL))"),
    )
    op.create_index(
        "ix_generation_items_late",
        "generation_items",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_generation_items_ended",
        "generation_items",
        ["status", "finished_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('succeeded', 'failed')"),
    )
    op.create_index(
        "ix_generation_items_timing",
        "generation_items",
        ["route", "finished_at"],
        unique=False,
        postgresql_where=sa.text("status = 'succeeded'"),
    )
    op.create_table(
        "provider_routes",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("concurrency_limit", sa.Integer(), nullable=True),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("slowed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slow_reason", sa.String(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("concurrency_limit >= 1", name=op.f("ck_provider_routes_concurrency_limit_positive")),
        sa.CheckConstraint("allowed >= 1", name=op.f("ck_provider_routes_allowed_positive")),
        sa.CheckConstraint("char_length(key) <= 300", name=op.f("ck_provider_routes_key_length")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_provider_routes")),
    )
    op.create_table(
        "leaderships",
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task", name=op.f("pk_leaderships")),
    )


def downgrade() -> None:
    op.drop_table("leaderships")
    op.drop_table("provider_routes")
    op.drop_index("ix_generation_items_timing", table_name="generation_items")
    op.drop_index("ix_generation_items_ended", table_name="generation_items")
    op.drop_index("ix_generation_items_late", table_name="generation_items")
    op.drop_index("ix_generation_items_in_rq", table_name="generation_items")
    op.drop_index("ix_generation_items_turn", table_name="generation_items")
    op.drop_column("generation_items", "route")
    op.drop_column("generations", "weight")
    op.execute(sa.text("DELETE FROM audit_events WHERE action = ANY(:new)").bindparams(new=list(_NEW_ACTIONS[len(_ACTIONS) :])))
    op.drop_constraint(op.f("ck_audit_events_action_known"), "audit_events", type_="check")
    op.create_check_constraint(op.f("ck_audit_events_action_known"), "audit_events", _known(_ACTIONS))
