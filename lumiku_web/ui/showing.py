"""Facts to rows for the screen, in the person's language."""

from collections.abc import Sequence
from typing import Final

from lumiku_web.domain.gallery.schemas import Covers, ImageRead, Origin
from lumiku_web.domain.generations.schemas import GenerationRead, ItemRead, ItemStatus, MemberFeed
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.ui.cards import Fact, OrderCard, Picture, ProjectCard, Tile
from lumiku_web.ui.texts import say

#: What of a recipe a person wants to know, in this order; providers name the same thing differently.
_FACTS: Final = {
    "model": ("model",),
    "seed": ("seed",),
    "steps": ("num_inference_steps", "steps"),
    "guidance": ("guidance_scale", "guidance"),
}


def file_url(image: ImageRead, variant: Variant) -> str:
    """Our own authorised route."""
    return f"/files/{image.id}/{variant.value}"


def order_card(order: GenerationRead, language: str) -> OrderCard:
    """One order with its tiles."""
    done = sum(item.status is ItemStatus.succeeded for item in order.items)
    return OrderCard(
        id=str(order.id),
        project_id=str(order.project_id),
        project_name=order.project_name,
        app=order.app,
        title=order.title,
        model=order.model_title,
        is_drawn=order.is_drawn,
        is_running=order.is_running,
        summary=_summary(language, done, order.failed, len(order.items), running=order.is_running),
        tiles=[_tile(item, order, language) for item in order.items],
        again="" if order.is_running or order.is_tried_again else _again(language, order.failed),
    )


def _again(language: str, failed: int) -> str:
    if not failed:
        return ""
    return say(language, "order.try_one_again") if failed == 1 else say(language, "order.try_many_again", count=failed)


def _summary(language: str, done: int, failed: int, total: int, *, running: bool) -> str:
    if running:
        return say(language, "order.progress", done=done, total=total)
    if failed:
        return say(language, "order.ended_with_failures", done=done, total=total)
    return say(language, "pictures.one") if total == 1 else say(language, "pictures.many", count=total)


def _tile(item: ItemRead, order: GenerationRead, language: str) -> Tile:
    image = item.image
    failed = item.status is ItemStatus.failed
    waits_again = item.status is ItemStatus.queued and item.failure
    reason = say(language, f"error.{item.failure}", **_facts(item)) if failed or waits_again else ""
    return Tile(
        id=str(item.id),
        status=item.status.value,
        width_px=image.width_px if image else order.width_px,
        height_px=image.height_px if image else order.height_px,
        image_id=str(image.id) if image else "",
        thumb_url=file_url(image, Variant.thumb) if image else "",
        preview_url=file_url(image, Variant.preview) if image else "",
        blur=image.blur if image else "",
        reason=reason,
        reference=order.correlation_id[:8] if failed else "",
    )


def _facts(item: ItemRead) -> dict[str, object]:
    return {"seconds": 30, **item.failure_facts}


def picture(image: ImageRead, language: str) -> Picture:
    """A picture with what was sent to make it."""
    return Picture(
        id=str(image.id),
        title=image.title or say(language, "picture.untitled"),
        thumb_url=file_url(image, Variant.thumb),
        preview_url=file_url(image, Variant.preview),
        original_url=f"{file_url(image, Variant.original)}?download=1",
        blur=image.blur,
        width_px=image.width_px,
        height_px=image.height_px,
        is_drawn=image.is_drawn,
        is_upload=image.origin is Origin.uploaded,
        facts=_recipe(image, language),
    )


def _recipe(image: ImageRead, language: str) -> list[Fact]:
    size = Fact(say(language, "fact.size"), f"{image.width_px} × {image.height_px} px")  # noqa: RUF001 (the sign for a product)
    made = image.created_at.strftime("%Y-%m-%d %H:%M UTC")
    known = [
        Fact(say(language, f"fact.{name}"), str(next(image.recipe[key] for key in keys if key in image.recipe)))
        for name, keys in _FACTS.items()
        if any(image.recipe.get(key) is not None for key in keys)
    ]
    return [size, *known, Fact(say(language, "fact.made"), made)]


def project_card(project: ProjectRead, covers: Covers, language: str) -> ProjectCard:
    """A project in a list."""
    count = covers.pictures
    summary = {0: say(language, "pictures.none"), 1: say(language, "pictures.one")}.get(count) or say(
        language, "pictures.many", count=count
    )
    cover = covers.newest
    return ProjectCard(
        id=str(project.id),
        name=project.name,
        summary=summary,
        cover_url=file_url(cover, Variant.thumb) if cover else "",
        cover_blur=cover.blur if cover else "",
    )


def new_pictures(feed: MemberFeed) -> list[ImageRead]:
    """The pictures that the news bring, newest first, without those that went to the trash."""
    return sorted((image for image in feed.pictures if not image.trashed_at), key=lambda image: image.created_at, reverse=True)


def merged(known: Sequence[Picture], fresh: Sequence[Picture], *, limit: int) -> list[Picture]:
    """`fresh` before `known`, without those that were there already, at most `limit`."""
    there = {p.id for p in known}
    return [*(p for p in fresh if p.id not in there), *known][:limit]
