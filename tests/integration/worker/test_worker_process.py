"""The worker as its own process: it delivers, it dies, it drains, it outlives Redis."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, text

from lumiku_web import bridge
from lumiku_web.adapters.queue_rq import QUEUE, OurJob
from lumiku_web.bootstrap import Services
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.generations import service as generations
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.schemas import FINAL
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.local_stack.services import EmbeddedServices
from lumiku_web.logs import correlated
from tests.factories.clockwork import end_lease
from tests.factories.house import House
from tests.factories.processes import WorkerProcess
from tests.factories.rows import all_rows, count_of
from tests.factories.waiting import wait_for
from tests.stub_provider.client import StubProvider

Start = Callable[[], WorkerProcess]


def row(item_id: UUID) -> GenerationItem:
    return next(item for item in all_rows(GenerationItem) if item.id == item_id)


def ended(item_id: UUID) -> bool:
    return row(item_id).status in FINAL


def flux(house: House, **facts: object) -> UUID:
    """An order for one picture of the stub provider."""
    return house.submit(house.member(plan="pro"), **{"model": "flux-schnell", **facts}).items[0].id


def test_an_order_is_drawn_stored_and_shown(house: House, services: Services, start_worker: Start) -> None:
    actor = house.member()
    made = house.submit(actor, count=2, model="illustrator")
    worker = start_worker()
    wait_for(lambda: all(ended(item.id) for item in made.items), what="both pictures")
    _, (order,) = bridge.run(generations.recent, actor)
    assert [item.status for item in order.items] == ["succeeded"] * 2
    for item in order.items:
        image = item.image
        assert image is not None
        assert (image.width_px, image.height_px, image.is_drawn) == (1024, 1024, True)
        assert image.recipe["seed"] == row(item.id).seed
        sizes = {variant: services.storage.size(image_key(actor.user_id, image.id, variant)) for variant in Variant}
        assert sizes[Variant.original] == image.size_bytes > sizes[Variant.thumb] > 0
    assert [(one.pid, one.concurrency) for one in services.queue.workers()] == [(worker.process.pid, 50)]
    assert len(worker.events("items.delivered")) == 2


def test_one_correlation_id_leads_from_the_click_to_the_provider(
    house: House, stub: StubProvider, start_worker: Start, services: Services
) -> None:
    with correlated("c0ffee0000000000"):
        item = flux(house)
    assert next(one for one in all_rows(Generation)).correlation_id == "c0ffee0000000000"
    worker = start_worker()
    wait_for(lambda: ended(item))
    wait_for(lambda: worker.events("items.delivered"))
    with Redis.from_url(services.settings.redis_url) as redis:
        assert OurJob.fetch(f"{item}-1", connection=redis, serializer=JSONSerializer).meta == {
            "correlation_id": "c0ffee0000000000"
        }
    (call,) = stub.calls()
    assert call.headers["x-request-id"] == "c0ffee0000000000"
    assert row(item).provider_request_id == "stub-1"
    told = [line for line in worker.lines() if line.get("item_id") == str(item)]
    assert {"items.started", "items.delivered"} <= {line["event"] for line in told}
    assert {line["correlation_id"] for line in told} == {"c0ffee0000000000"}
    assert all(line["process"] == "worker" for line in worker.lines())


def test_prompts_and_tokens_are_in_no_log(house: House, start_worker: Start, stub: StubProvider) -> None:
    stub.set("401", message="no: {authorization}")
    item = flux(house, params={"words": "my secret wish"})
    worker = start_worker()
    wait_for(lambda: ended(item))
    wait_for(lambda: worker.events("items.failed"))
    assert (row(item).status, row(item).failure) == ("failed", "provider_misconfigured")
    assert "hf_test" not in str(worker.lines())
    assert "secret wish" not in str(worker.lines())


def test_keys_prompts_and_signed_addresses_of_the_second_service_are_in_no_log(
    house: House, start_worker: Start, stub: StubProvider
) -> None:
    answers = {
        "403": "provider_misconfigured",
        "422": "provider_refused",
        "content_moderated": "picture_moderated",
        "success": "",
    }
    for scenario in answers:
        stub.set(scenario, message="no: {authorization}")
    order = house.submit(house.member(plan="pro"), count=4, model="flux-2-pro", params={"words": "my secret wish"})
    worker = start_worker()
    wait_for(lambda: all(ended(item.id) for item in order.items))
    wait_for(lambda: len(worker.events("items.failed")) == 3)
    assert {row(item.id).failure for item in order.items} == set(answers.values())
    for secret in ("bfl_test", "secret wish", "sig=secret"):
        assert secret not in str(worker.lines())


def test_q1_a_worker_killed_in_mid_call_loses_nothing(house: House, start_worker: Start, stub: StubProvider) -> None:
    stub.set("slow")
    item = flux(house)
    first = start_worker()
    stub.wait_for_open(1)
    second = start_worker()
    first.signal(signal.SIGKILL)
    first.wait_for_end()
    wait_for(lambda: ended(item), within_seconds=120, what="the second worker has taken over, when the lease was over")
    wait_for(lambda: second.events("items.delivered"))
    assert (row(item).status, row(item).attempt, count_of(Image)) == ("succeeded", 2, 1)
    assert stub.total() == 2


def test_q1_a_worker_that_wakes_up_too_late_can_not_deliver(house: House, start_worker: Start, stub: StubProvider) -> None:
    stub.set("success", is_held=True)
    item = flux(house)
    first = start_worker()
    stub.wait_for_open(1)
    first.signal(signal.SIGSTOP)
    second = start_worker()
    end_lease(item)
    wait_for(lambda: ended(item), what="the second worker has taken over")
    before = row(item)
    stub.release()
    first.signal(signal.SIGCONT)
    wait_for(lambda: first.events("items.fenced"), what="the first worker has seen that it came too late")
    assert row(item) == before
    assert (before.status, count_of(Image)) == ("succeeded", 1)
    wait_for(lambda: second.events("items.delivered"))
    assert first.events("items.delivered") == []


def test_q3_a_worker_killed_while_the_provider_works_costs_no_second_request(
    house: House, start_worker: Start, stub: StubProvider
) -> None:
    stub.set("success", is_unready=True)
    item = flux(house, model="flux-2-pro")
    first = start_worker()
    wait_for(lambda: stub.told("polls"), what="it was accepted, and is asked for")
    first.signal(signal.SIGKILL)
    first.wait_for_end()
    assert (row(item).status, row(item).attempt) == ("running", 1)
    assert row(item).provider_ticket
    second = start_worker()
    end_lease(item)
    stub.release()
    wait_for(lambda: ended(item), what="the second worker has taken over")
    wait_for(lambda: second.events("items.delivered"))
    delivered = row(item)
    assert (delivered.status, delivered.attempt, count_of(Image)) == ("succeeded", 2, 1)
    assert (stub.total(), stub.told("accepted"), stub.told("downloads")) == (1, 1, 1)
    assert delivered.provider_request_id in delivered.provider_ticket
    assert delivered.provider_cost_microusd == 25_000


def test_q3_what_is_given_back_while_the_provider_works_is_not_ordered_again(
    house: House, start_worker: Start, stub: StubProvider
) -> None:
    stub.set("success", is_unready=True)
    item = flux(house, model="flux-2-pro")
    worker = start_worker()
    wait_for(lambda: stub.told("polls"), what="it was accepted, and is asked for")
    worker.signal(signal.SIGTERM)
    asked = time.monotonic()
    wait_for(lambda: worker.events("worker.stopping"), what="the first signal was heard")
    wait_for(lambda: time.monotonic() - asked > 1.5, what="what comes within a second counts as the same signal")
    worker.signal(signal.SIGTERM)
    worker.wait_for_end()
    stub.release()
    start_worker()
    wait_for(lambda: ended(item))
    assert (row(item).status, row(item).attempt, stub.told("accepted")) == ("succeeded", 1, 1)


def test_sigterm_finishes_what_runs_and_takes_nothing_new(house: House, start_worker: Start, stub: StubProvider) -> None:
    stub.set("success", is_held=True)
    running = flux(house)
    worker = start_worker()
    stub.wait_for_open(1)
    worker.signal(signal.SIGTERM)
    wait_for(lambda: worker.events("worker.stopping"))
    waiting = flux(house)
    stub.release()
    assert worker.wait_for_end() == 0
    assert row(running).status == "succeeded"
    assert (row(waiting).status, row(waiting).attempt) == ("queued", 0)
    assert len(worker.events("worker.stopped")) == 1


def test_q7_a_second_sigterm_gives_running_work_back(
    house: House, services: Services, start_worker: Start, stub: StubProvider
) -> None:
    stub.set("slow")
    item = flux(house)
    worker = start_worker()
    stub.wait_for_open(1)

    worker.signal(signal.SIGTERM)
    asked = time.monotonic()
    wait_for(lambda: worker.events("worker.stopping"), what="the first signal was heard")
    wait_for(lambda: time.monotonic() - asked > 1.5, what="what comes within a second counts as the same signal")
    worker.signal(signal.SIGTERM)
    assert worker.wait_for_end() == 0
    assert len(worker.events("worker.giving_back")) == 1
    given = row(item)
    assert (given.status, given.attempt, given.dispatch, given.lease_until) == ("queued", 0, 2, None)
    assert services.queue.is_alive(item, 2)
    start_worker()
    wait_for(lambda: ended(item))
    assert (row(item).status, row(item).attempt) == ("succeeded", 1)


def test_a_job_with_another_function_is_refused_and_hurts_nobody(
    house: House, services: Services, start_worker: Start, tmp_path: Path
) -> None:
    start_worker()
    mark = tmp_path / "was-here"
    with Redis.from_url(services.settings.redis_url) as redis:
        queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
        bad = queue.enqueue("os.system", f"touch {mark}")
        wait_for(lambda: bad.id in queue.failed_job_registry.get_job_ids(), what="the job was refused")
        assert "not a task of Lumiku" in str(bad.latest_result().exc_string)
    assert not mark.exists()
    item = flux(house)
    wait_for(lambda: ended(item))
    assert row(item).status == "succeeded"


def test_q2_a_worker_outlives_a_restart_of_redis(
    house: House, services: Services, start_worker: Start, stub: StubProvider, stack: EmbeddedServices
) -> None:
    stub.set("slow", delay_seconds=2.0)
    in_flight = flux(house)
    worker = start_worker()
    stub.wait_for_open(1)
    stack.redis.stop()
    try:
        ordered_meanwhile = flux(house, model="flux-schnell")
        wait_for(lambda: ended(in_flight), what="what was in flight is delivered without Redis")
        wait_for(lambda: worker.events("dispatcher.waiting") or worker.events("worker.redis_away"), what="it has noticed")
    finally:
        stack.redis.start()
    wait_for(lambda: ended(ordered_meanwhile), within_seconds=120, what="what was ordered without Redis")
    assert worker.process.poll() is None
    assert [row(item).status for item in (in_flight, ordered_meanwhile)] == ["succeeded"] * 2
    assert count_of(Image) == 2
    wait_for(lambda: len(services.queue.workers()) == 1, what="registered again")


def test_q5_an_answer_after_the_deadline_is_neither_kept_nor_charged(
    house: House, start_worker: Start, stub: StubProvider, owner_engine: Engine
) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("UPDATE model_routes SET deadline_seconds = 1"))
    stub.set("slow", delay_seconds=1.5)
    item = flux(house)
    worker = start_worker()
    failed = wait_for(lambda: next((one for one in [row(item)] if one.failure), None))
    assert (failed.status, failed.failure, count_of(Image)) == ("queued", "provider_timeout", 0)
    wait_for(lambda: stub.open_calls() == 0, what="the call was given up at the provider too")
    assert worker.events("items.delivered") == []


def test_a_picture_of_nearly_the_size_is_kept_as_it_is(house: House, start_worker: Start, stub: StubProvider) -> None:
    stub.set("other_size", width=1024 - 63, height=1024 + 63)
    item = flux(house)
    start_worker()
    wait_for(lambda: ended(item))
    (image,) = all_rows(Image)
    assert (row(item).status, image.width_px, image.height_px) == ("succeeded", 961, 1087)


def test_q5_every_answer_of_a_provider_has_its_named_outcome(house: House, start_worker: Start) -> None:
    """The words of the order choose what the stub answers. What makes a route rest comes last, each on a route of its own."""
    resting = {"[[429 retry_after=40]]": ("provider_busy", "flux-schnell"), "[[loading]]": ("model_loading", "flux-dev")}
    put_back = {
        "[[500]]": "provider_failed",
        "[[disconnect]]": "provider_unreachable",
        "[[truncated]]": "result_truncated",
    }
    failed = {
        "[[402]]": "provider_out_of_credit",
        "[[html]]": "result_unreadable",
        "[[not_an_image]]": "result_unreadable",
        "[[huge]]": "result_too_large",
        "[[redirect]]": "provider_redirected",
        "[[black]]": "result_blank",
        "[[other_size width=960 height=1024]]": "result_wrong_size",
    }
    items = {words: flux(house, params={"words": words}) for words in [*put_back, *failed]}
    worker = start_worker()
    wait_for(lambda: all(row(item).failure for item in items.values()), what="every answer has come")
    reasons = {line["item_id"]: line["reason"] for line in worker.events("items.put_back")}
    assert {words: reasons.get(str(items[words])) for words in put_back} == put_back
    outcomes = {words: (row(items[words]).status, row(items[words]).failure) for words in failed}
    assert outcomes == {words: ("failed", why) for words, why in failed.items()}
    rest = {words: flux(house, model=model, params={"words": words}) for words, (_, model) in resting.items()}
    wait_for(lambda: all(row(item).failure for item in rest.values()), what="both routes rest")
    assert {(row(item).status, row(item).failure) for item in rest.values()} == {("queued", why) for why, _ in resting.values()}
    waits = {row(item).failure: row(item).failure_facts for item in rest.values()}
    assert (waits["provider_busy"], waits["model_loading"]) == ({"seconds": 40}, {"seconds": 20})
