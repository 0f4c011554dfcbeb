"""Orders: taken, told, cancelled, tried again."""

from tests.mutants.mutation import Mutation

LEASES = "lumiku_web/domain/generations/leases.py"
ITEMS = "lumiku_web/domain/generations/repository.py"
ORDERS = "lumiku_web/domain/generations/service.py"
POLICY = "lumiku_web/domain/generations/policy.py"

TEST_SUBMIT = "integration/domain/test_submit.py::"
TEST_RETRY = "integration/domain/test_retry.py::"
TEST_CANCEL = "integration/domain/test_cancel.py::"
TEST_FEED = "integration/domain/test_feed.py::"
TEST_POLICY = "unit/domain/test_order_policy.py::"

MUTATIONS = (
    Mutation(
        "Q1",
        "an order is handed over before it is committed",
        "lumiku_web/db/unit_of_work.py",
        "            yield uow\n            session.commit()\n",
        "            yield uow\n            uow.run_effects()\n            session.commit()\n",
        (f"{TEST_SUBMIT}test_q1_what_waits_for_the_commit_finds_the_order_committed",),
    ),
    Mutation(
        "Q5",
        "a provider is not given the time that it asked for",
        POLICY,
        "if asked_seconds is not None:",
        "if False:",
        (f"{TEST_POLICY}test_q5_a_provider_that_names_a_time_gets_it_within_bounds",),
    ),
    Mutation(
        "L7",
        "the same key with another wish is taken for the first one",
        ORDERS,
        "if known.hash != wish:",
        "if False:",
        (f"{TEST_SUBMIT}test_l7_the_same_key_with_another_wish_is_refused_and_changes_nothing",),
    ),
    Mutation(
        "L7",
        "a repeated click is another order",
        ORDERS,
        "        if known is not None:\n            if known.hash",
        "        if known is not None and order.count < 0:\n            if known.hash",
        (f"{TEST_SUBMIT}test_l7_the_same_key_with_another_wish_is_refused_and_changes_nothing",),
    ),
    Mutation(
        "L7",
        "keys of two members meet",
        ITEMS,
        '    _ORDERS.c.user_id == bindparam("user_id"), ',
        "    ",
        (f"{TEST_SUBMIT}test_l7_keys_of_two_members_do_not_meet",),
    ),
    Mutation(
        "L7",
        "a retry asked for again is looked at anew",
        ORDERS,
        "if not known.keys() & {retry_key(old.id), retry_key(item.id)}]",
        "]",
        (f"{TEST_RETRY}test_l7_a_retry_asked_for_again_finds_its_order_whatever_became_of_it",),
    ),
    Mutation(
        "L7",
        "what succeeded is made again by a retry",
        ORDERS,
        "if item.status == ItemStatus.failed]",
        "]",
        (f"{TEST_RETRY}test_l7_fifty_parallel_retries_are_one_order_with_one_answer",),
    ),
    Mutation(
        "L7",
        "what was tried again alone is tried again with the others",
        ORDERS,
        "known.keys() & {retry_key(old.id), retry_key(item.id)}",
        "known.keys() & {retry_key(old.id)}",
        (f"{TEST_RETRY}test_l7_one_picture_is_tried_again_alone_and_the_others_without_it",),
    ),
    Mutation(
        "Q7",
        "what has ended is cancelled",
        LEASES,
        "if item.status not in FINAL and item_id in {None, item.id}:",
        "if item_id in {None, item.id}:",
        (f"{TEST_CANCEL}test_q7_a_cancellation_and_four_deliveries_at_once_end_each_item_once",),
    ),
    Mutation(
        "Q7",
        "a cancelled job stays in the queue",
        LEASES,
        "uow.after_commit(partial(self.queue.stop, held.item.id, held.item.dispatch))",
        "pass",
        (f"{TEST_CANCEL}test_q7_a_job_that_waits_is_taken_out_of_the_queue",),
    ),
    Mutation(
        "L6",
        "what is cancelled stays held",
        LEASES,
        "        self._let_go(uow, held)\n        audit.record(uow, by, Action.item_canceled",
        "        audit.record(uow, by, Action.item_canceled",
        (f"{TEST_CANCEL}test_q7_whatever_it_does_it_ends_at_once_and_its_price_goes_back_once",),
    ),
    Mutation(
        "T8",
        "anybody tries an order again",
        ITEMS,
        "Generation.id == generation_id, Generation.user_id == user_id",
        "Generation.id == generation_id",
        (f"{TEST_RETRY}test_t8_nobody_tries_somebody_elses_order_again",),
    ),
    Mutation(
        "L7",
        "another model counts as the same wish",
        POLICY,
        "        order.seed,\n        order.model,\n",
        "        order.seed,\n",
        (f"{TEST_POLICY}test_l7_whatever_is_paid_for_makes_another_wish",),
    ),
    Mutation(
        "L10",
        "an order of no picture is taken",
        POLICY,
        "1 <= order.count <= COUNT_MAX",
        "order.count <= COUNT_MAX",
        (f"{TEST_POLICY}test_l10_any_other_count_is_refused",),
    ),
    Mutation(
        "Q8",
        "the number and the orders are of two moments",
        ORDERS,
        "    uow.snapshot()\n    sequence = sequences",
        "    sequence = sequences",
        (f"{TEST_FEED}test_q8_the_number_and_the_orders_are_of_one_moment",),
    ),
    Mutation(
        "Q8",
        "a mark brings what was shown already",
        ITEMS,
        "(col(GenerationItem.changed_sequence) > mark.c.value)",
        "(col(GenerationItem.changed_sequence) >= mark.c.value)",
        (f"{TEST_FEED}test_q8_a_mark_brings_what_came_after_it_and_nothing_else",),
    ),
    Mutation(
        "Q8",
        "the doorbell rings before the commit",
        "lumiku_web/domain/notifications/service.py",
        "uow.after_commit(partial(doorbell.ring, user_id, sequence))",
        "doorbell.ring(user_id, sequence)",
        (f"{TEST_FEED}test_q8_a_change_that_is_rolled_back_rings_for_nobody",),
    ),
    Mutation(
        "T8",
        "the news of one member reach another",
        ORDERS,
        "orders=tuple(order for order in changed if order.user_id == user),",
        "orders=tuple(changed),",
        (f"{TEST_FEED}test_t8_q8_one_read_for_many_keeps_members_apart",),
    ),
)
