"""What failed is tried again: once, with the same wish, by the rules of today (L7, L12, T8)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import retry_key
from lumiku_web.domain.generations.schemas import GenerationRead, ItemStatus
from lumiku_web.errors import Conflict, InvalidInput, LimitReached, NotFound, Permanent
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of


def fail(house: House, *items: UUID) -> None:
    """A provider refuses these for good."""
    for item in items:
        bridge.run(house.services.leases.fail, house.claim(item), Permanent("provider_refused"))


async def half_failed(house: House, actor: Actor, **facts: object) -> GenerationRead:
    """An order of three that ended: the second came to be, the others failed."""
    made = house.submit(actor, count=3, seed=100, **facts)
    await house.hand_over()
    fail(house, made.items[0].id, made.items[2].id)
    assert house.deliver(house.claim(made.items[1].id))
    return made


def try_again(house: House, actor: Actor, order_id: UUID, item_id: UUID | None = None) -> GenerationRead:
    return bridge.run(house.services.generations.try_again, actor, order_id, item_id)


def shown(actor: Actor, order_id: UUID) -> GenerationRead:
    """The order as a page that opens now shows it."""
    return next(order for order in bridge.run(generations.recent, actor)[1] if order.id == order_id)


async def test_what_failed_is_ordered_again_with_its_own_seeds_and_words(house: House, services: Services) -> None:
    actor = house.member()
    old = await half_failed(
        house, actor, title="a baker at dawn", params={"words": "a baker at dawn", "looks": {"gender": "female"}}
    )
    made = try_again(house, actor, old.id)
    rows = {row.id: row for row in all_rows(Generation)}
    first, again = rows[old.id], rows[made.id]
    for fact in ("user_id", "project_id", "app", "kind", "params", "title", "model"):
        assert getattr(again, fact) == getattr(first, fact), fact
    assert again.count == 2
    seeds = {row.id: row.seed for row in all_rows(GenerationItem)}
    assert [seeds[item.id] for item in made.items] == [100, 102]
    assert [item.status for item in made.items] == [ItemStatus.queued] * 2
    assert await house.hand_over() == 2
    assert all(services.queue.is_alive(item.id, 1) for item in made.items)


async def test_l7_fifty_parallel_retries_are_one_order_with_one_answer(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: try_again(house, actor, old.id), range(50)))
    assert {answer.id for answer in answers} == {answers[0].id}
    assert {tuple(item.id for item in answer.items) for answer in answers} == {tuple(item.id for item in answers[0].items)}
    assert (count_of(Generation), count_of(GenerationItem)) == (2, 5)


async def test_l7_a_retry_asked_for_again_finds_its_order_whatever_became_of_it(house: House, owner_engine: Engine) -> None:
    """After a lost answer: also when it has failed meanwhile, when its model is switched off, and when its app has gone."""
    actor = house.member()
    old = await half_failed(house, actor)
    made = try_again(house, actor, old.id)
    await house.hand_over()
    fail(house, *(item.id for item in made.items))
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE image_models SET is_enabled = false"))
    without = replace(house.services.generations, apps={})
    assert try_again(house, actor, old.id).id == bridge.run(without.try_again, actor, old.id).id == made.id
    assert count_of(Generation) == 2


async def test_what_fails_again_is_tried_again_from_its_own_order(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    second = try_again(house, actor, old.id)
    await house.hand_over()
    fail(house, second.items[0].id)
    assert house.deliver(house.claim(second.items[1].id))
    third = try_again(house, actor, second.id)
    assert third.id not in {old.id, second.id}
    seeds = {row.id: row.seed for row in all_rows(GenerationItem)}
    assert [seeds[item.id] for item in third.items] == [100]


async def test_an_order_says_what_can_be_tried_again_until_it_was(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    assert (shown(actor, old.id).failed, shown(actor, old.id).left_to_try) == (2, 2)
    before = bridge.run(generations.recent, actor)[0]
    made = try_again(house, actor, old.id)
    assert (shown(actor, old.id).failed, shown(actor, old.id).left_to_try) == (2, 0)
    (news,) = bridge.run(generations.feed, {actor.user_id: before})
    assert {order.id: order.left_to_try for order in news.orders} == {old.id: 0, made.id: 0}


async def test_an_order_of_somebody_else_under_the_same_key_is_no_retry(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    old = await half_failed(house, ada)
    house.submit(eve, house.order(house.project(eve).id, key=retry_key(old.id)))
    house.submit(eve, house.order(house.project(eve).id, key=retry_key(old.items[0].id)))
    assert shown(ada, old.id).left_to_try == 2
    assert try_again(house, ada, old.id).user_id == ada.user_id


async def test_t8_nobody_tries_somebody_elses_order_again(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hers = await half_failed(house, ada)
    with pytest.raises(NotFound) as refused:
        try_again(house, eve, hers.id)
    with pytest.raises(NotFound) as nowhere:
        try_again(house, eve, new_id())
    assert (refused.value.key, refused.value.facts) == (nowhere.value.key, nowhere.value.facts) == ("order_not_found", {})
    assert count_of(Generation) == 1


async def test_what_still_runs_is_not_tried_again(house: House) -> None:
    actor = house.member()
    made = house.submit(actor, count=2)
    await house.hand_over()
    fail(house, made.items[0].id)
    with pytest.raises(Conflict) as refused:
        try_again(house, actor, made.id)
    assert refused.value.key == "order_running"
    assert count_of(Generation) == 1


async def test_what_succeeded_is_not_tried_again(house: House) -> None:
    actor = house.member()
    made = house.submit(actor)
    await house.hand_over()
    assert house.deliver(house.claim(made.items[0].id))
    with pytest.raises(Conflict) as refused:
        try_again(house, actor, made.id)
    assert refused.value.key == "nothing_failed"


async def test_l12_a_retry_is_an_order_of_today(house: House, owner_engine: Engine) -> None:
    actor = house.member()
    old, other = await half_failed(house, actor), await half_failed(house, actor)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE image_models SET credits_price = 3, title = 'Illustrator 2'"))
    again = try_again(house, actor, old.id)
    prices = {row.id: row.credits_price for row in all_rows(Generation)}
    assert (prices[old.id], prices[again.id], again.model_title) == (1, 3, "Illustrator 2")
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE image_models SET is_enabled = false"))
    with pytest.raises(InvalidInput) as refused:
        try_again(house, actor, other.id)
    assert refused.value.key == "model_not_usable"
    assert shown(actor, other.id).left_to_try == 2


async def test_an_order_that_its_app_does_not_understand_any_more_is_refused(house: House, services: Services) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    without = replace(services.generations, apps={})
    with pytest.raises(Conflict) as refused:
        bridge.run(without.try_again, actor, old.id)
    assert refused.value.key == "order_outdated"
    assert count_of(Generation) == 1


async def test_u7_a_retry_needs_room_like_any_order(house: House, services: Services) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    full = replace(services.generations, storage_limit_bytes=1)
    with pytest.raises(LimitReached) as refused:
        bridge.run(full.try_again, actor, old.id)
    assert refused.value.key == "storage_limit"
    assert shown(actor, old.id).left_to_try == 2
    assert try_again(house, actor, old.id).is_running


# --- one picture ---


def seeds_of(order: GenerationRead) -> list[int]:
    seeds = {row.id: row.seed for row in all_rows(GenerationItem)}
    return [seeds[item.id] for item in order.items]


async def test_l7_one_picture_is_tried_again_alone_and_the_others_without_it(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    alone = try_again(house, actor, old.id, old.items[2].id)
    assert seeds_of(alone) == [102]
    assert [item.is_tried_again for item in shown(actor, old.id).items] == [False, False, True]
    rest = try_again(house, actor, old.id)
    assert seeds_of(rest) == [100]
    assert [item.is_tried_again for item in shown(actor, old.id).items] == [True, False, True]
    for _ in range(2):
        assert try_again(house, actor, old.id, old.items[2].id).id == alone.id
        assert try_again(house, actor, old.id).id == try_again(house, actor, old.id, old.items[0].id).id == rest.id
    assert count_of(Generation) == 3


async def test_l7_what_was_tried_again_with_all_others_is_not_tried_again_alone(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    together = try_again(house, actor, old.id)
    assert {try_again(house, actor, old.id, old.items[place].id).id for place in (0, 2)} == {together.id}
    assert count_of(Generation) == 2


async def test_l7_where_each_was_tried_again_alone_nothing_is_left_for_the_order(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    alone = {try_again(house, actor, old.id, old.items[place].id).id for place in (0, 2)}
    assert shown(actor, old.id).left_to_try == 0
    assert try_again(house, actor, old.id).id in alone
    assert count_of(Generation) == 3


async def test_l7_all_buttons_of_a_card_pressed_at_once_try_each_picture_once(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    pressed = [None, old.items[0].id, old.items[2].id] * 8
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(lambda item_id: try_again(house, actor, old.id, item_id), pressed))
    made = {answer.id: answer for answer in answers}
    assert sorted(seed for order in made.values() for seed in seeds_of(order)) == [100, 102]
    assert count_of(Generation) == 1 + len(made)


async def test_one_picture_is_tried_again_while_the_others_still_run(house: House) -> None:
    actor = house.member()
    old = house.submit(actor, count=3, seed=100)
    await house.hand_over()
    fail(house, old.items[1].id)
    before = bridge.run(generations.recent, actor)[0]
    made = try_again(house, actor, old.id, old.items[1].id)
    assert seeds_of(made) == [101]
    (news,) = bridge.run(generations.feed, {actor.user_id: before})
    assert {order.id: [item.is_tried_again for item in order.items] for order in news.orders} == {
        old.id: [False, True, False],
        made.id: [False],
    }
    fail(house, old.items[0].id, old.items[2].id)
    assert seeds_of(try_again(house, actor, old.id)) == [100, 102]


async def test_one_picture_that_did_not_fail_is_not_tried_again(house: House) -> None:
    actor = house.member()
    old = await half_failed(house, actor)
    running = house.submit(actor, count=2)
    bridge.run(house.services.leases.cancel, actor, running.id, running.items[0].id)
    for order, item in ((old, old.items[1]), (running, running.items[0]), (running, running.items[1])):
        with pytest.raises(Conflict) as refused:
            try_again(house, actor, order.id, item.id)
        assert refused.value.key == "nothing_failed"
    assert count_of(Generation) == 2


async def test_t8_nobody_tries_a_picture_of_somebody_else_again(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hers, another, his = await half_failed(house, ada), await half_failed(house, ada), await half_failed(house, eve)
    asked = [
        (eve, hers.id, hers.items[0].id),
        (eve, his.id, hers.items[0].id),
        (ada, hers.id, another.items[0].id),
        (ada, hers.id, new_id()),
    ]
    for actor, order_id, item_id in asked:
        with pytest.raises(NotFound) as refused:
            try_again(house, actor, order_id, item_id)
        assert (refused.value.key, refused.value.facts) == ("order_not_found", {})
    assert count_of(Generation) == 3
