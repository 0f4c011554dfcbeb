"""Rows to facts: the whole cards of any number of orders in four statements, in five where something failed."""

from collections.abc import Collection
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.schemas import PaidWith, Price
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import ImageRead
from lumiku_web.domain.generations.models import Generation, GenerationItem
from lumiku_web.domain.generations.policy import retry_key
from lumiku_web.domain.generations.repository import GenerationRepository, ItemRepository
from lumiku_web.domain.generations.schemas import GenerationRead, ItemRead, ItemStatus, ModelTerms
from lumiku_web.domain.projects import service as projects


def orders(uow: UnitOfWork, ids: Collection[UUID]) -> list[GenerationRead]:
    """These orders with their items and pictures, newest first. The caller has made sure whose they are."""
    generations = GenerationRepository(uow.session).by_ids(ids)
    items = ItemRepository(uow.session).of_generations([g.id for g in generations])
    images = gallery.by_ids(uow, [i.id for i in items if i.status == ItemStatus.succeeded])
    names = projects.names(uow, {g.project_id for g in generations})
    retries = {i.id: _retries(i) for i in items if i.status == ItemStatus.failed}
    taken = GenerationRepository(uow.session).taken({pair for pairs in retries.values() for pair in pairs})
    tiles: dict[UUID, list[ItemRead]] = {g.id: [] for g in generations}
    for item in items:
        again = not taken.isdisjoint(retries.get(item.id, ()))
        tiles[item.generation_id].append(_item(item, images.get(item.id), again=again))
    return [_generation(g, names.get(g.project_id, ""), tiles[g.id]) for g in generations]


def waiting(order: Generation, project_name: str, items: Collection[GenerationItem]) -> GenerationRead:
    """The card of an order that was just written: nothing has become of it yet."""
    return _generation(order, project_name, [_item(item, None, again=False) for item in items])


def _retries(item: GenerationItem) -> set[tuple[UUID, UUID]]:
    """Member and key of the orders that may have taken it up: alone, or with all that failed beside it."""
    return {(item.user_id, retry_key(item.id)), (item.user_id, retry_key(item.generation_id))}


def _generation(row: Generation, project_name: str, items: list[ItemRead]) -> GenerationRead:
    model = ModelTerms.model_validate(row.model)
    return GenerationRead(
        id=row.id,
        user_id=row.user_id,
        project_id=row.project_id,
        project_name=project_name,
        app=row.app,
        title=row.title,
        model_title=model.title,
        is_drawn=model.is_drawn,
        width_px=model.width_px,
        height_px=model.height_px,
        correlation_id=row.correlation_id,
        created_at=row.created_at,
        price=Price(row.credits_price, row.quota_price),
        items=tuple(items),
    )


def _item(row: GenerationItem, image: ImageRead | None, *, again: bool) -> ItemRead:
    return ItemRead(
        id=row.id,
        position=row.position,
        status=ItemStatus(row.status),
        attempt=row.attempt,
        failure=row.failure,
        failure_facts=row.failure_facts,
        not_before_at=row.not_before_at,
        image=image,
        paid_with=PaidWith(row.paid_with),
        is_tried_again=again,
    )
