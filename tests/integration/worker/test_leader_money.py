"""What the leader of the workers does about money, in a process of its own."""

from collections.abc import Callable
from datetime import timedelta

from lumiku_web import bridge
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.models import Subscription, SubscriptionChange
from tests.factories.house import House
from tests.factories.processes import WorkerProcess
from tests.factories.rows import all_rows
from tests.factories.waiting import wait_for


def test_the_leader_writes_down_what_time_did_to_a_plan(house: House, start_worker: Callable[[], WorkerProcess]) -> None:
    ada, end = house.member(), utc_now() - timedelta(days=10)

    def begin(uow: UnitOfWork) -> None:
        uow.session.add(
            Subscription(user_id=ada.user_id, plan_key="pro", period_start=end - timedelta(days=30), period_end=end, anchor_day=5)
        )

    bridge.run(begin)
    start_worker()
    wait_for(lambda: all_rows(Subscription)[0].status == "suspended", what="the suspension")
    assert [change.what for change in sorted(all_rows(SubscriptionChange), key=lambda row: row.id)] == ["grace", "suspended"]
