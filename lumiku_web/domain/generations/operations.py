"""What an admin does to the work of others: pause, bound, cancel, hurry, try again. Every act is checked here, and audited."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.generations import reading
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.models import Generation
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository
from lumiku_web.domain.generations.schemas import GenerationRead, ItemStatus
from lumiku_web.domain.generations.service import Generations
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.errors import Conflict, InvalidInput, NotFound, NotPermitted

#: The most that a route may be bounded to: a greater number is a slip of the hand.
LIMIT_MAX: Final = 1000


@dataclass(frozen=True)
class Operations:
    """The use cases of an admin. All join the caller's transaction; all raise NotPermitted for anybody else."""

    generations: Generations
    leases: Leases

    def pause(self, uow: UnitOfWork, actor: Actor, key: str) -> None:
        """Begin nothing more by this route, or by any (`EVERYTHING`); what runs goes on. Twice is once. Raises: NotFound."""
        self._check(uow, actor, key)
        routes.pause(uow, key)
        audit.record(uow, actor.user_id, Action.route_paused, route=key)

    def resume(self, uow: UnitOfWork, actor: Actor, key: str) -> None:
        """The end of a pause, an admin's or a provider's; the dispatcher is woken after the commit. Raises: NotFound."""
        self._check(uow, actor, key)
        routes.resume(uow, key)
        audit.record(uow, actor.user_id, Action.route_resumed, route=key)
        uow.after_commit(self.generations.queue.wake)

    def limit(self, uow: UnitOfWork, actor: Actor, key: str, concurrency: int | None) -> None:
        """Bound what is in flight by this route, from 1 to `LIMIT_MAX`; None: no bound.

        Raises: NotFound, InvalidInput(`route_limit_out_of_range`).
        """
        self._check(uow, actor, key)
        if key == EVERYTHING:
            raise NotFound("route_not_found")
        if concurrency is not None and not 1 <= concurrency <= LIMIT_MAX:
            raise InvalidInput("route_limit_out_of_range", field="limit", maximum=LIMIT_MAX)
        routes.limit(uow, key, concurrency)
        audit.record(uow, actor.user_id, Action.route_limited, route=key, limit=concurrency)
        uow.after_commit(self.generations.queue.wake)

    def orders_of(self, uow: UnitOfWork, actor: Actor, user_id: UUID, *, limit: int = 10) -> list[GenerationRead]:
        """The last orders of one member, newest first."""
        _admins_only(actor)
        return reading.orders(uow, GenerationRepository(uow.session).newest_ids(user_id, limit=limit))

    def cancel(self, uow: UnitOfWork, actor: Actor, generation_id: UUID, item_id: UUID | None = None) -> None:
        """End what has not ended of anybody's order, or this item of it, as its member could. Raises: NotFound."""
        _admins_only(actor)
        self.leases.cancel_by(uow, _order(uow, generation_id), actor.user_id, item_id)

    def cancel_item(self, uow: UnitOfWork, actor: Actor, item_id: UUID) -> None:
        """The same of one item, by its own id. Raises: NotFound."""
        _admins_only(actor)
        item = ItemRepository(uow.session).find(item_id)
        if item is None:
            raise NotFound("order_not_found")
        self.cancel(uow, actor, item.generation_id, item.id)

    def hurry(self, uow: UnitOfWork, actor: Actor, item_id: UUID) -> None:
        """Forget what this item waits for after a failure: its turn may come now. It passes nobody who waits for a turn.

        Locks the item's row, then the member's sequence. Raises: NotFound, Conflict(`item_not_waiting`).
        """
        _admins_only(actor)
        held = ItemRepository(uow.session).locked(item_id)
        if held is None:
            raise NotFound("order_not_found")
        item = held.item
        if item.status != ItemStatus.queued:
            raise Conflict("item_not_waiting")
        item.not_before_at, item.failure, item.failure_facts = None, "", {}
        audit.record(uow, actor.user_id, Action.item_hurried, item.id)
        item.changed_sequence = record_change(uow, self.leases.doorbell, item.user_id)
        uow.after_commit(self.generations.queue.wake)

    def try_again(self, uow: UnitOfWork, actor: Actor, generation_id: UUID) -> GenerationRead:
        """Order what failed of this order once more, in its member's name and on the house.

        The price of what failed was released, so the new order's is 0. It is the one retry that `Generations.try_again` allows:
        asked again, by whomever, its order is found. Raises: NotFound, and what that raises.
        """
        _admins_only(actor)
        order = _order(uow, generation_id)
        member = replace(actor, user_id=order.user_id)  # whose project and pictures these are
        return self.generations.try_again(uow, member, order.id, given_by=actor.user_id)

    def _check(self, uow: UnitOfWork, actor: Actor, key: str) -> None:
        """An admin, and a route that exists, or has something to do yet."""
        _admins_only(actor)
        if key == EVERYTHING or key in catalog.route_keys(uow, self.generations.providers) or key in routes.states(uow):
            return
        if key not in {some.route for some in ItemRepository(uow.session).active()}:
            raise NotFound("route_not_found")


def _admins_only(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotPermitted


def _order(uow: UnitOfWork, generation_id: UUID) -> Generation:
    order = GenerationRepository(uow.session).find(generation_id)
    if order is None:
        raise NotFound("order_not_found")
    return order
