"""Credits: moved, held, given back, checked."""

from tests.mutants.mutation import Mutation

SERVICE = "lumiku_web/domain/ledger/service.py"
ROWS = "lumiku_web/domain/ledger/repository.py"
TABLES = "lumiku_web/domain/ledger/models.py"
CHECKS = "lumiku_web/domain/ledger/checks.py"
MIGRATION = "alembic/versions/0004_money.py"
ORDERS = "lumiku_web/domain/generations/repository.py"
SWEEPER = "lumiku_web/domain/generations/sweeper.py"

TEST_MOVES = "integration/domain/test_ledger.py::"
TEST_DATABASE = "integration/domain/test_ledger_database.py::"
TEST_MACHINE = "integration/domain/test_ledger_machine.py::"
TEST_STORM = "integration/domain/test_ledger_storm.py::"
TEST_ORDERS = "integration/domain/test_ledger_orders.py::"
TEST_CHECKS = "integration/domain/test_ledger_checks.py::"

MUTATIONS = (
    Mutation(
        "L1",
        "an event whose sides differ is taken",
        MIGRATION,
        "GROUP BY currency HAVING sum(amount) <> 0)",
        "GROUP BY currency HAVING false)",
        (f"{TEST_DATABASE}test_l1_an_event_that_does_not_sum_to_zero_is_refused_at_the_commit",),
    ),
    Mutation(
        "L1",
        "one currency of an event makes up for the other",
        MIGRATION,
        "GROUP BY currency HAVING sum(amount) <> 0)",
        "HAVING sum(amount) <> 0)",
        (f"{TEST_DATABASE}test_l1_an_event_that_does_not_sum_to_zero_is_refused_at_the_commit",),
    ),
    Mutation(
        "L1",
        "an event without postings is taken",
        MIGRATION,
        "IF NOT EXISTS (SELECT FROM ledger_postings WHERE event_id = event)\n        OR EXISTS",
        "IF EXISTS",
        (f"{TEST_DATABASE}test_l1_an_event_that_does_not_sum_to_zero_is_refused_at_the_commit",),
    ),
    Mutation(
        "L1",
        "the nightly check does not see an event without postings",
        CHECKS,
        "HAVING count(p.event_id) = 0 OR sum(p.amount) <> 0",
        "HAVING sum(p.amount) <> 0",
        (f"{TEST_CHECKS}test_l1_an_event_whose_postings_are_gone_is_found",),
    ),
    Mutation(
        "L2",
        "what a member has stays as it was",
        ROWS,
        "UPDATE wallets SET available = :available,",
        "UPDATE wallets SET available = wallets.available,",
        (f"{TEST_STORM}test_l2_a_process_that_is_killed_at_any_point_leaves_books_that_are_right",),
    ),
    Mutation(
        "L2",
        "the check takes a wallet for its own postings",
        CHECKS,
        'WHERE balance.expected <> balance.found\n""",\n    # L2: what the newest entry',
        'WHERE false\n""",\n    # L2: what the newest entry',
        (f"{TEST_CHECKS}test_l1_l2_what_was_changed_by_hand_is_found_by_name",),
    ),
    Mutation(
        "L3",
        "nobody waits for the wallet",
        ROWS,
        '    .where(_WALLETS.c.user_id == bindparam("user_id"))\n    .with_for_update()\n',
        '    .where(_WALLETS.c.user_id == bindparam("user_id"))\n',
        (f"{TEST_STORM}test_l3_64_who_spend_at_once_spend_what_is_there_and_no_more",),
    ),
    Mutation(
        "L3",
        "a hold does not ask what is there",
        SERVICE,
        "    if row.available < amount or row.owed:",
        "    if False:",
        (f"{TEST_MOVES}test_l9_credits_that_are_owed_stop_spending_though_there_are_some",),
    ),
    Mutation(
        "L3",
        "the database takes a negative balance",
        MIGRATION,
        'sa.CheckConstraint("available >= 0", name',
        'sa.CheckConstraint("available >= 0 OR true", name',
        (f"{TEST_DATABASE}test_l3_no_statement_makes_a_balance_negative",),
    ),
    Mutation(
        "L4",
        "what was captured can be released",
        SERVICE,
        "NewEvent(EventKind.release, _item_key(item_id),",
        'NewEvent(EventKind.release, f"release:{item_id}",',
        (
            f"{TEST_MOVES}test_l4_an_item_ends_once_whatever_is_said_of_it_next",
            f"{TEST_STORM}test_l7_one_end_of_an_item_said_by_many_at_once_is_one",
        ),
    ),
    Mutation(
        "L4",
        "an end that is known is tried again",
        ROWS,
        "    WHERE NOT EXISTS (SELECT FROM ledger_events WHERE key = CAST(:key AS varchar))\n",
        "",
        (f"{TEST_MOVES}test_l4_an_item_ends_once_whatever_is_said_of_it_next",),
    ),
    Mutation(
        "L4",
        "an expiry gives back the whole hold",
        ROWS,
        "left = col(Hold.amount) - col(Hold.captured) - col(Hold.released)",
        "left = col(Hold.amount)",
        (f"{TEST_MOVES}test_a_hold_moves_and_each_end_of_an_item_moves_its_part",),
    ),
    Mutation(
        "L4",
        "a purchase is not asked whether it was made before",
        SERVICE,
        "    known = events.find(event.key)\n    if known is None:",
        '    known = events.find("")\n    if known is None:',
        (f"{TEST_MACHINE}test_l4_whatever_happens_in_whatever_order_each_hold_ends_once",),
    ),
    Mutation(
        "L5",
        "an order captures what another one holds",
        MIGRATION,
        '"captured >= 0 AND released >= 0 AND captured + released <= amount", name',
        '"captured >= 0 AND released >= 0", name',
        (f"{TEST_MOVES}test_l5_no_more_is_captured_or_released_than_was_held",),
    ),
    Mutation(
        "L5",
        "a hold of somebody else can be ended",
        ROWS,
        " AND holds.user_id = event.user_id",
        "",
        (f"{TEST_MOVES}test_an_order_without_a_hold_and_a_hold_of_somebody_else_give_nothing",),
    ),
    Mutation(
        "L6",
        "what is held for nothing stays held",
        ORDERS,
        "                ~works.exists(),",
        "                works.exists(),",
        (f"{TEST_ORDERS}test_l6_what_is_held_for_nothing_comes_back_and_the_member_is_told",),
    ),
    Mutation(
        "L6",
        "nobody is told that credits came back",
        SWEEPER,
        "        record_change(uow, leases.doorbell, orphan.user_id)\n",
        "",
        (f"{TEST_ORDERS}test_l6_what_is_held_for_nothing_comes_back_and_the_member_is_told",),
    ),
    Mutation(
        "L7",
        "a key with other values is taken for what it was",
        SERVICE,
        '        raise Conflict("credits_key_reused")\n',
        "        return False\n",
        (f"{TEST_MOVES}test_l7_one_key_is_one_act_and_with_other_values_a_refusal",),
    ),
    Mutation(
        "L9",
        "what comes in pays nothing of what is owed",
        SERVICE,
        "    paid = min(row.owed, amount)",
        "    paid = 0",
        (f"{TEST_MOVES}test_l9_what_was_spent_is_owed_and_the_next_purchase_settles_it",),
    ),
    Mutation(
        "L9",
        "who owes goes on spending",
        SERVICE,
        "    if wallet.owed:",
        "    if wallet.owed < 0:",
        (f"{TEST_MOVES}test_l9_credits_that_are_owed_stop_spending_though_there_are_some",),
    ),
    Mutation(
        "L9",
        "a refund takes what is not there",
        SERVICE,
        "    there = min(amount, row.available)",
        "    there = amount",
        (f"{TEST_MOVES}test_l9_what_was_spent_is_owed_and_the_next_purchase_settles_it",),
    ),
    Mutation(
        "L10",
        "half a credit is an amount",
        SERVICE,
        "if not isinstance(amount, int) or isinstance(amount, bool) or",
        "if not isinstance(amount, int | float) or isinstance(amount, bool) or",
        (f"{TEST_MOVES}test_l10_an_amount_that_is_no_whole_number_of_credits_moves_nothing",),
    ),
    Mutation(
        "L10",
        "a posting of credits can be counted in dollars",
        MIGRATION,
        "\"(account IN ('provider_cost', 'provider_payable')) = (currency = 'microusd')\"",
        '"true"',
        (f"{TEST_DATABASE}test_l10_a_posting_that_makes_no_sense_is_refused",),
    ),
    Mutation(
        "L13",
        "a correction moves the wallet",
        SERVICE,
        "add(event, row, moves_wallet=False)",
        "add(event, row)",
        (f"{TEST_CHECKS}test_l13_reconcile_applied_twice_gives_one_correcting_entry",),
    ),
    Mutation(
        "L13",
        "reconcile corrects without being asked",
        "lumiku_web/cli.py",
        "        if is_applied:\n",
        "        if is_applied is not None:\n",
        (f"{TEST_CHECKS}test_l13_reconcile_changes_nothing_and_says_what_differs",),
    ),
    Mutation(
        "L14",
        "the role that runs can change postings",
        TABLES,
        'postgresql_where=text("user_id IS NOT NULL")),\n        {"info": APPEND_ONLY},\n',
        'postgresql_where=text("user_id IS NOT NULL")),\n',
        (f"{TEST_DATABASE}test_l14_the_role_that_runs_can_add_to_the_books_and_change_nothing",),
    ),
)
