"""Favourites and the trash, what a member's pictures take, files without a picture, and what a provider gave for a request.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ACTIONS = (
    "account_created",
    "signed_in",
    "signed_out",
    "project_created",
    "project_renamed",
    "photo_uploaded",
    "generation_submitted",
    "item_delivered",
    "item_failed",
)
_NEW_ACTIONS = (*_ACTIONS[:6], "picture_trashed", "picture_restored", "picture_deleted", *_ACTIONS[6:])


def _known(actions: tuple[str, ...]) -> str:
    return f"action IN ({', '.join(repr(action) for action in actions)})"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_audit_events_action_known"), "audit_events", type_="check")
    op.create_check_constraint(op.f("ck_audit_events_action_known"), "audit_events", _known(_NEW_ACTIONS))

    op.add_column("images", sa.Column("stored_bytes", sa.BigInteger(), nullable=True))
    # What the smaller variants took was not written down; a tenth is what they take as a rule.
    op.execute("UPDATE images SET stored_bytes = size_bytes + size_bytes / 10")
    op.alter_column("images", "stored_bytes", nullable=False)
    op.add_column("images", sa.Column("source_sha256", sa.String(), nullable=False, server_default=""))
    op.alter_column("images", "source_sha256", server_default=None)
    op.add_column("images", sa.Column("is_favourite", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("images", "is_favourite", server_default=None)
    op.add_column("images", sa.Column("trashed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_images_stored_bytes_cover_the_original"), "images", "stored_bytes >= size_bytes")
    op.drop_index(op.f("ix_images_user_id_created_at_id"), table_name="images")
    shelves = {
        "ix_images_shown": (["user_id", "created_at", "id"], "trashed_at IS NULL"),
        "ix_images_favourite": (["user_id", "created_at", "id"], "is_favourite AND trashed_at IS NULL"),
        "ix_images_trashed": (["user_id", "trashed_at", "id"], "trashed_at IS NOT NULL"),
        "ix_images_trash_ends": (["trashed_at"], "trashed_at IS NOT NULL"),
    }
    for name, (columns, where) in shelves.items():
        op.create_index(name, "images", columns, unique=False, postgresql_where=sa.text(where))
    op.create_index(
        "uq_images_source", "images", ["user_id", "source_sha256"], unique=True, postgresql_where=sa.text("source_sha256 <> ''")
    )

    op.create_table(
        "member_storage",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used_bytes >= 0", name=op.f("ck_member_storage_used_bytes_not_negative")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_member_storage_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_member_storage")),
    )
    op.execute("INSERT INTO member_storage SELECT user_id, sum(stored_bytes) FROM images GROUP BY user_id")
    op.create_table(
        "loose_files",
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_being_deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_loose_files")),
    )
    op.create_index(op.f("ix_loose_files_due_at"), "loose_files", ["due_at"], unique=False)

    op.add_column("generation_items", sa.Column("provider_ticket", sa.String(), nullable=False, server_default=""))
    op.alter_column("generation_items", "provider_ticket", server_default=None)
    op.add_column("generation_items", sa.Column("provider_cost_microusd", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_generation_items_provider_cost_not_negative"), "generation_items", "provider_cost_microusd >= 0"
    )
    op.create_check_constraint(
        op.f("ck_generation_items_provider_ticket_length"), "generation_items", "char_length(provider_ticket) <= 2000"
    )


def downgrade() -> None:
    op.drop_column("generation_items", "provider_cost_microusd")
    op.drop_column("generation_items", "provider_ticket")
    op.drop_table("loose_files")
    op.drop_table("member_storage")
    op.drop_index("uq_images_source", table_name="images")
    for name in ("ix_images_shown", "ix_images_favourite", "ix_images_trashed", "ix_images_trash_ends"):
        op.drop_index(name, table_name="images")
    op.create_index(op.f("ix_images_user_id_created_at_id"), "images", ["user_id", "created_at", "id"], unique=False)
    for column in ("trashed_at", "is_favourite", "source_sha256", "stored_bytes"):
        op.drop_column("images", column)
    op.execute("DELETE FROM audit_events WHERE action LIKE 'picture\\_%'")
    op.drop_constraint(op.f("ck_audit_events_action_known"), "audit_events", type_="check")
    op.create_check_constraint(op.f("ck_audit_events_action_known"), "audit_events", _known(_ACTIONS))
