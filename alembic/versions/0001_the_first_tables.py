"""The first tables.

Revision: 0001, after:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "action IN ('account_created', 'signed_in', 'signed_out', 'project_created', 'project_renamed', 'photo_uploaded', 'generation_submitted', 'item_delivered', 'item_failed')",
            name=op.f("ck_audit_events_action_known"),
        ),
        sa.CheckConstraint("char_length(correlation_id) <= 64", name=op.f("ck_audit_events_correlation_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_audit_events_actor_id_created_at"), "audit_events", ["actor_id", "created_at"], unique=False)
    op.create_index(op.f("ix_audit_events_subject_id"), "audit_events", ["subject_id"], unique=False)
    op.create_table(
        "image_models",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("credits_price", sa.Integer(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=True),
        sa.Column("guidance", sa.Float(), nullable=True),
        sa.CheckConstraint("char_length(title) <= 100", name=op.f("ck_image_models_title_length")),
        sa.CheckConstraint("credits_price >= 0", name=op.f("ck_image_models_credits_price_not_negative")),
        sa.CheckConstraint(
            "width_px BETWEEN 64 AND 4096 AND height_px BETWEEN 64 AND 4096", name=op.f("ck_image_models_size_sane")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_image_models")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.CheckConstraint("language IN ('en', 'id')", name=op.f("ck_users_language_known")),
        sa.CheckConstraint("role IN ('member', 'admin')", name=op.f("ck_users_role_known")),
        sa.CheckConstraint("state IN ('active', 'deactivated')", name=op.f("ck_users_state_known")),
        sa.CheckConstraint("char_length(email) <= 254", name=op.f("ck_users_email_length")),
        sa.CheckConstraint("char_length(name) <= 100", name=op.f("ck_users_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_email_lower", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "member_sequences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_member_sequences_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_member_sequences")),
    )
    op.create_table(
        "model_routes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_key", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_model", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("deadline_seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("deadline_seconds BETWEEN 1 AND 3600", name=op.f("ck_model_routes_deadline_sane")),
        sa.ForeignKeyConstraint(["model_key"], ["image_models.key"], name=op.f("fk_model_routes_model_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_routes")),
    )
    op.create_index(op.f("ix_model_routes_model_key"), "model_routes", ["model_key"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("char_length(name) <= 100", name=op.f("ck_projects_name_length")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_projects_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_user_id_created_at"), "projects", ["user_id", "created_at"], unique=False)
    op.create_table(
        "sign_in_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(user_agent) <= 300", name=op.f("ck_sign_in_sessions_user_agent_length")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_in_sessions_secret_hash")),
    )
    op.create_index(op.f("ix_sign_in_sessions_user_id"), "sign_in_sessions", ["user_id"], unique=False)
    op.create_table(
        "generations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("model", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("credits_price", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.CheckConstraint("char_length(title) <= 300", name=op.f("ck_generations_title_length")),
        sa.CheckConstraint("count BETWEEN 1 AND 8", name=op.f("ck_generations_count_sane")),
        sa.CheckConstraint("credits_price >= 0", name=op.f("ck_generations_credits_price_not_negative")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_generations_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_generations_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
        sa.UniqueConstraint("user_id", "request_key", name=op.f("uq_generations_user_id_request_key")),
    )
    op.create_index(op.f("ix_generations_project_id"), "generations", ["project_id"], unique=False)
    op.create_index(op.f("ix_generations_user_id_created_at"), "generations", ["user_id", "created_at"], unique=False)
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("blur", sa.String(), nullable=False),
        sa.Column("is_drawn", sa.Boolean(), nullable=False),
        sa.Column("recipe", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("origin IN ('generated', 'uploaded')", name=op.f("ck_images_origin_known")),
        sa.CheckConstraint("char_length(blur) <= 4000", name=op.f("ck_images_blur_length")),
        sa.CheckConstraint("char_length(title) <= 300", name=op.f("ck_images_title_length")),
        sa.CheckConstraint("width_px > 0 AND height_px > 0 AND size_bytes > 0", name=op.f("ck_images_measures_positive")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_images_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_images_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
    )
    op.create_index(op.f("ix_images_project_id_created_at_id"), "images", ["project_id", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_images_user_id_created_at_id"), "images", ["user_id", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_images_user_id_changed_sequence"), "images", ["user_id", "changed_sequence"], unique=False)
    op.create_table(
        "generation_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatch", sa.Integer(), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("failure_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("provider_request_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_generation_items_lease_while_running")
        ),
        sa.CheckConstraint("status <> 'failed' OR failure <> ''", name=op.f("ck_generation_items_failure_has_a_reason")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'canceled')", name=op.f("ck_generation_items_status_known")
        ),
        sa.CheckConstraint("seed BETWEEN 0 AND 4294967295", name=op.f("ck_generation_items_seed_range")),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name=op.f("fk_generation_items_generation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_generation_items_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation_items")),
        sa.UniqueConstraint("generation_id", "position", name=op.f("uq_generation_items_generation_id_position")),
    )
    op.create_index(
        op.f("ix_generation_items_user_id_changed_sequence"), "generation_items", ["user_id", "changed_sequence"], unique=False
    )
    op.create_index(op.f("ix_generation_items_user_id_finished_at"), "generation_items", ["user_id", "finished_at"], unique=False)
    op.create_index(
        "ix_generation_items_waiting",
        "generation_items",
        ["user_id", "not_before_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_generation_items_waiting", table_name="generation_items", postgresql_where=sa.text("status IN ('queued', 'running')")
    )
    op.drop_index(op.f("ix_generation_items_user_id_finished_at"), table_name="generation_items")
    op.drop_index(op.f("ix_generation_items_user_id_changed_sequence"), table_name="generation_items")
    op.drop_table("generation_items")
    op.drop_index(op.f("ix_images_user_id_created_at_id"), table_name="images")
    op.drop_index(op.f("ix_images_user_id_changed_sequence"), table_name="images")
    op.drop_index(op.f("ix_images_project_id_created_at_id"), table_name="images")
    op.drop_table("images")
    op.drop_index(op.f("ix_generations_user_id_created_at"), table_name="generations")
    op.drop_index(op.f("ix_generations_project_id"), table_name="generations")
    op.drop_table("generations")
    op.drop_index(op.f("ix_sign_in_sessions_user_id"), table_name="sign_in_sessions")
    op.drop_table("sign_in_sessions")
    op.drop_index(op.f("ix_projects_user_id_created_at"), table_name="projects")
    op.drop_table("projects")
    op.drop_index(op.f("ix_model_routes_model_key"), table_name="model_routes")
    op.drop_table("model_routes")
    op.drop_table("member_sequences")
    op.drop_index("uq_users_email_lower", table_name="users")
    op.drop_table("users")
    op.drop_table("image_models")
    op.drop_index(op.f("ix_audit_events_subject_id"), table_name="audit_events")
    op.drop_index(op.f("ix_audit_events_actor_id_created_at"), table_name="audit_events")
    op.drop_table("audit_events")
