"""Facts to rows for the screen, in the person's language."""

from datetime import UTC, datetime
from typing import Final

from lumiku_web.clock import utc_now
from lumiku_web.domain.billing.schemas import PaidWith, Standing, Window
from lumiku_web.domain.gallery.policy import days_left
from lumiku_web.domain.gallery.schemas import Covers, ImageRead
from lumiku_web.domain.generations.schemas import GenerationRead, ItemRead, ItemStatus
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.ui.cards import Closeup, Fact, Gauge, OrderCard, Picture, ProjectCard, Purse, Tile
from lumiku_web.ui.texts import number, say

#: Of a title in a grid, in characters.
TITLE_LENGTH: Final = 80
_NUMBERS: Final = {0: "none", 1: "one"}
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
    return OrderCard(
        id=str(order.id),
        project_id=str(order.project_id),
        project_name=order.project_name,
        app=order.app,
        title=order.title,
        model=order.model_title,
        is_drawn=order.is_drawn,
        is_running=order.is_running,
        summary=_summary(language, order),
        tiles=[_tile(item, order, language) for item in order.items],
        left_to_try=0 if order.is_running else order.left_to_try,
        price=_price(language, order),
    )


#: What these took is given back.
_GIVES_BACK: Final = (ItemStatus.failed, ItemStatus.canceled)


def _price(language: str, order: GenerationRead) -> str:
    """Of the pictures that are there or may still come: what failed or was cancelled costs nothing."""
    paid = [item.paid_with for item in order.items if item.status not in _GIVES_BACK]
    if not paid:
        return say(language, "price.nothing")
    quota, credits = paid.count(PaidWith.quota) * order.price.quota, paid.count(PaidWith.credits) * order.price.credits
    parts = [say(language, "price.quota", count=number(language, quota))] if quota else []
    parts += [_credits(language, credits)] if credits else []
    return " + ".join(parts) or say(language, "price.free")


def _back(item: ItemRead, order: GenerationRead, language: str) -> str:
    if item.status not in _GIVES_BACK or item.paid_with is PaidWith.house:
        return ""
    if item.paid_with is PaidWith.quota:
        return say(language, "tile.back_quota")
    count = order.price.credits
    return say(language, "tile.back_one" if count == 1 else "tile.back_many", count=number(language, count))


def _credits(language: str, count: int) -> str:
    return say(language, "credits.one" if count == 1 else "credits.many", count=number(language, count))


def _summary(language: str, order: GenerationRead) -> str:
    total, canceled = len(order.items), order.canceled
    if canceled == total:
        return say(language, "order.canceled")
    done = sum(item.status is ItemStatus.succeeded for item in order.items)
    if order.is_running or done < total:
        made = say(language, "order.progress" if order.is_running else "order.ended_with_failures", done=done, total=total)
        return f"{made} · {say(language, 'order.some_canceled', count=canceled)}" if canceled else made
    return say(language, "pictures.one") if total == 1 else say(language, "pictures.many", count=total)


def _tile(item: ItemRead, order: GenerationRead, language: str) -> Tile:
    image = item.image
    failed = item.status is ItemStatus.failed
    waits_again = item.status is ItemStatus.queued and item.failure
    reason = say(language, f"error.{item.failure}", **_facts(item)) if failed or waits_again else ""
    return Tile(
        id=str(item.id),
        status=_status(item),
        width_px=image.width_px if image else order.width_px,
        height_px=image.height_px if image else order.height_px,
        image_id=str(image.id) if image else "",
        thumb_url=file_url(image, Variant.thumb) if image else "",
        preview_url=file_url(image, Variant.preview) if image else "",
        blur=image.blur if image else "",
        reason=reason,
        reference=order.correlation_id[:8] if failed else "",
        can_be_tried=failed and not item.is_tried_again,
        back=_back(item, order, language),
    )


def _status(item: ItemRead) -> str:
    """A picture that was made may be in the trash by now, or deleted."""
    if item.status is not ItemStatus.succeeded:
        return item.status.value
    if item.image is None:
        return "deleted"
    return "trashed" if item.image.trashed_at else item.status.value


def _facts(item: ItemRead) -> dict[str, object]:
    return {"seconds": 30, **item.failure_facts}


def picture(image: ImageRead, language: str) -> Picture:
    """A picture in a grid."""
    return Picture(
        id=str(image.id),
        title=_shortened(_title(image, language)),
        blur=image.blur,
        width_px=image.width_px,
        height_px=image.height_px,
        is_drawn=image.is_drawn,
        is_favourite=image.is_favourite,
        leaves=_leaves(image, language),
    )


def closeup(image: ImageRead, language: str, *, position: tuple[int, int] | None, has_previous: bool, has_next: bool) -> Closeup:
    """A picture with what was sent to make it. `position`: its number, of how many."""
    return Closeup(
        picture=picture(image, language),
        title=_title(image, language),
        facts=_recipe(image, language),
        is_trashed=image.trashed_at is not None,
        position=say(language, "lightbox.position", number=position[0], total=position[1]) if position else "",
        has_previous=has_previous,
        has_next=has_next,
    )


def _title(image: ImageRead, language: str) -> str:
    return image.title or say(language, "picture.untitled")


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1].rstrip()}…"


def _leaves(image: ImageRead, language: str) -> str:
    if image.trashed_at is None:
        return ""
    days = days_left(image.trashed_at, utc_now())
    return say(language, f"trash.leaves_{_NUMBERS.get(days, 'many')}", count=days)


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


def purse(standing: Standing, language: str) -> Purse:
    """What a member has, for their own pages."""
    plan, on = standing.plan, standing.on
    next_month = datetime(on.year + on.month // 12, on.month % 12 + 1, 1, tzinfo=UTC) if on else None
    return Purse(
        words=_words(standing, language),
        figures=_figures(standing, language),
        sentence=_sentence(standing, language),
        tone="danger" if standing.owed else "" if standing.available or standing.quota_left else "warning",
        available=standing.available,
        held=standing.held,
        owed=standing.owed,
        has_plan=standing.has_plan,
        plan_key=plan.key if plan else "",
        plan_title=plan.title if plan else "",
        status=standing.status.value if standing.status else "",
        until=_iso(standing.until),
        next_plan_key=standing.next_plan_key,
        quota_left=standing.quota_left,
        day=_gauge(standing.day, standing.resets_at),
        month=_gauge(standing.month, next_month),
        has_cap=standing.spending_cap is not None,
        cap=standing.spending_cap or 0,
        spent=standing.spent,
        uses_credits=standing.uses_credits,
    )


_UNITS: Final = ((1_000_000, "M"), (1_000, "k"))


def _words(standing: Standing, language: str) -> str:
    if not standing.has_plan:
        return _credits(language, standing.available)
    left, limit, available = (number(language, n) for n in (standing.quota_left, standing.day.limit, standing.available))
    return say(language, "purse.words", left=left, limit=limit, credits=available)


def _figures(standing: Standing, language: str) -> str:
    """Beside a quota there is little room: 12,500 are "12k"."""
    available = standing.available
    if not standing.has_plan:
        return number(language, available)
    left, limit = number(language, standing.quota_left), number(language, standing.day.limit)
    rounded = next((f"{available // size}{unit}" for size, unit in _UNITS if available >= 10 * size), number(language, available))
    return f"{left}/{limit} · {rounded}"


def _sentence(standing: Standing, language: str) -> str:
    said = [say(language, "purse.has", credits=_credits(language, standing.available))]
    if standing.held:
        said.append(say(language, "purse.held", credits=_credits(language, standing.held)))
    if standing.owed:
        said.append(say(language, "purse.owed", credits=_credits(language, standing.owed)))
    if standing.has_plan:
        left, limit = number(language, standing.quota_left), number(language, standing.day.limit)
        said.append(say(language, "purse.quota", left=left, limit=limit))
    return " ".join([*said, say(language, "purse.open")])


def _gauge(window: Window, ends_at: datetime | None) -> Gauge:
    return Gauge(window.limit, window.used, window.held, window.left, _iso(ends_at))


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
