"""Sums by day are those of the ledger, whenever a picture is delivered, and are read by app, model and member."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from lumiku_web import bridge
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.schemas import PaidWith, Price, Share, Standing, SubscriptionStatus, Window
from lumiku_web.domain.usage import reading
from lumiku_web.domain.usage import service as usage
from lumiku_web.domain.usage.models import UsageDay, UsageTotal
from lumiku_web.domain.usage.schemas import Measure, Period, Sums, UsageRead
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.midnight import at, plant_clock
from tests.factories.pictures import prepared
from tests.factories.rows import all_rows

MIDNIGHT = datetime(2028, 3, 1, tzinfo=UTC)
#: Around two midnights, of which one ends the February of a leap year.
MOMENTS = st.builds(
    lambda midnight, offset: midnight + offset,
    st.sampled_from([MIDNIGHT, MIDNIGHT - timedelta(days=1)]),
    st.one_of(
        st.sampled_from([timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1)]),
        st.timedeltas(timedelta(days=-1), timedelta(days=1)),
    ),
)


@dataclass(frozen=True)
class Delivery:
    """One picture, and the moment at which its delivery began."""

    member: int
    app: str
    model: str
    paid_with: PaidWith
    amount: int
    cost_microusd: int
    moment: datetime


DELIVERIES = st.builds(
    Delivery,
    member=st.integers(0, 2),
    app=st.sampled_from(["avatar-creator", "poses"]),
    model=st.sampled_from(["flux-dev", "illustrator"]),
    paid_with=st.sampled_from(list(PaidWith)),
    amount=st.integers(1, 40),
    cost_microusd=st.sampled_from([0, 1, 25_000]),
    moment=MOMENTS,
)

#: What the ledger says of each member and UTC day: credits captured, and what it cost.
LEDGER = text("""
    SELECT (e.created_at AT TIME ZONE 'UTC')::date, e.user_id,
        coalesce(sum(p.amount) FILTER (WHERE p.account = 'revenue'), 0),
        coalesce(sum(p.amount) FILTER (WHERE p.account = 'provider_cost'), 0)
    FROM ledger_events e JOIN ledger_postings p ON p.event_id = e.id
    WHERE e.kind IN ('capture', 'cost') GROUP BY 1, 2
""")


@pytest.fixture(autouse=True)
def clock(owner_engine: Engine) -> None:
    plant_clock(owner_engine)


def deliver_at(user_id: UUID, one: Delivery) -> None:
    """Held and captured as an order's only picture is, in one transaction that begins at its moment."""

    def held_and_delivered(uow: UnitOfWork) -> None:
        payments, order_id = Payments(), new_id()
        has_plan = one.paid_with is PaidWith.quota
        plan = next(plan for plan in billing.plans(uow) if plan.key == "pro") if has_plan else None
        status = SubscriptionStatus.active if has_plan else None
        room = Window(1_000_000)
        standing = Standing(user_id, available=one.amount, plan=plan, status=status, day=room, month=room, on=one.moment.date())
        given = one.paid_with is PaidWith.house
        held = payments.hold(uow, standing, order_id, Price(one.amount, one.amount), 1, is_given=given)
        assert held.paid_with == (one.paid_with,)
        share = Share(order_id, new_id(), user_id, one.paid_with, one.amount, held.on)
        payments.capture(uow, share, cost_microusd=one.cost_microusd)
        usage.record(uow, one.app, one.model, share, cost_microusd=one.cost_microusd)

    bridge.run(at(one.moment, held_and_delivered))


def by_ledger() -> dict[tuple[date, UUID], tuple[int, int]]:
    rows = bridge.run(lambda uow: uow.session.execute(LEDGER).all())
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in rows}


def by_day_and_member() -> dict[tuple[date, UUID], tuple[int, int]]:
    found: Counter[tuple[date, UUID, str]] = Counter()
    for row in all_rows(UsageDay):
        found[row.day, row.user_id, "credits"] += row.credits
        found[row.day, row.user_id, "cost"] += row.cost_microusd
    pairs = {(day, who): (found[day, who, "credits"], found[day, who, "cost"]) for day, who, _ in found}
    return {key: pair for key, pair in pairs.items() if pair != (0, 0)}


def by_place(table: type[SQLModel]) -> dict[tuple[object, ...], Counter[str]]:
    found: dict[tuple[object, ...], Counter[str]] = {}
    for row in all_rows(table):
        facts = row.model_dump()
        sums = found.setdefault((facts["day"], facts["app"], facts["model"]), Counter())
        sums.update({measure.value: facts[measure.value] for measure in Measure})
    return found


@pytest.fixture
def three(house: House) -> list[Actor]:
    return [house.member(name=name) for name in ("Ada", "Bob", "Eve")]


def test_l2_sums_by_day_are_what_was_captured_on_that_day(three: list[Actor]) -> None:
    """Whatever is delivered, in whatever order, on either side of midnight; and those of all are those of the members."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(DELIVERIES, min_size=1, max_size=12))
    def delivered(deliveries: list[Delivery]) -> None:
        for one in deliveries:
            deliver_at(three[one.member].user_id, one)
        assert by_day_and_member() == by_ledger()
        assert by_place(UsageTotal) == by_place(UsageDay)

    delivered()
    assert len({row.day for row in all_rows(UsageDay)}) >= 2


def test_a_picture_that_is_delivered_around_midnight_counts_on_the_day_of_its_capture(house: House, three: list[Actor]) -> None:
    """By the real end of an item, a moment before and at the first moment of a day."""
    ada = three[0]
    leases = house.services.leases
    for moment in (MIDNIGHT - timedelta(microseconds=1), MIDNIGHT):
        claim = house.claim(house.submit(ada).items[0].id)
        bridge.run(leases.about_to_store, claim)
        assert bridge.run(at(moment, leases.deliver), claim, prepared(), recipe={}, request_id="", cost_microusd=7)
    read = bridge.run(at(MIDNIGHT, reading.usage))
    assert [(cell.day, cell.sums) for cell in read.cells] == [
        (date(2028, 2, 29), Sums(1, 1, 0, 7)),
        (date(2028, 3, 1), Sums(1, 1, 0, 7)),
    ]
    assert by_day_and_member() == by_ledger()


@pytest.fixture
def filled(three: list[Actor]) -> list[Actor]:
    """A month of three members: Ada has the most pictures, Bob captured the most, Eve was long ago."""
    ada, bob, eve = (one.user_id for one in three)
    for user_id, one in (
        (ada, Delivery(0, "avatar-creator", "flux-dev", PaidWith.quota, 1, 25_000, MIDNIGHT)),
        (ada, Delivery(0, "avatar-creator", "flux-dev", PaidWith.quota, 1, 25_000, MIDNIGHT - timedelta(days=1))),
        (ada, Delivery(0, "poses", "illustrator", PaidWith.house, 1, 0, MIDNIGHT)),
        (bob, Delivery(1, "avatar-creator", "flux-2-pro", PaidWith.credits, 15, 50_000, MIDNIGHT - timedelta(days=29))),
        (eve, Delivery(2, "avatar-creator", "flux-2-pro", PaidWith.credits, 15, 50_000, MIDNIGHT - timedelta(days=30))),
    ):
        deliver_at(user_id, one)
    return three


def read(**asked: object) -> UsageRead:
    return bridge.run(at(MIDNIGHT, reading.usage), **asked)


def test_a_span_is_summed_by_day_app_model_and_member(filled: list[Actor]) -> None:
    found = read()
    assert (found.span.first, found.span.last, len(found.span.days)) == (date(2028, 2, 1), date(2028, 3, 1), 30)
    assert found.total == Sums(pictures=4, credits=15, quota=2, cost_microusd=100_000)
    assert found.total.credits_per_usd == 150
    assert found.by(lambda cell: cell.model) == {
        "flux-2-pro": Sums(1, 15, 0, 50_000),
        "flux-dev": Sums(2, 0, 2, 50_000),
        "illustrator": Sums(1, 0, 0, 0),
    }
    assert found.by(lambda cell: cell.app) == {"avatar-creator": Sums(3, 15, 2, 100_000), "poses": Sums(1, 0, 0, 0)}
    assert [(one.email, one.sums.pictures) for one in found.members] == [(filled[0].email, 3), (filled[1].email, 1)]
    assert (found.member_count, found.apps, found.models) == (
        2,
        ("avatar-creator", "poses"),
        ("flux-2-pro", "flux-dev", "illustrator"),
    )


def test_members_are_ranked_by_what_is_asked_for(filled: list[Actor]) -> None:
    assert [one.email for one in read(rank=Measure.credits).members] == [filled[1].email, filled[0].email]
    assert [one.email for one in read(rank=Measure.quota).members] == [filled[0].email, filled[1].email]


def test_an_app_a_model_and_a_member_can_be_looked_at_alone(filled: list[Actor]) -> None:
    poses = read(app="poses")
    assert (poses.total, [one.email for one in poses.members]) == (Sums(1, 0, 0, 0), [filled[0].email])
    assert poses.apps == ("avatar-creator", "poses"), "what else there is can still be chosen"
    assert read(model="flux-2-pro").total == Sums(1, 15, 0, 50_000)
    assert read(user_id=filled[0].user_id).total == Sums(3, 0, 2, 50_000)
    assert read(user_id=filled[0].user_id).models == ("flux-dev", "illustrator")
    nothing = read(app="poses", model="flux-dev")
    assert (nothing.total, nothing.members, nothing.member_count) == (Sums(), (), 0)


def test_the_span_before_and_the_month_are_whole_days(filled: list[Actor]) -> None:
    before = read(back=1)
    assert (before.span.first, before.span.last) == (date(2028, 1, 2), date(2028, 1, 31))
    assert before.total.pictures == 1
    assert read(period=Period.month).total.pictures == 2
    assert read(period=Period.month, back=1).span.days[-1] == date(2028, 2, 29)
    assert len(read(period=Period.days_90).span.days) == 90


def test_only_the_first_members_are_told_one_by_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MEMBER_LIMIT", 2)
    for number, member in enumerate(house.member() for _ in range(3)):
        for _ in range(number + 1):
            deliver_at(member.user_id, Delivery(0, "poses", "illustrator", PaidWith.house, 1, 0, MIDNIGHT))
    found = read()
    assert ([one.sums.pictures for one in found.members], found.member_count) == ([3, 2], 3)
