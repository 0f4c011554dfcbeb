"""Prices, and who may have what."""

from tests.mutants.mutation import Mutation

POLICY = "lumiku_web/domain/catalog/policy.py"
REGISTRY = "lumiku_web/domain/catalog/operations.py"
MODELS = "lumiku_web/domain/catalog/models.py"
CATALOG = "lumiku_web/domain/catalog/service.py"
TERMS = "lumiku_web/domain/generations/policy.py"
ORDERS = "lumiku_web/domain/generations/service.py"
SHOWN = "lumiku_web/ui/prices.py"
FORM = "lumiku_web/ui/app_state.py"

TEST_PRICES = "integration/domain/test_submit_prices.py::"
TEST_REGISTRY = "integration/domain/test_catalog_registry.py::"
TEST_SHOWN = "unit/ui/test_prices.py::"
TEST_FORM = "ui/test_prices.py::"

MUTATIONS = (
    Mutation(
        "L12",
        "an order is taken at another price than the one that was shown",
        TERMS,
        "if order.shown_price not in {None, model.price}:",
        "if False:",
        (f"{TEST_PRICES}test_l12_a_price_that_changed_while_the_form_was_open_is_told_and_nothing_is_charged",),
    ),
    Mutation(
        "L12",
        "the form sends no price back",
        FORM,
        "shown_price=shown)",
        "shown_price=None)",
        (f"{TEST_FORM}test_l12_a_price_edited_while_the_form_is_open_is_told_and_nothing_is_ordered",),
    ),
    Mutation(
        "L12",
        "a model of a greater plan is ordered",
        TERMS,
        "if not standing.tier.covers(model.tier):",
        "if False:",
        (f"{TEST_PRICES}test_l12_what_a_member_may_not_have_is_refused_whole",),
    ),
    Mutation(
        "L12",
        "an app that is switched off takes orders",
        POLICY,
        "if app.state is AppState.off:",
        "if False:",
        (f"{TEST_PRICES}test_l12_what_a_member_may_not_have_is_refused_whole",),
    ),
    Mutation(
        "L12",
        "nobody asks whether an app can be used",
        ORDERS,
        "            check_access(catalog.app_access(uow, order.app.slug), standing.tier)\n",
        "",
        (f"{TEST_PRICES}test_l12_what_a_member_may_not_have_is_refused_whole",),
    ),
    Mutation(
        "L12",
        "the wish counts for nothing in its price",
        POLICY,
        "price = params.priced(model.price)",
        "price = model.price",
        (f"{TEST_SHOWN}test_l12_the_price_of_a_wish_follows_from_the_wish_and_the_registry_alone",),
    ),
    Mutation(
        "L12",
        "the form shows quota that another order has taken",
        SHOWN,
        "covered = min(count, standing.quota_left // price.quota)",
        "covered = min(count, standing.day.limit // price.quota)",
        (f"{TEST_SHOWN}test_l12_what_is_shown_is_what_the_submit_would_take",),
    ),
    Mutation(
        "L10",
        "a price of 0 is taken",
        POLICY,
        "and 1 <= number <= maximum",
        "and 0 <= number <= maximum",
        (f"{TEST_REGISTRY}test_l10_a_price_that_is_none_is_refused_and_changes_nothing",),
    ),
    Mutation(
        "T7",
        "anybody sets prices",
        REGISTRY,
        "if not actor.is_admin:",
        "if False:",
        (f"{TEST_REGISTRY}test_t7_nobody_but_an_admin_reads_or_changes_it",),
    ),
)
