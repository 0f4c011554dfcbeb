"""Orders: taken, listed, fed to the pages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.schemas import PaidWith, Standing
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.policy import check_access, priced
from lumiku_web.domain.catalog.schemas import AppManifest, ModelRead
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import Origin
from lumiku_web.domain.generations import reading
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import check_order, check_terms, item_seed, request_hash, retry_key
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository
from lumiku_web.domain.generations.schemas import (
    FINAL,
    GenerationRead,
    ItemStatus,
    MemberFeed,
    ModelTerms,
    Order,
    OrderName,
)
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.notifications.service import record_change, sequences
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.storage import service as files
from lumiku_web.errors import Conflict, NotFound
from lumiku_web.ids import new_id
from lumiku_web.logs import current_correlation_id, get_logger

log = get_logger(__name__)

#: What a page shows of orders: those that run, and those that ended within this time.
RECENT: Final = timedelta(hours=12)
RECENT_LIMIT: Final = 12


@dataclass(frozen=True)
class Generations:
    """The use cases of orders, with the ports that they reach through."""

    apps: Mapping[str, AppManifest]
    providers: catalog.Providers
    queue: JobQueue
    doorbell: Doorbell
    payments: Payments
    #: What one member may keep. Whoever is below may order; what is being made is always kept.
    storage_limit_bytes: int

    def submit(self, uow: UnitOfWork, actor: Actor, order: Order, *, given_by: UUID | None = None) -> GenerationRead:
        """Accept one paid request; nothing is rendered yet.

        Idempotent by `order.key`: a second submit with it returns the first order. Holds quota or credits under the order's id
        (L7). Joins the caller's transaction; the dispatcher is woken after its commit. `given_by`: the admin who gives it to
        the member for nothing; then no room is asked for either, and no plan.
        Raises: NotFound, InvalidInput, Conflict(`key_reused`: same key, other wish; `price_changed`, `app_off`,
        `app_coming_soon`), LimitReached(`storage_limit`, `app_not_in_plan`, `model_not_in_plan`, and what
        `billing.policy.quote` raises), NotPermitted(`account_deactivated`).
        """
        check_order(order)
        accounts.check_active(uow, actor.user_id)
        standing = self.payments.standing(uow, actor.user_id)  # two submits of one key: the second finds the first's order
        wish = request_hash(order)
        known = GenerationRepository(uow.session).request(actor.user_id, order.key)
        if known is not None:
            if known.hash != wish:
                raise Conflict("key_reused")
            return reading.orders(uow, [known.id])[0]
        project_name = projects.name_of(uow, actor, order.project_id)
        model = priced(catalog.usable_model(uow, self.providers, order.app.slug, order.model), order.params)
        if given_by is None:
            check_access(catalog.app_access(uow, order.app.slug), standing.tier)
            check_terms(order, model, standing)
            files.check_room(uow, actor, limit_bytes=self.storage_limit_bytes)
        generation, items = self._insert(uow, actor, order, model, wish, standing, given_by)
        log.info(
            "generations.submitted", generation_id=str(generation.id), app=generation.app, model=model.key, count=order.count
        )
        return reading.waiting(generation, project_name, items)

    def try_again(
        self, uow: UnitOfWork, actor: Actor, generation_id: UUID, item_id: UUID | None = None, *, given_by: UUID | None = None
    ) -> GenerationRead:
        """Order what failed once more, or this one picture: the same wish and seeds, by the rules and the price of today.

        Idempotent: whoever asks twice gets the order that came of it, and what was tried again alone is not tried again with
        the others. What fails again is tried again from that order. One picture need not wait for the end of the others.
        `given_by`: see `submit`.
        Raises: NotFound, Conflict(`order_running` | `nothing_failed` | `order_outdated`), and what `submit` raises.
        """
        accounts.check_active(uow, actor.user_id)
        orders = GenerationRepository(uow.session)
        old = orders.owned(generation_id, actor.user_id)
        if old is None:
            raise NotFound("order_not_found")
        items = ItemRepository(uow.session).locked_of(old.id)
        asked = [item for item in items if item_id in {None, item.id}]
        if not asked:
            raise NotFound("order_not_found")
        if item_id is None and any(item.status not in FINAL for item in items):
            raise Conflict("order_running")
        failed = [item for item in asked if item.status == ItemStatus.failed]
        if not failed:
            raise Conflict("nothing_failed")
        keys = [retry_key(one) for one in (item_id or old.id, old.id, *(item.id for item in failed))]
        known = {key: order for key in keys if (order := orders.request(actor.user_id, key))}
        left = [item for item in failed if not known.keys() & {retry_key(old.id), retry_key(item.id)}]
        if not left:  # the answer that was lost, or else what took some of it
            return reading.orders(uow, [next(iter(known.values())).id])[0]
        made = self.submit(uow, actor, self._repeated(old, keys[0], [item.seed for item in left]), given_by=given_by)
        sequence = record_change(uow, self.doorbell, actor.user_id)
        for item in left:  # their card says no more that they can be tried again
            item.changed_sequence = sequence
        return made

    def _repeated(self, old: Generation, key: UUID, seeds: list[int]) -> Order:
        try:
            app = self.apps[old.app]
            kind = app.kind(old.kind)
            params = kind.params.model_validate(old.params)
        except (KeyError, ValidationError) as changed:
            raise Conflict("order_outdated") from changed
        model = ModelTerms.model_validate(old.model).key
        return Order(key, old.project_id, app, kind, params, old.title, len(seeds), seeds[0], model, tuple(seeds))

    def _insert(
        self,
        uow: UnitOfWork,
        actor: Actor,
        order: Order,
        model: ModelRead,
        wish: str,
        standing: Standing,
        given_by: UUID | None,
    ) -> tuple[Generation, list[GenerationItem]]:
        terms, generation_id = ModelTerms.of(model), new_id()
        is_given = given_by is not None
        held = self.payments.hold(uow, standing, generation_id, model.price, order.count, is_given=is_given)
        generation = Generation(
            id=generation_id,
            user_id=actor.user_id,
            project_id=order.project_id,
            app=order.app.slug,
            kind=order.kind.name,
            params=order.params.model_dump(mode="json"),
            request_key=order.key,
            request_hash=wish,
            title=order.title[:300],
            count=order.count,
            model=terms.model_dump(mode="json"),
            model_key=model.key,
            credits_price=model.credits_price,
            quota_price=model.quota_price,
            held_on=held.on,
            weight=standing.weight,
            max_attempts=order.kind.max_attempts,
            timeout_seconds=order.kind.timeout_seconds,
            correlation_id=current_correlation_id()[:64] or new_id().hex,
        )
        GenerationRepository(uow.session).insert([generation])
        facts = {"model": model.key, "count": order.count, **({"given_to": str(actor.user_id)} if given_by else {})}
        audit.record(uow, given_by or actor.user_id, Action.generation_submitted, generation.id, **facts)
        items = self._insert_items(uow, order, generation, terms.route, held.paid_with)
        uow.after_commit(self.queue.wake)
        return generation, items

    def _insert_items(
        self, uow: UnitOfWork, order: Order, generation: Generation, route: str, paid_with: Sequence[PaidWith]
    ) -> list[GenerationItem]:
        sequence = record_change(uow, self.doorbell, generation.user_id)
        items = [
            GenerationItem(
                generation_id=generation.id,
                user_id=generation.user_id,
                position=position,
                seed=item_seed(order, position),
                route=route,
                paid_with=paid_with[position].value,
                changed_sequence=sequence,
            )
            for position in range(order.count)
        ]
        ItemRepository(uow.session).insert(items)
        return items


def present(uow: UnitOfWork, actor: Actor) -> MemberFeed:
    """What a page begins with: the orders of `recent` and what the member has, of one moment."""
    sequence, orders = recent(uow, actor)
    return MemberFeed(actor.user_id, sequence, tuple(orders), standing=billing.standings(uow, [actor.user_id])[actor.user_id])


def recent(uow: UnitOfWork, actor: Actor) -> tuple[int, list[GenerationRead]]:
    """The member's number, and the orders that run or ended lately, newest first, at most `RECENT_LIMIT`.

    Both are of one moment: a feed with a number that is not greater holds nothing newer.
    """
    uow.snapshot()
    sequence = sequences(uow, [actor.user_id])[actor.user_id]
    ids = GenerationRepository(uow.session).recent_ids(actor.user_id, ended_within=RECENT, limit=RECENT_LIMIT)
    return sequence, reading.orders(uow, ids)


def names(uow: UnitOfWork, actor: Actor, ids: Collection[UUID]) -> dict[UUID, OrderName]:
    """Those of these orders that are the member's and still there."""
    return {
        order.id: OrderName(order.title, order.project_id)
        for order in GenerationRepository(uow.session).by_ids(ids)
        if order.user_id == actor.user_id
    }


def feed(uow: UnitOfWork, marks: Mapping[UUID, int]) -> list[MemberFeed]:
    """What changed for these members since their marks, and what they have, of one moment.

    One read for all; members without news are left out.
    """
    uow.snapshot()
    now = sequences(uow, marks.keys())
    behind = {user: mark for user, mark in marks.items() if now[user] > mark}
    if not behind:
        return []
    pictures = gallery.changed_since(uow, behind)
    items = {image.id for changed in pictures.values() for image in changed if image.origin is Origin.generated}
    changed = reading.orders(uow, ItemRepository(uow.session).changed_since(behind, also=items))
    standings = billing.standings(uow, behind.keys())
    return [
        MemberFeed(
            user_id=user,
            sequence=now[user],
            orders=tuple(order for order in changed if order.user_id == user),
            pictures=tuple(pictures.get(user, ())),
            standing=standings.get(user),
        )
        for user in behind
    ]
