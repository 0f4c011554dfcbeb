"""The life of one item in a worker: claimed, then delivered, put back or failed.

Every end asks first whether this attempt still holds the item.

All functions lock the item's row first and number the change last, so that no two of them can wait for each other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.schemas import PaidWith, Share
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import NewImage, Origin, PreparedImage
from lumiku_web.domain.generations import reading
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import LEASE, STALE, WAIT_LIMIT, wait_before_retry
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository, Locked
from lumiku_web.domain.generations.schemas import FINAL, Claim, Fence, GenerationRead, ItemStatus, ModelTerms
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.domain.providers import service as routes
from lumiku_web.domain.providers.schemas import EVERYTHING
from lumiku_web.domain.storage import service as files
from lumiku_web.domain.usage import service as usage
from lumiku_web.errors import External, LumikuError, NotFound, Transient
from lumiku_web.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True)
class Leases:
    """Changes of an item, with the ports that they reach through."""

    queue: JobQueue
    doorbell: Doorbell
    payments: Payments

    def claim(self, uow: UnitOfWork, item_id: UUID) -> Claim | None:
        """Take the item for one attempt, or None: it is gone, has ended, runs, or waits for its turn.

        What was handed over before its route was paused or slowed goes back to where it waited. The lease lasts `policy.LEASE`;
        `renew` prolongs it, and only the sweeper takes it away.
        """
        locked = ItemRepository(uow.session).locked(item_id)
        if locked is None or not _is_handed_over(locked.item):
            return None
        item, generation = locked.item, locked.order
        if self._is_closed(uow, locked):
            self._to_its_turn(uow, item)
            return None
        item.status, item.attempt, item.lease_until = ItemStatus.running, item.attempt + 1, locked.now + LEASE
        item.started_at, item.not_before_at = locked.now, None
        self._changed(uow, item)
        model = ModelTerms.model_validate(generation.model)
        return Claim(
            item_id=item.id,
            attempt=item.attempt,
            dispatch=item.dispatch,
            user_id=item.user_id,
            project_id=generation.project_id,
            generation_id=generation.id,
            app=generation.app,
            kind=generation.kind,
            title=generation.title,
            params=generation.params,
            model=model,
            seed=item.seed,
            max_attempts=generation.max_attempts,
            timeout_seconds=generation.timeout_seconds,
            correlation_id=generation.correlation_id,
            ticket=_ticket(model, item.provider_ticket),
        )

    def accepted(self, uow: UnitOfWork, claim: Claim, ticket: str) -> bool:
        """Keep what the provider gave for the request that it has taken. False if the lease is no longer ours."""
        held = self._held(uow, claim)
        if held is None:
            return False
        held.item.provider_ticket = f"{claim.model.route}\n{ticket}"
        uow.session.flush()
        return True

    def renew(self, uow: UnitOfWork, leases: Mapping[UUID, Fence]) -> set[UUID]:
        """Prolong these leases; returns the items that are still held under them."""
        return ItemRepository(uow.session).renew(leases, LEASE)

    def about_to_store(self, uow: UnitOfWork, claim: Claim) -> bool:
        """Prolong the lease and reserve the picture's files. False if the lease is no longer ours. Raises: Unavailable."""
        if not self.renew(uow, {claim.item_id: claim.fence}):
            return False
        files.reserve(uow, claim.user_id, claim.item_id)
        return True

    def deliver(
        self,
        uow: UnitOfWork,
        claim: Claim,
        prepared: PreparedImage,
        *,
        recipe: Mapping[str, object],
        request_id: str,
        cost_microusd: int | None = None,
    ) -> bool:
        """The picture is stored: write its row, capture its price, end the item. False if the lease is no longer ours."""
        held = self._held(uow, claim)
        if held is None:
            return False
        item = held.item
        share = _share(held)
        self.payments.capture(uow, share, cost_microusd=cost_microusd or 0)
        usage.record(uow, held.order.app, held.order.model_key, share, cost_microusd=cost_microusd or 0)
        audit.record(uow, claim.user_id, Action.item_delivered, item.id, attempt=claim.attempt)
        routes.answered(uow, item.route)
        item.provider_request_id, item.provider_cost_microusd = request_id, cost_microusd
        self._end(uow, held, ItemStatus.succeeded)
        new = NewImage(item.id, item.user_id, claim.project_id, Origin.generated, claim.title, claim.model.is_drawn, recipe)
        gallery.add(uow, new, prepared, sequence=item.changed_sequence)
        return True

    def put_back(self, uow: UnitOfWork, claim: Claim, reason: Transient) -> bool:
        """Another attempt later if there is one left, else the end. False if the lease is no longer ours.

        Where the provider asked for a pause, nothing was tried: the whole route rests, and the attempt does not count.
        """
        if claim.attempt >= claim.max_attempts and not reason.slows_route:
            return self.fail(uow, claim, reason)
        held = self._held(uow, claim)
        if held is None:
            return False
        item = held.item
        wait = wait_before_retry(claim.attempt, reason.retry_after_seconds)
        item.status, item.lease_until, item.dispatched_at = ItemStatus.queued, None, None
        if reason.slows_route:
            item.attempt -= 1
            uow.session.flush()
            in_flight = ItemRepository(uow.session).running_by(item.route)
            routes.slow(uow, item.route, reason.key, seconds=wait.total_seconds(), in_flight=in_flight)
        else:
            item.not_before_at = held.now + wait
        item.failure, item.failure_facts = reason.key, {**_plain(reason.facts), "seconds": round(wait.total_seconds())}
        self._changed(uow, item)
        self._wake(uow)
        log.info(
            "items.put_back", item_id=str(item.id), attempt=claim.attempt, reason=reason.key, wait_seconds=wait.total_seconds()
        )
        return True

    def fail(self, uow: UnitOfWork, claim: Claim, reason: LumikuError) -> bool:
        """The end without a picture: its price is released in this transaction. False if the lease is no longer ours."""
        held = self._held(uow, claim)
        if held is None:
            return False
        self._fail(uow, held, reason.key, reason.facts)
        detail = reason.detail if isinstance(reason, External) else ""
        log.warning("items.failed", item_id=str(claim.item_id), attempt=claim.attempt, reason=reason.key, detail=detail)
        return True

    def give_back(self, uow: UnitOfWork, claim: Claim) -> None:
        """The worker stops before the item ended: it waits for its next turn, and the attempt does not count."""
        held = self._held(uow, claim)
        if held is None:
            return
        item = held.item
        item.status, item.lease_until, item.attempt = ItemStatus.queued, None, item.attempt - 1
        self._to_its_turn(uow, item)

    def repair(self, uow: UnitOfWork, item_ids: Collection[UUID]) -> int:
        """Let items wait for their turn again that RQ or a worker lost, and end those that were lost or waited for too long.

        Each item is looked at again under its lock; one that moved on meanwhile is left alone. Returns how many were touched.
        """
        due = self._locked_due(uow, item_ids)
        for held in due:
            item = held.item
            self.payments.lock(uow, item.user_id)  # one that waits again takes the member's number; the next one may be released
            if item.status == ItemStatus.running:
                log.warning("items.worker_lost", item_id=str(item.id), attempt=item.attempt)
                if item.attempt >= held.order.max_attempts:
                    self._fail(uow, held, "worker_lost", {})
                    continue
                item.status, item.lease_until = ItemStatus.queued, None
                item.failure, item.failure_facts = "worker_lost", {}
            elif item.created_at < held.now - WAIT_LIMIT:
                log.warning("items.waited_too_long", item_id=str(item.id))
                self._fail(uow, held, "waited_too_long", {})
                continue
            self._to_its_turn(uow, item)
        return len(due)

    def cancel(self, uow: UnitOfWork, actor: Actor, generation_id: UUID, item_id: UUID | None = None) -> GenerationRead:
        """End what has not ended of this order, or this item of it: its price is released at once, a late picture is dropped.

        Twice is once; what has ended stays as it is. The worker is told after the commit. Raises: NotFound.
        """
        order = GenerationRepository(uow.session).owned(generation_id, actor.user_id)
        if order is None:
            raise NotFound("order_not_found")
        self.cancel_by(uow, order, actor.user_id, item_id)
        return reading.orders(uow, [order.id])[0]

    def cancel_by(self, uow: UnitOfWork, order: Generation, by: UUID, item_id: UUID | None) -> None:
        """As `cancel`, by whoever may: the caller has checked the rights of `by`."""
        items = ItemRepository(uow.session)
        all_items = items.locked_of(order.id)
        if item_id is not None and item_id not in {item.id for item in all_items}:
            raise NotFound("order_not_found")
        now = items.now()
        for item in all_items:
            if item.status not in FINAL and item_id in {None, item.id}:
                self._cancel(uow, Locked(item, order, now), by)

    def cancel_all(self, uow: UnitOfWork, user_id: UUID, by: UUID) -> int:
        """See `accounts.ports.OpenWork`. Locks all items before anything else: a worker that holds one may want the wallet.

        All of it is one change, with one number: there may be hundreds of them.
        """
        items = ItemRepository(uow.session)
        open_items = items.locked_open(user_id)
        orders = {one.id: one for one in GenerationRepository(uow.session).by_ids({item.generation_id for item in open_items})}
        now = items.now()
        ending = [Locked(item, orders[item.generation_id], now) for item in open_items]
        for held in ending:
            self._let_go(uow, held)
        if ending:
            with uow.session.no_autoflush:  # so that all rows are written together
                sequence = record_change(uow, self.doorbell, user_id)
                audit.record_each(uow, by, Action.item_canceled, [held.item.id for held in ending])
                for held in ending:
                    _mark(held, ItemStatus.canceled)
                    held.item.changed_sequence = sequence
            uow.session.flush()
            self._wake(uow)
        return len(ending)

    def seen_in_queue(self, uow: UnitOfWork, item_ids: Collection[UUID]) -> None:
        """These items wait in the queue as they should."""
        ItemRepository(uow.session).seen_in_queue(item_ids)

    def _locked_due(self, uow: UnitOfWork, item_ids: Collection[UUID]) -> list[Locked]:
        """By member, so that two sweepers number the changes of two members in one order."""
        items = ItemRepository(uow.session)
        due = sorted(items.locked_due(item_ids, stale=STALE), key=lambda item: item.user_id)
        orders = {order.id: order for order in GenerationRepository(uow.session).by_ids({item.generation_id for item in due})}
        now = items.now()
        return [Locked(item, orders[item.generation_id], now) for item in due]

    def _is_closed(self, uow: UnitOfWork, locked: Locked) -> bool:
        known = routes.states(uow)
        return any(key in known and known[key].is_closed(locked.now) for key in (EVERYTHING, locked.item.route))

    def _to_its_turn(self, uow: UnitOfWork, item: GenerationItem) -> None:
        """The dispatcher decides when it goes to RQ, under a new number."""
        item.dispatched_at = None
        self._changed(uow, item)
        self._wake(uow)

    def _wake(self, uow: UnitOfWork) -> None:
        uow.after_commit(self.queue.wake)

    def _held(self, uow: UnitOfWork, claim: Claim) -> Locked | None:
        """The row, locked, if this attempt still holds it."""
        locked = ItemRepository(uow.session).locked(claim.item_id)
        if locked and locked.item.status == ItemStatus.running and (locked.item.attempt, locked.item.dispatch) == claim.fence:
            return locked
        log.warning("items.fenced", item_id=str(claim.item_id), attempt=claim.attempt)
        return None

    def _cancel(self, uow: UnitOfWork, held: Locked, by: UUID) -> None:
        self._let_go(uow, held)
        audit.record(uow, by, Action.item_canceled, held.item.id)
        self._end(uow, held, ItemStatus.canceled)

    def _let_go(self, uow: UnitOfWork, held: Locked) -> None:
        """The worker stops after the commit, and what the item holds is given back."""
        if held.item.dispatched_at is not None:
            uow.after_commit(partial(self.queue.stop, held.item.id, held.item.dispatch))
        self.payments.release(uow, _share(held))

    def _fail(self, uow: UnitOfWork, held: Locked, failure: str, facts: Mapping[str, object]) -> None:
        item = held.item
        item.failure, item.failure_facts = failure, _plain(facts)
        self.payments.release(uow, _share(held))
        audit.record(uow, item.user_id, Action.item_failed, item.id, reason=failure)
        self._end(uow, held, ItemStatus.failed)

    def _end(self, uow: UnitOfWork, held: Locked, status: ItemStatus) -> None:
        _mark(held, status)
        self._changed(uow, held.item)
        self._wake(uow)

    def _changed(self, uow: UnitOfWork, item: GenerationItem) -> None:
        with uow.session.no_autoflush:  # so that the row is written once, with its number
            item.changed_sequence = record_change(uow, self.doorbell, item.user_id)
        uow.session.flush()


def _mark(held: Locked, status: ItemStatus) -> None:
    item = held.item
    item.status, item.lease_until, item.not_before_at, item.finished_at = status, None, None, held.now
    if status is not ItemStatus.failed:
        item.failure, item.failure_facts = "", {}


def _share(held: Locked) -> Share:
    """What this item takes of what its order holds."""
    item, order = held.item, held.order
    paid_with = PaidWith(item.paid_with)
    amounts = {PaidWith.quota: order.quota_price, PaidWith.credits: order.credits_price, PaidWith.house: 0}
    return Share(order.id, item.id, item.user_id, paid_with, amounts[paid_with], order.held_on)


def _is_handed_over(item: GenerationItem) -> bool:
    """What waits for its turn has no dispatch number of its own yet: an old job must not claim it under the fence of the last."""
    return item.status == ItemStatus.queued and item.dispatched_at is not None


def _ticket(model: ModelTerms, kept: str) -> str:
    """Of another route it is worth nothing."""
    route, _, ticket = kept.partition("\n")
    return ticket if route == model.route else ""


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    """What a sentence can show and JSON can hold."""
    return {name: fact for name, fact in facts.items() if isinstance(fact, str | int | float)}
