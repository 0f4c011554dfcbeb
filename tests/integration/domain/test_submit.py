"""Orders: taken once, frozen as they were taken, and only into one's own projects."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.schemas import ItemStatus
from lumiku_web.errors import Conflict, InvalidInput, NotFound
from lumiku_web.ids import new_id
from lumiku_web.logs import correlated
from tests.factories.at_once import at_once
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of


def test_l7_one_key_in_fifty_parallel_requests_is_one_order_with_one_answer(house: House) -> None:
    actor = house.member()
    order = house.order(house.project(actor).id, count=3)
    answers = at_once(lambda _: house.submit(actor, order), range(50))
    assert {answer.id for answer in answers} == {answers[0].id}
    assert {tuple(item.id for item in answer.items) for answer in answers} == {tuple(item.id for item in answers[0].items)}
    assert (count_of(Generation), count_of(GenerationItem)) == (1, 3)
    submitted = [event for event in all_rows(AuditEvent) if event.action == "generation_submitted"]
    assert len(submitted) == 1


def test_l7_the_same_key_with_another_wish_is_refused_and_changes_nothing(house: House) -> None:
    actor = house.member()
    order = house.order(house.project(actor).id)
    first = house.submit(actor, order)
    with pytest.raises(Conflict) as refused:
        house.submit(actor, replace(order, seed=order.seed + 1))
    assert refused.value.key == "key_reused"
    assert house.submit(actor, order).id == first.id
    assert count_of(Generation) == 1


def test_l7_fifty_parallel_requests_of_two_wishes_under_one_key_keep_one(house: House) -> None:
    actor = house.member()
    one = house.order(house.project(actor).id)
    other = replace(one, seed=99)
    answers = at_once(lambda order: house.submit(actor, order).id, [one, other] * 25)
    assert count_of(Generation) == 1
    assert len(set(answers)) == 2
    assert answers.count("key_reused") == 25


def test_l7_a_click_repeated_after_the_model_was_switched_off_finds_its_order(house: House, owner_engine: Engine) -> None:
    actor = house.member()
    order = house.order(house.project(actor).id, model="")
    first = house.submit(actor, order)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE image_models SET is_enabled = false WHERE key = 'illustrator'"))
    assert house.submit(actor, order).id == first.id
    with pytest.raises(InvalidInput) as refused:
        house.submit(actor, replace(order, key=new_id()))
    assert refused.value.key == "model_not_usable"


def test_l7_keys_of_two_members_do_not_meet(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    key = new_id()
    hers = house.submit(ada, house.order(house.project(ada).id, key=key))
    others = house.submit(eve, house.order(house.project(eve).id, key=key))
    assert hers.id != others.id
    assert others.user_id == eve.user_id


def test_l12_the_terms_are_those_of_the_moment_of_the_click(house: House, owner_engine: Engine) -> None:
    actor = house.member()
    made = house.submit(actor)
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE image_models SET title = 'X', credits_price = 99, width_px = 64"))
        connection.execute(text("UPDATE model_routes SET deadline_seconds = 1, provider_model = 'x'"))
    claim = house.claim(made.items[0].id)
    terms = (claim.model.title, claim.model.credits_price, claim.model.width_px, claim.model.provider_model)
    assert terms == ("Illustrator", 1, 1024, "dicebear")
    assert claim.model.deadline_seconds == 30
    (row,) = all_rows(Generation)
    assert (row.credits_price, row.quota_price, row.model_key) == (1, 1, "illustrator")


def test_t8_nobody_orders_into_somebody_elses_project(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    hers = house.project(ada)
    with pytest.raises(NotFound) as refused:
        house.submit(eve, house.order(hers.id))
    with pytest.raises(NotFound) as nowhere:
        house.submit(eve, house.order(new_id()))
    assert (refused.value.key, refused.value.facts) == (nowhere.value.key, nowhere.value.facts)
    assert count_of(Generation) == 0


async def test_a_new_order_waits_whole_for_its_turn(house: House, services: Services) -> None:
    actor = house.member()
    with correlated("c0ffee"):
        made = house.submit(actor, count=4, seed=2**32 - 2)
    assert [item.status for item in made.items] == [ItemStatus.queued] * 4
    assert [item.position for item in made.items] == [0, 1, 2, 3]
    rows = {row.id: row for row in all_rows(GenerationItem)}
    assert [rows[item.id].seed for item in made.items] == [2**32 - 2, 2**32 - 1, 0, 1]
    assert made.correlation_id == "c0ffee"
    assert made.is_running
    assert services.queue.waiting() == 0
    assert await house.hand_over() == 4
    assert all(services.queue.is_alive(item.id, 1) for item in made.items)


def test_an_order_that_is_rolled_back_never_reaches_the_queue(house: House, services: Services) -> None:
    actor = house.member()
    order = house.order(house.project(actor).id)
    seen = []

    def submit_and_break(uow: object) -> None:
        made = services.generations.submit(uow, actor, order)  # pyright: ignore[reportArgumentType]  (on purpose)
        seen.append(made.items[0].id)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        bridge.run(submit_and_break)
    assert not services.queue.is_alive(seen[0], 1)
    assert count_of(Generation) == 0


def test_q1_what_waits_for_the_commit_finds_the_order_committed(house: House, services: Services) -> None:
    actor = house.member()
    order = house.order(house.project(actor).id)
    seen = []

    def submit(uow: UnitOfWork) -> None:
        services.generations.submit(uow, actor, order)
        uow.after_commit(lambda: seen.append(count_of(Generation)))

    bridge.run(submit)
    assert seen == [1]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("generations", "count = 0"),
        ("generations", "count = 9"),
        ("generations", "credits_price = -1"),
        ("generations", "credits_price = 0"),
        ("generations", "quota_price = 0"),
        ("generations", "model_key = 'flux-9'"),
        ("generation_items", "paid_with = 'promise'"),
        ("generations", "title = repeat('x', 301)"),
        ("generation_items", "status = 'lost'"),
        ("generation_items", "seed = -1"),
        ("generation_items", "seed = 4294967296"),
        ("generation_items", "status = 'running'"),
        ("generation_items", "lease_until = now()"),
        ("generation_items", "status = 'failed'"),
        ("image_models", "credits_price = -1"),
        ("image_models", "width_px = 0"),
        ("model_routes", "deadline_seconds = 0"),
    ],
)
def test_l10_the_database_itself_refuses_what_makes_no_sense(house: House, owner_engine: Engine, table: str, change: str) -> None:
    house.submit(house.member())
    with owner_engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"UPDATE {table} SET {change}"))  # noqa: S608 (our own tables)


def test_l10_the_database_itself_keeps_one_order_a_key(house: House, owner_engine: Engine) -> None:
    actor = house.member()
    one, other = house.submit(actor), house.submit(actor)
    same_key = "UPDATE generations SET request_key = (SELECT request_key FROM generations WHERE id = :other) WHERE id = :one"
    with owner_engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(same_key), {"one": one.id, "other": other.id})


@pytest.mark.parametrize("key", ["flux-9", "flux-dev", "photomaker-pro", "ILLUSTRATOR", " "])
def test_l10_a_model_that_there_is_not_or_that_nobody_reaches_is_refused(house: House, key: str) -> None:
    actor = house.member()
    with pytest.raises(InvalidInput) as refused:
        house.submit(actor, model=key)
    assert (refused.value.key, refused.value.field, count_of(Generation)) == ("model_not_usable", "model", 0)


def test_l10_the_database_itself_keeps_a_model_that_was_ordered(house: House, owner_engine: Engine) -> None:
    house.submit(house.member())
    with owner_engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("DELETE FROM image_models WHERE key = 'illustrator'"))


def test_feeds_show_the_order_to_its_owner_only(house: House) -> None:
    ada, eve = house.member(), house.member(name="Eve")
    made = house.submit(ada)
    assert [order.id for order in bridge.run(generations.recent, ada)[1]] == [made.id]
    assert bridge.run(generations.recent, eve)[1] == []
