"""Money: wallets, events, postings and holds; plans, subscriptions and quotas; prices and tiers of models; sums by day.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
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
    "item_canceled",
    "item_hurried",
    "route_paused",
    "route_resumed",
    "route_limited",
)
_NEW_ACTIONS = (
    *_ACTIONS,
    "credits_granted",
    "credits_adjusted",
    "credits_refunded",
    "credits_charged_back",
    "credits_purchased",
    "subscribed",
    "plan_changed",
    "plan_canceled",
    "plan_resumed",
    "plan_renewed",
    "model_changed",
    "app_switched",
    "account_deactivated",
    "account_activated",
    "role_changed",
    "spending_changed",
    "books_corrected",
)

#: L1: at the commit, the postings of each event are there and sum to zero per currency.
_SUMS_TO_ZERO = """
CREATE FUNCTION ledger_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE event uuid := CASE TG_TABLE_NAME WHEN 'ledger_events' THEN (to_jsonb(NEW) ->> 'id')::uuid
    ELSE (to_jsonb(NEW) ->> 'event_id')::uuid END;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_postings WHERE event_id = event)
        OR EXISTS (SELECT FROM ledger_postings WHERE event_id = event GROUP BY currency HAVING sum(amount) <> 0)
    THEN
        RAISE EXCEPTION 'ledger event % does not sum to zero', event
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = (
    "CREATE CONSTRAINT TRIGGER sums_to_zero AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION ledger_sums_to_zero()"
)


def _known(actions: tuple[str, ...]) -> str:
    return f"action IN ({', '.join(repr(action) for action in actions)})"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_audit_events_action_known"), "audit_events", type_="check")
    op.create_check_constraint(op.f("ck_audit_events_action_known"), "audit_events", _known(_NEW_ACTIONS))
    op.create_table(
        "app_switches",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'beta', 'coming_soon', 'off')", name=op.f("ck_app_switches_state_known")),
        sa.CheckConstraint("tier IN ('free', 'basic', 'pro', 'enterprise')", name=op.f("ck_app_switches_tier_known")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_app_switches")),
    )
    op.create_table(
        "holds",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_holds_amount_positive")),
        sa.CheckConstraint("captured >= 0 AND released >= 0 AND captured + released <= amount", name=op.f("ck_holds_ends_once")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_holds")),
    )
    op.create_index(
        "ix_holds_open", "holds", ["created_at"], unique=False, postgresql_where=sa.text("captured + released < amount")
    )
    op.create_table(
        "ledger_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checks")),
        info={"append_only": True},
    )
    op.create_table(
        "ledger_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sign_up', 'purchase', 'grant', 'adjustment', 'hold', 'capture', 'release', 'expiry', 'refund', 'chargeback', 'cost')",
            name=op.f("ck_ledger_events_kind_known"),
        ),
        sa.CheckConstraint("kind NOT IN ('adjustment', 'grant') OR reason <> ''", name=op.f("ck_ledger_events_reason_given")),
        sa.CheckConstraint("available >= 0 AND held >= 0 AND owed >= 0", name=op.f("ck_ledger_events_balances_not_negative")),
        sa.CheckConstraint("char_length(key) <= 200", name=op.f("ck_ledger_events_key_length")),
        sa.CheckConstraint("char_length(reason) <= 500", name=op.f("ck_ledger_events_reason_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_events")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_events_key")),
        sa.UniqueConstraint("user_id", "entry", name=op.f("uq_ledger_events_user_id_entry")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_ledger_events_kind_id"), "ledger_events", ["kind", "id"], unique=False)
    op.create_index(op.f("ix_ledger_events_user_id_kind_entry"), "ledger_events", ["user_id", "kind", "entry"], unique=False)
    op.create_index(op.f("ix_ledger_events_user_id_created_at"), "ledger_events", ["user_id", "created_at"], unique=False)
    op.create_index(
        op.f("ix_ledger_events_order_id"),
        "ledger_events",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_table(
        "plans",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column("daily_quota", sa.Integer(), nullable=False),
        sa.Column("monthly_quota", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.CheckConstraint("cycle IN ('month', 'year')", name=op.f("ck_plans_cycle_known")),
        sa.CheckConstraint("tier IN ('free', 'basic', 'pro', 'enterprise')", name=op.f("ck_plans_tier_known")),
        sa.CheckConstraint("char_length(title) <= 100", name=op.f("ck_plans_title_length")),
        sa.CheckConstraint("daily_quota > 0 AND monthly_quota >= daily_quota", name=op.f("ck_plans_quota_sane")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_plans_price_not_negative")),
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name=op.f("ck_plans_weight_sane")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_plans")),
    )
    op.create_table(
        "subscription_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("plan_key", sa.String(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_minor", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "what IN ('subscribed', 'changed', 'change_planned', 'change_dropped', 'canceled', 'resumed', 'renewed', 'grace',"
            " 'suspended', 'ended')",
            name=op.f("ck_subscription_changes_what_known"),
        ),
        sa.CheckConstraint("due_minor >= 0 AND credit_minor >= 0", name=op.f("ck_subscription_changes_money_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_changes")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_subscription_changes_user_id_created_at"), "subscription_changes", ["user_id", "created_at"], unique=False
    )
    op.create_table(
        "usage_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=False),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "pictures >= 0 AND credits >= 0 AND quota >= 0 AND cost_microusd >= 0", name=op.f("ck_usage_days_not_negative")
        ),
        sa.PrimaryKeyConstraint("day", "app", "model", "user_id", name=op.f("pk_usage_days")),
    )
    op.create_index(op.f("ix_usage_days_user_id_day"), "usage_days", ["user_id", "day"], unique=False)
    op.create_table(
        "usage_totals",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=False),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "pictures >= 0 AND credits >= 0 AND quota >= 0 AND cost_microusd >= 0", name=op.f("ck_usage_totals_not_negative")
        ),
        sa.PrimaryKeyConstraint("day", "app", "model", "part", name=op.f("pk_usage_totals")),
    )
    op.create_table(
        "allowances",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('day', 'month', 'spending')", name=op.f("ck_allowances_kind_known")),
        sa.CheckConstraint("ceiling IS NULL OR used + held <= ceiling", name=op.f("ck_allowances_within_its_ceiling")),
        sa.CheckConstraint("used >= 0 AND held >= 0", name=op.f("ck_allowances_use_not_negative")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_allowances_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("user_id", "kind", "starts_on", name=op.f("pk_allowances")),
    )
    op.create_table(
        "billing_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("spending_cap", sa.BigInteger(), nullable=True),
        sa.Column("uses_credits", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "spending_cap IS NULL OR spending_cap >= 0", name=op.f("ck_billing_preferences_spending_cap_not_negative")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_billing_preferences_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_billing_preferences")),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(account IN ('available', 'held', 'owed')) = (user_id IS NOT NULL)",
            name=op.f("ck_ledger_postings_member_of_a_member_account"),
        ),
        sa.CheckConstraint(
            "account IN ('available', 'held', 'owed', 'granted', 'sold', 'revenue', 'corrections', 'provider_cost', 'provider_payable')",
            name=op.f("ck_ledger_postings_account_known"),
        ),
        sa.CheckConstraint("currency IN ('credit', 'microusd')", name=op.f("ck_ledger_postings_currency_known")),
        sa.CheckConstraint(
            "(account IN ('provider_cost', 'provider_payable')) = (currency = 'microusd')",
            name=op.f("ck_ledger_postings_currency_of_its_account"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_postings_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ledger_events.id"], name=op.f("fk_ledger_postings_event_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("event_id", "account", name=op.f("pk_ledger_postings")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_ledger_postings_user_id_account"),
        "ledger_postings",
        ["user_id", "account"],
        unique=False,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("plan_key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_plan_key", sa.String(), nullable=False),
        sa.Column("anchor_day", sa.SmallInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("anchor_day BETWEEN 1 AND 31", name=op.f("ck_subscriptions_anchor_in_a_month")),
        sa.CheckConstraint("paid_minor >= 0 AND balance_minor >= 0", name=op.f("ck_subscriptions_money_not_negative")),
        sa.CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_subscriptions_ended_at_its_end")),
        sa.CheckConstraint(
            "(status IN ('grace', 'suspended')) = (grace_until IS NOT NULL)", name=op.f("ck_subscriptions_grace_has_an_end")
        ),
        sa.CheckConstraint(
            "status IN ('active', 'canceled', 'grace', 'suspended', 'ended')", name=op.f("ck_subscriptions_status_known")
        ),
        sa.CheckConstraint("period_end > period_start", name=op.f("ck_subscriptions_period_forward")),
        sa.ForeignKeyConstraint(["plan_key"], ["plans.key"], name=op.f("fk_subscriptions_plan_key"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_subscriptions_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions",
        ["period_end"],
        unique=False,
        postgresql_where=sa.text("status IN ('active', 'canceled', 'grace')"),
    )
    op.create_index(op.f("ix_subscriptions_user_id"), "subscriptions", ["user_id"], unique=False)
    op.create_index(
        "uq_subscriptions_one_at_a_time", "subscriptions", ["user_id"], unique=True, postgresql_where=sa.text("status <> 'ended'")
    )
    op.create_table(
        "wallets",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("available >= 0", name=op.f("ck_wallets_available_not_negative")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_wallets_held_not_negative")),
        sa.CheckConstraint("owed >= 0", name=op.f("ck_wallets_owed_not_negative")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_wallets_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_wallets")),
    )
    op.execute(_SUMS_TO_ZERO)
    for table in ("ledger_events", "ledger_postings"):
        op.execute(_TRIGGER.format(table=table))
    _price_models()
    _price_orders()


def _price_models() -> None:
    """What was free gets the price that it is shipped with; 1 credit where an operator has added a model."""
    op.add_column("image_models", sa.Column("app", sa.String(), nullable=False, server_default=""))
    op.add_column("image_models", sa.Column("tier", sa.String(), nullable=False, server_default="free"))
    op.add_column("image_models", sa.Column("is_beta", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("image_models", sa.Column("quota_price", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(
        "image_models",
        sa.Column("abilities", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=sa.text("'{}'")),
    )
    for column in ("app", "tier", "is_beta", "quota_price", "abilities"):
        op.alter_column("image_models", column, server_default=None)
    shipped = (("flux-dev", 8, 1, "free"), ("flux-schnell", 6, 1, "basic"), ("flux-2-pro", 15, 3, "pro"))
    for key, credits, quota, tier in shipped:
        op.execute(
            sa.text(
                "UPDATE image_models SET credits_price = :credits, quota_price = :quota, tier = :tier WHERE key = :key"
            ).bindparams(key=key, credits=credits, quota=quota, tier=tier)
        )
    op.execute("UPDATE image_models SET credits_price = 1 WHERE credits_price < 1")
    op.drop_constraint(op.f("ck_image_models_credits_price_not_negative"), "image_models", type_="check")
    op.create_check_constraint(op.f("ck_image_models_price_positive"), "image_models", "credits_price > 0 AND quota_price > 0")
    op.create_check_constraint(
        op.f("ck_image_models_tier_known"), "image_models", "tier IN ('free', 'basic', 'pro', 'enterprise')"
    )


def _price_orders() -> None:
    """Orders from before there was money were on the house, whatever their price says now."""
    op.add_column("generations", sa.Column("model_key", sa.String(), nullable=False, server_default=""))
    op.add_column("generations", sa.Column("quota_price", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("generations", sa.Column("held_on", sa.Date(), nullable=False, server_default=sa.func.current_date()))
    op.add_column("generation_items", sa.Column("paid_with", sa.String(), nullable=False, server_default="house"))
    for table, columns in (("generations", ("model_key", "quota_price", "held_on")), ("generation_items", ("paid_with",))):
        for column in columns:
            op.alter_column(table, column, server_default=None)
    op.execute(
        "UPDATE generations SET model_key = model->>'key', held_on = (created_at AT TIME ZONE 'UTC')::date,"
        " credits_price = greatest(credits_price, 1)"
    )
    op.drop_constraint(op.f("ck_generations_credits_price_not_negative"), "generations", type_="check")
    op.create_check_constraint(op.f("ck_generations_price_positive"), "generations", "credits_price > 0 AND quota_price > 0")
    op.create_check_constraint(
        op.f("ck_generation_items_paid_with_known"), "generation_items", "paid_with IN ('quota', 'credits', 'house')"
    )
    op.create_index(op.f("ix_generations_model_key"), "generations", ["model_key"], unique=False)
    op.create_foreign_key(
        op.f("fk_generations_model_key"), "generations", "image_models", ["model_key"], ["key"], ondelete="RESTRICT"
    )


def downgrade() -> None:
    op.drop_column("generation_items", "paid_with")
    op.drop_constraint(op.f("fk_generations_model_key"), "generations", type_="foreignkey")
    op.drop_index(op.f("ix_generations_model_key"), table_name="generations")
    op.drop_constraint(op.f("ck_generations_price_positive"), "generations", type_="check")
    op.create_check_constraint(op.f("ck_generations_credits_price_not_negative"), "generations", "credits_price >= 0")
    for column in ("held_on", "quota_price", "model_key"):
        op.drop_column("generations", column)
    op.drop_constraint(op.f("ck_image_models_tier_known"), "image_models", type_="check")
    op.drop_constraint(op.f("ck_image_models_price_positive"), "image_models", type_="check")
    op.create_check_constraint(op.f("ck_image_models_credits_price_not_negative"), "image_models", "credits_price >= 0")
    for column in ("abilities", "quota_price", "is_beta", "tier", "app"):
        op.drop_column("image_models", column)
    op.drop_table("wallets")
    op.drop_index("uq_subscriptions_one_at_a_time", table_name="subscriptions", postgresql_where=sa.text("status <> 'ended'"))
    op.drop_index(op.f("ix_subscriptions_user_id"), table_name="subscriptions")
    op.drop_index("ix_subscriptions_due", table_name="subscriptions", postgresql_where=sa.text("status <> 'ended'"))
    op.drop_table("subscriptions")
    op.drop_index(
        op.f("ix_ledger_postings_user_id_account"), table_name="ledger_postings", postgresql_where=sa.text("user_id IS NOT NULL")
    )
    op.drop_table("ledger_postings")
    op.drop_table("billing_preferences")
    op.drop_table("allowances")
    op.drop_table("usage_totals")
    op.drop_index(op.f("ix_usage_days_user_id_day"), table_name="usage_days")
    op.drop_table("usage_days")
    op.drop_index(op.f("ix_subscription_changes_user_id_created_at"), table_name="subscription_changes")
    op.drop_table("subscription_changes")
    op.drop_table("plans")
    op.drop_index(op.f("ix_ledger_events_order_id"), table_name="ledger_events", postgresql_where=sa.text("order_id IS NOT NULL"))
    op.drop_index(op.f("ix_ledger_events_user_id_created_at"), table_name="ledger_events")
    op.drop_index(op.f("ix_ledger_events_user_id_kind_entry"), table_name="ledger_events")
    op.drop_index(op.f("ix_ledger_events_kind_id"), table_name="ledger_events")
    op.drop_table("ledger_events")
    op.drop_table("ledger_checks")
    op.drop_index("ix_holds_open", table_name="holds", postgresql_where=sa.text("captured + released < amount"))
    op.drop_table("holds")
    op.drop_table("app_switches")
    op.execute("DROP FUNCTION ledger_sums_to_zero()")
    op.execute(sa.text("DELETE FROM audit_events WHERE action = ANY(:new)").bindparams(new=list(_NEW_ACTIONS[len(_ACTIONS) :])))
    op.drop_constraint(op.f("ck_audit_events_action_known"), "audit_events", type_="check")
    op.create_check_constraint(op.f("ck_audit_events_action_known"), "audit_events", _known(_ACTIONS))
