"""People in words: lists and facts as the admin's pages show them, in the admin's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lumiku_web.domain.accounts.schemas import Actor, PersonRead, Role, SessionRead
from lumiku_web.domain.billing.schemas import Cycle, PaidWith, PlanRead, Proration, Standing, SubscriptionStatus, Window
from lumiku_web.domain.generations.schemas import FINAL, GenerationRead, ItemStatus
from lumiku_web.ui.kit.record_table import NO_VALUE, Record
from lumiku_web.ui.pages.admin.jobs_rows import ago, iso
from lumiku_web.ui.texts import day, number, say

#: As browsers name themselves, the first one that is found; the later ones also stand in the names of the earlier ones.
_BROWSERS: Final = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS: Final = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
#: Of a browser that is none of these, in characters.
_AGENT_LENGTH: Final = 60
_PLAN_TONES: Final = {SubscriptionStatus.grace: "warning", SubscriptionStatus.suspended: "danger"}


@dataclass(frozen=True)
class Person:
    """Who somebody is."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    state: str = ""
    #: In words.
    since: str = ""
    last_seen: str = ""
    is_admin: bool = False
    is_active: bool = True
    #: The admin who looks.
    is_self: bool = False


@dataclass(frozen=True)
class Money:
    """What somebody has."""

    available: str = NO_VALUE
    available_note: str = ""
    held: str = NO_VALUE
    today: str = NO_VALUE
    today_note: str = ""
    pictures: str = NO_VALUE
    #: Key of the plan; empty for who pays as they go.
    plan_key: str = ""
    plan_status: str = ""
    plan: str = ""
    plan_note: str = ""
    plan_state: str = ""
    plan_tone: str = ""


def person_rows(
    people: Iterable[PersonRead],
    standings: Mapping[UUID, Standing],
    pictures: Mapping[UUID, int],
    now: datetime,
    language: str,
) -> list[Record]:
    """As they came."""
    return [_person_row(one, standings[one.id], pictures[one.id], now, language) for one in people]


def _person_row(one: PersonRead, has: Standing, pictures: int, now: datetime, language: str) -> Record:
    return Record(
        id=str(one.id),
        cells=[
            one.name,
            one.email,
            say(language, f"people.state.{one.state.value}"),
            say(language, f"people.role.{one.role.value}"),
            has.plan.title if has.plan else NO_VALUE,
            _credits(has, language),
            _used(has.day, language),
            number(language, pictures),
            ago(one.last_seen_at, now, language),
        ],
        values=["", "", "", "", "", has.available, has.day.used + has.day.held, pictures, iso(one.last_seen_at)],
        kind=one.role.value,
        tone="success" if one.is_active else "danger",
    )


def _credits(has: Standing, language: str) -> str:
    available = number(language, has.available)
    return say(language, "people.some_held", available=available, held=number(language, has.held)) if has.held else available


def _used(window: Window, language: str) -> str:
    if not window.limit:
        return NO_VALUE
    return say(language, "jobs.of", part=number(language, window.used + window.held), whole=number(language, window.limit))


def person(one: PersonRead, actor: Actor, now: datetime, language: str) -> Person:
    """Who somebody is, as `actor` sees it."""
    return Person(
        id=str(one.id),
        name=one.name,
        email=one.email,
        role=say(language, f"people.role.{one.role.value}"),
        state=say(language, f"people.state.{one.state.value}"),
        since=day(language, one.created_at.date()),
        last_seen=ago(one.last_seen_at, now, language),
        is_admin=one.role is Role.admin,
        is_active=one.is_active,
        is_self=one.id == actor.user_id,
    )


def money(has: Standing, pictures: int, language: str) -> Money:
    """What somebody has."""
    owed = say(language, "person.owed", count=number(language, has.owed)) if has.owed else ""
    month = say(language, "person.month", used=_used(has.month, language)) if has.month.limit else ""
    return Money(
        available=number(language, has.available),
        available_note=owed,
        held=number(language, has.held),
        today=_used(has.day, language),
        today_note=month,
        pictures=number(language, pictures),
        plan_key=has.plan.key if has.plan else "",
        plan_status=has.status.value if has.status else "",
        plan=has.plan.title if has.plan else say(language, "person.no_plan"),
        plan_note=_plan_note(has, language),
        plan_state=say(language, f"person.plan.{has.status.value}") if has.status else "",
        plan_tone=_PLAN_TONES.get(has.status, "success") if has.status else "",
    )


def _plan_note(has: Standing, language: str) -> str:
    if has.status is None or has.until is None:
        return say(language, "person.no_plan_note")
    key = {SubscriptionStatus.active: "renews", SubscriptionStatus.suspended: "stopped"}.get(has.status, "ends")
    return say(language, f"person.plan_{key}", day=day(language, has.until.date()))


def plan_label(plan: PlanRead, language: str) -> str:
    """A plan to choose."""
    key = "person.plan_a_year" if plan.cycle is Cycle.year else "person.plan_a_month"
    return say(language, key, title=plan.title, price=_price(plan.price_minor, plan.currency, language))


def cost(of: Proration, currency: str, now: datetime, language: str) -> str:
    """What a plan would cost, and when it would begin."""
    if of.at > now:
        return say(language, "person.cost_later", day=day(language, of.at.date()))
    due = say(language, "person.cost_now", price=_price(of.due_minor, currency, language))
    paid = say(language, "person.cost_counts", price=_price(of.credit_minor, currency, language)) if of.credit_minor else ""
    return f"{due} {paid}".strip()


def _price(minor: int, currency: str, language: str) -> str:
    """Rupiah have no smaller unit."""
    return (
        f"Rp\N{NO-BREAK SPACE}{number(language, minor)}"
        if currency == "IDR"
        else f"{currency} {number(language, minor / 100, decimals=2)}"
    )


def session_rows(sessions: Iterable[SessionRead], actor: Actor, now: datetime, language: str) -> list[Record]:
    """As they came."""
    return [
        Record(
            id=str(one.id),
            cells=[
                _browser(one.user_agent) or say(language, "person.unknown_browser"),
                ago(one.signed_in_at, now, language),
                ago(one.last_seen_at, now, language),
            ],
            values=["", iso(one.signed_in_at), iso(one.last_seen_at)],
            kind="own" if one.id == actor.session_id else "",
        )
        for one in sessions
    ]


def _browser(user_agent: str) -> str:
    """What people call it; anybody may write anything there."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system))) if browser else user_agent[:_AGENT_LENGTH]


def order_rows(orders: Iterable[GenerationRead], now: datetime, language: str) -> list[Record]:
    """As they came; what was wished for is the member's own."""
    return [_order_row(one, now, language) for one in orders]


def _order_row(order: GenerationRead, now: datetime, language: str) -> Record:
    made = sum(item.status is ItemStatus.succeeded for item in order.items)
    paid = [item.paid_with for item in order.items if item.status is ItemStatus.succeeded]
    credits, quota = order.price.credits * paid.count(PaidWith.credits), order.price.quota * paid.count(PaidWith.quota)
    word, tone = _order_state(order, made)
    return Record(
        id=str(order.id),
        cells=[
            order.model_title,
            say(language, f"person.order.{word}"),
            say(language, "jobs.of", part=made, whole=len(order.items)),
            number(language, credits),
            number(language, quota),
            ago(order.created_at, now, language),
            order.correlation_id[:8],
        ],
        values=["", "", made, credits, quota, iso(order.created_at), ""],
        tone=tone,
    )


def _order_state(order: GenerationRead, made: int) -> tuple[str, str]:
    """Word and tone."""
    if any(item.status not in FINAL for item in order.items):
        return "open", ""
    if made == len(order.items):
        return "done", "success"
    return ("canceled", "") if order.canceled == len(order.items) else ("partly", "warning")
