"""Facts to rows of the page of credits."""

from collections.abc import Iterable, Sequence
from datetime import date

from lumiku_web.domain.billing.schemas import Cycle, PlanRead
from lumiku_web.domain.catalog.schemas import ModelRead
from lumiku_web.http.statement import Page
from lumiku_web.ui.cards import PlanCard, StatementRow


def plan_cards(plans: Iterable[PlanRead], models: Sequence[ModelRead]) -> list[PlanCard]:
    """As they are offered, each with the models of its tier and of those before it."""
    return [
        PlanCard(
            key=plan.key,
            title=plan.title,
            price_minor=plan.price_minor,
            currency=plan.currency,
            is_yearly=plan.cycle is Cycle.year,
            daily_quota=plan.daily_quota,
            monthly_quota=plan.monthly_quota,
            weight=plan.weight,
            models=", ".join(model.title for model in models if plan.tier.covers(model.tier)),
        )
        for plan in plans
    ]


def statement_rows(page: Page) -> list[StatementRow]:
    """Newest first."""
    rows: list[StatementRow] = []
    for entry in page.entries:
        order = page.orders.get(entry.order_id) if entry.order_id else None
        rows.append(
            StatementRow(
                id=str(entry.id),
                at=entry.at.isoformat(),
                kind=entry.kind.value,
                what_for=order.title if order else entry.reason,
                href=f"/projects/{order.project_id}" if order else "",
                available=entry.available,
                held=entry.held,
                balance=entry.wallet.available,
                owed_then=entry.wallet.owed,
            )
        )
    return rows


def months_back(today: date, count: int) -> list[str]:
    """The present month and those before it: "2026-11", "2026-10"."""
    last = today.year * 12 + today.month - 1
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(last, last - count, -1)]
