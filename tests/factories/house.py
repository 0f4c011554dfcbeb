"""People, projects and orders for tests: each with one call, every fact that matters as an argument."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import text

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor, NewAccount
from lumiku_web.domain.billing.models import BillingPreference, Subscription
from lumiku_web.domain.catalog.schemas import Params
from lumiku_web.domain.gallery.schemas import NewImage, Origin
from lumiku_web.domain.generations.dispatcher import Dispatcher
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.schemas import Claim, GenerationRead, Order, WorkerRead
from lumiku_web.domain.generations.turns import Turns
from lumiku_web.domain.leadership.repository import LeadershipRepository
from lumiku_web.domain.leadership.service import Term
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.ids import new_id
from tests.factories.pictures import prepared

PORTRAIT = Path(__file__).parents[1] / "data" / "portrait.png"

_numbers = count(1)
_LEADER = new_id()


class _QueueWithRoom:
    """The queue, with one worker that has room for `concurrency` items."""

    def __init__(self, queue: JobQueue, concurrency: int) -> None:
        self._queue, self._concurrency = queue, concurrency

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    def workers(self) -> list[WorkerRead]:
        return [WorkerRead("test", "here", 1, 0, self._concurrency, 0, None, None, 0.0, "idle")]


@dataclass(frozen=True)
class House:
    """Makes what a test needs by the same use cases that the product calls."""

    services: Services

    def sign_in(self, *, name: str = "Ada") -> tuple[Actor, str]:
        """A new member and the secret of a session. The first one of a test is the admin."""
        account = NewAccount(f"{name.lower()}{next(_numbers)}@example.test", name, "")
        accounts = self.services.accounts
        user_id = bridge.run(accounts.sign_up, account, "", language="en")
        secret = bridge.run(accounts.open_session, user_id, user_agent="test")
        return bridge.run(accounts.actor, secret), secret

    def member(self, *, name: str = "Ada", plan: str = "") -> Actor:
        """A new member, who pays as they go, or has this plan."""
        actor = self.sign_in(name=name)[0]
        if plan:
            self.subscribe(actor, plan)
        return actor

    def subscribe(self, actor: Actor, plan_key: str, *, uses_credits: bool = False) -> None:
        """Give this member a plan for a month from now. For tests that are about something else."""
        now = utc_now()

        def give(uow: UnitOfWork) -> None:
            uow.session.add(
                Subscription(user_id=actor.user_id, plan_key=plan_key, period_start=now, period_end=now + timedelta(days=31))
            )
            uow.session.add(BillingPreference(user_id=actor.user_id, uses_credits=uses_credits))

        bridge.run(give)

    def project(self, actor: Actor, name: str = "Studio") -> ProjectRead:
        """A new project of this member."""
        return bridge.run(projects.create, actor, name, project_id=new_id())

    def order(self, project_id: UUID, **facts: object) -> Order:
        """An order for the Avatar Creator that nobody has submitted yet."""
        app = self.services.apps["avatar-creator"]
        kind = app.kinds[0]
        params: Params = kind.params.model_validate(facts.pop("params", {"words": "a baker"}))
        known: dict[str, object] = {
            "key": new_id(),
            "project_id": project_id,
            "app": app,
            "kind": kind,
            "params": params,
            "title": "a baker",
            "count": 1,
            "seed": 7,
            "model": "illustrator",
        }
        return Order(**{**known, **facts})  # pyright: ignore[reportArgumentType]  (the caller knows its fields)

    def submit(self, actor: Actor, order: Order | None = None, **facts: object) -> GenerationRead:
        """Submit an order, by default for one picture in a new project."""
        wanted = order or self.order(self.project(actor).id, **facts)
        return bridge.run(self.services.generations.submit, actor, wanted)

    async def hand_over(self, *, capacity: int = 50, turns: Turns | None = None) -> int:
        """Let the dispatcher look once, for workers that hold so many items. Returns how many went to RQ."""
        return await self.dispatcher(capacity=capacity, turns=turns).once(self.term())

    def dispatcher(self, *, capacity: int = 50, turns: Turns | None = None) -> Dispatcher:
        """A dispatcher, for workers that hold so many items."""
        queue = _QueueWithRoom(self.services.queue, capacity)
        return Dispatcher(bridge.call, cast("JobQueue", queue), self.services.settings.member_running_limit, turns or Turns())

    def term(self, holder: UUID = _LEADER) -> Term:
        """The term of a leader whom nobody replaces within an hour."""
        number = bridge.run(lambda uow: LeadershipRepository(uow.session).acquire("turns", holder, timedelta(hours=1)))
        assert number is not None
        return Term("turns", holder, number)

    def multiply(self, item_id: UUID, number: int) -> None:
        """As if its order had been for so many pictures more, of the same age. Faster than ordering them, for tests of crowds."""
        copies = text(
            "INSERT INTO generation_items SELECT (jsonb_populate_record(i, jsonb_build_object("
            " 'id', left(i.id::text, 28) || lpad(to_hex(n), 8, '0'), 'position', 100 + n))).*"
            " FROM generation_items i, generate_series(1, :number) n WHERE i.id = :id"
        )
        bridge.run(lambda uow: uow.session.execute(copies, {"id": item_id, "number": number}))

    def dispatch(self, item_id: UUID) -> UUID:
        """Take the item back if its worker is lost, and hand over whatever waits; returns the item."""
        bridge.run(self.services.leases.repair, [item_id])
        bridge.run(self.dispatcher().hand_over, self.term(), 50)
        return item_id

    def claim(self, item_id: UUID) -> Claim:
        """Claim an item as a worker would; sweeper and dispatcher look before."""
        self.dispatch(item_id)
        claim = bridge.run(self.services.leases.claim, item_id)
        assert claim is not None
        return claim

    def photo(self, actor: Actor, project_id: UUID, title: str = "beach") -> UUID:
        """A photograph that was uploaded, each time as if from another file."""
        uploads = self.services.uploads
        new = NewImage(new_id(), actor.user_id, project_id, Origin.uploaded, title, source_sha256=new_id().hex)
        with PORTRAIT.open("rb") as file:
            made = uploads.prepare(file, lambda _: None)
        bridge.run(uploads.recognise, actor, new)
        uploads.store(new, made)
        return bridge.run(uploads.keep, actor, new, made).id

    def deliver(
        self, claim: Claim, *, recipe: Mapping[str, object] | None = None, request_id: str = "", leases: Leases | None = None
    ) -> bool:
        """Bring the item to its end with a picture, as a worker would; False if its lease was lost."""
        leases = leases or self.services.leases
        bridge.run(leases.about_to_store, claim)
        return bridge.run(leases.deliver, claim, prepared(), recipe=recipe or {}, request_id=request_id)
