"""The life of one item in a worker: claimed, then delivered, put back or failed.

Every end asks first whether this attempt still holds the item.

All functions lock the item's row first and number the change last, so that no two of them can wait for each other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import NewImage, Origin, PreparedImage
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import LEASE, STALE, wait_before_retry
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository
from lumiku_web.domain.generations.schemas import Claim, Fence, ItemStatus, ModelTerms
from lumiku_web.domain.ledger.ports import Ledger
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change
from lumiku_web.errors import External, LumikuError, Transient
from lumiku_web.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True)
class Leases:
    """Changes of an item, with the ports that they reach through."""

    queue: JobQueue
    doorbell: Doorbell
    ledger: Ledger

    def claim(self, uow: UnitOfWork, item_id: UUID) -> Claim | None:
        """Take the item for one attempt, or None: it ended, is not due, another attempt holds it, or none is left.

        A running item whose lease has ended is taken over; the sweeper ends one that has had all its attempts. The lease lasts `policy.LEASE`; `renew` prolongs it.
        """
        items = ItemRepository(uow.session)
        item = items.locked(item_id)
        now = items.now()
        if item is None or not _claimable(item, now):
            return None
        generation = _generation(uow, item)
        if item.attempt >= generation.max_attempts:
            return None
        item.status, item.attempt, item.lease_until = ItemStatus.running, item.attempt + 1, now + LEASE
        item.started_at, item.not_before_at = now, None
        self._changed(uow, item)
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
            model=ModelTerms.model_validate(generation.model),
            seed=item.seed,
            max_attempts=generation.max_attempts,
            timeout_seconds=generation.timeout_seconds,
            correlation_id=generation.correlation_id,
        )

    def renew(self, uow: UnitOfWork, leases: Mapping[UUID, Fence]) -> set[UUID]:
        """Prolong these leases; returns the items that are still held under them."""
        return ItemRepository(uow.session).renew(leases, LEASE)

    def deliver(
        self, uow: UnitOfWork, claim: Claim, prepared: PreparedImage, *, recipe: Mapping[str, object], request_id: str
    ) -> bool:
        """The picture is stored: write its row, capture its price, end the item. False if the lease is no longer ours."""
        item = self._held(uow, claim)
        if item is None:
            return False
        price = _generation(uow, item).credits_price
        self.ledger.capture(uow, price, key=claim.generation_id, item_id=item.id)
        audit.record(uow, claim.user_id, Action.item_delivered, item.id, attempt=claim.attempt)
        item.provider_request_id = request_id
        self._end(uow, item, ItemStatus.succeeded)
        new = NewImage(item.id, item.user_id, claim.project_id, Origin.generated, claim.title, claim.model.is_drawn, recipe)
        gallery.add(uow, new, prepared, sequence=item.changed_sequence)
        return True

    def put_back(self, uow: UnitOfWork, claim: Claim, reason: Transient) -> bool:
        """Another attempt later if there is one left, else the end. False if the lease is no longer ours."""
        if claim.attempt >= claim.max_attempts:
            return self.fail(uow, claim, reason)
        item = self._held(uow, claim)
        if item is None:
            return False
        wait = wait_before_retry(claim.attempt, reason.retry_after_seconds)
        item.status, item.lease_until, item.dispatched_at = ItemStatus.queued, None, None
        item.not_before_at = ItemRepository(uow.session).now() + wait
        item.failure, item.failure_facts = reason.key, {**_plain(reason.facts), "seconds": round(wait.total_seconds())}
        self._changed(uow, item)
        log.info(
            "items.put_back", item_id=str(item.id), attempt=claim.attempt, reason=reason.key, wait_seconds=wait.total_seconds()
        )
        return True

    def fail(self, uow: UnitOfWork, claim: Claim, reason: LumikuError) -> bool:
        """The end without a picture: its price is released in this transaction. False if the lease is no longer ours."""
        item = self._held(uow, claim)
        if item is None:
            return False
        self._fail(uow, item, reason.key, reason.facts)
        detail = reason.detail if isinstance(reason, External) else ""
        log.warning("items.failed", item_id=str(item.id), attempt=claim.attempt, reason=reason.key, detail=detail)
        return True

    def give_back(self, uow: UnitOfWork, claim: Claim) -> None:
        """The worker stops before the item ended: somebody else takes it at once, and the attempt does not count."""
        item = self._held(uow, claim)
        if item is None:
            return
        item.status, item.lease_until, item.attempt = ItemStatus.queued, None, item.attempt - 1
        self._changed(uow, item)
        self._hand_over(uow, item, _generation(uow, item))

    def hand_over_again(self, uow: UnitOfWork, item_ids: Collection[UUID]) -> int:
        """Put items back into the queue that it lost or never got, and end those that were lost too often.

        Each item is looked at again under its lock; one that moved on meanwhile is left alone. Returns how many were touched.
        """
        touched = 0
        # By member, so that two sweepers number the changes of two members in one order.
        for item in sorted(ItemRepository(uow.session).locked_due(item_ids, stale=STALE), key=lambda due: due.user_id):
            generation = _generation(uow, item)
            touched += 1
            if item.status == ItemStatus.running:
                log.warning("items.worker_lost", item_id=str(item.id), attempt=item.attempt)
                if item.attempt >= generation.max_attempts:
                    self._fail(uow, item, "worker_lost", {})
                    continue
                item.status, item.lease_until = ItemStatus.queued, None
                item.failure, item.failure_facts = "worker_lost", {}
                self._changed(uow, item)
            self._hand_over(uow, item, generation)
        return touched

    def _hand_over(self, uow: UnitOfWork, item: GenerationItem, generation: Generation) -> None:
        item.dispatch += 1
        item.dispatched_at = ItemRepository(uow.session).now()
        uow.session.flush()
        hand_over = partial(
            self.queue.enqueue,
            item.id,
            item.dispatch,
            correlation_id=generation.correlation_id,
            timeout_seconds=generation.timeout_seconds,
        )
        uow.after_commit(hand_over)

    def _held(self, uow: UnitOfWork, claim: Claim) -> GenerationItem | None:
        """The row, locked, if this attempt still holds it."""
        item = ItemRepository(uow.session).locked(claim.item_id)
        if item is None or item.status != ItemStatus.running or (item.attempt, item.dispatch) != claim.fence:
            log.warning("items.fenced", item_id=str(claim.item_id), attempt=claim.attempt)
            return None
        return item

    def _fail(self, uow: UnitOfWork, item: GenerationItem, failure: str, facts: Mapping[str, object]) -> None:
        generation = _generation(uow, item)
        item.failure, item.failure_facts = failure, _plain(facts)
        self.ledger.release(uow, generation.credits_price, key=generation.id, item_id=item.id)
        audit.record(uow, item.user_id, Action.item_failed, item.id, reason=failure)
        self._end(uow, item, ItemStatus.failed)

    def _end(self, uow: UnitOfWork, item: GenerationItem, status: ItemStatus) -> None:
        item.status, item.lease_until, item.not_before_at = status, None, None
        item.finished_at = ItemRepository(uow.session).now()
        if status is ItemStatus.succeeded:
            item.failure, item.failure_facts = "", {}
        self._changed(uow, item)

    def _changed(self, uow: UnitOfWork, item: GenerationItem) -> None:
        item.changed_sequence = record_change(uow, self.doorbell, item.user_id)
        uow.session.flush()


def _claimable(item: GenerationItem, now: datetime) -> bool:
    if item.status == ItemStatus.queued:
        return item.not_before_at is None or item.not_before_at <= now
    return item.status == ItemStatus.running and item.lease_until is not None and item.lease_until < now


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    """What a sentence can show and JSON can hold."""
    return {name: fact for name, fact in facts.items() if isinstance(fact, str | int | float)}


def _generation(uow: UnitOfWork, item: GenerationItem) -> Generation:
    generation = GenerationRepository(uow.session).find(item.generation_id)
    if generation is None:
        raise LookupError(f"the item {item.id} has no order")
    return generation
