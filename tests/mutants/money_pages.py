"""What admins see of the money: sums by day, and the form that moves credits."""

from tests.mutants.mutation import Mutation

SUMS = "lumiku_web/domain/usage/repository.py"
CREDITS = "lumiku_web/ui/pages/admin/credits_state.py"

TEST_USAGE = "integration/domain/test_usage.py::"
TEST_PAGES = "ui/test_admin_money.py::"

MUTATIONS = (
    Mutation(
        "L2",
        "a picture counts on the day on which its delivery ended",
        SUMS,
        'func.timezone("UTC", func.now())',
        'func.timezone("UTC", func.clock_timestamp())',
        (
            f"{TEST_USAGE}test_l2_sums_by_day_are_what_was_captured_on_that_day",
            f"{TEST_USAGE}test_a_picture_that_is_delivered_around_midnight_counts_on_the_day_of_its_capture",
        ),
    ),
    Mutation(
        "L2",
        "the sums of all forget what was captured",
        SUMS,
        "credits = known.credits + excluded.credits",
        "credits = known.credits",
        (f"{TEST_USAGE}test_l2_sums_by_day_are_what_was_captured_on_that_day",),
    ),
    Mutation(
        "L7",
        "each click on the form is an act of its own",
        CREDITS,
        "self._actor, email, amount, self._key,",
        "self._actor, email, amount, new_id(),",
        (f"{TEST_PAGES}test_l7_a_double_click_moves_credits_once",),
    ),
)
