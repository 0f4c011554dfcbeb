"""One person: sessions, plan, orders, and what an admin does about them."""

from collections.abc import AsyncIterator, Callable
from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.clock import utc_now
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor, Role
from lumiku_web.domain.billing import service as billing
from lumiku_web.domain.usage import service as usage
from lumiku_web.errors import NotFound
from lumiku_web.ids import parse_id
from lumiku_web.ui.guard import admin
from lumiku_web.ui.kit.record_table import Record
from lumiku_web.ui.pages.admin import people_rows
from lumiku_web.ui.pages.admin.people_rows import Money, Person
from lumiku_web.ui.session import SessionState

#: What is asked about before it is done, as the page's dialogs are called.
QUESTIONS: Final = ("deactivate", "activate", "promote", "demote", "sign_out", "plan", "cancel_plan", "renew")


class AdminPersonState(SessionState):
    """Read when the page opens and after each act."""

    person: Person = Person()
    money: Money = Money()
    sessions: list[Record] = []
    orders: list[Record] = []
    #: Pairs of key and title: the plans that there are.
    plans: list[list[str]] = []
    #: One of `QUESTIONS`, while its dialog is open; and what a plan would cost.
    question: str = ""
    chosen_plan: str = ""
    cost: str = ""
    is_ready: bool = False
    is_missing: bool = False

    _person_id: UUID | None = None

    @rx.event
    @admin
    async def load(self) -> AsyncIterator[None]:
        """Whom the address names. Whoever was shown before is not, meanwhile."""
        self.is_ready, self.question, self._person_id = False, "", None
        yield
        self._person_id = parse_id(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
        try:
            await self._refresh()
            self.is_missing = False
        except NotFound:
            self._person_id, self.is_missing = None, True
        self.is_ready = True

    @rx.event
    @admin
    async def ask(self, question: str) -> None:
        """Say what would happen."""
        if question in QUESTIONS:
            self.question, self.chosen_plan, self.cost = question, "", ""

    @rx.event
    @admin
    async def keep(self) -> None:
        """Nothing is done."""
        self.question = ""

    @rx.event
    @admin
    async def deactivate(self) -> None:
        """Lock the person out at once. Raises: NotFound, Conflict(`own_account`)."""
        count = await call(services().people.deactivate, self._actor, self._opened())
        key = {0: "none", 1: "one"}.get(count, "many")
        await self._done(f"person.deactivated_{key}", count=count)

    @rx.event
    @admin
    async def activate(self) -> None:
        """Let the person in again. Raises: NotFound."""
        await call(services().people.activate, self._actor, self._opened())
        await self._done("person.activated")

    @rx.event
    @admin
    async def set_role(self, role: str) -> rx.event.EventSpec | None:
        """Who takes the role from themself goes home. Raises: NotFound, InvalidInput, Conflict(`last_admin`)."""
        await call(services().people.set_role, self._actor, self._opened(), role)
        if self.person.is_self and role != Role.admin:
            self._notify(self._say("person.gave_up"), "success", on_page="/home")
            return rx.redirect("/home")
        await self._done("person.promoted" if role == Role.admin else "person.demoted")
        return None

    @rx.event
    @admin
    async def sign_out(self, session_id: str = "") -> None:
        """Everywhere, or in this one browser."""
        session = parse_id(session_id)
        if session is None and session_id:
            raise NotFound("member_not_found")
        await call(services().people.end_sessions, self._actor, self._opened(), session)
        await self._done("person.signed_out_one" if session else "person.signed_out")

    @rx.event
    @admin
    async def choose_plan(self, key: str) -> None:
        """Say what it would cost, and when it would begin. Raises: NotFound."""
        self.chosen_plan, self.cost = key, ""
        if key and self._person_id:
            plan, cost = await call(billing.cost_of_plan, self._person_id, key)
            self.cost = people_rows.cost(cost, plan.currency, utc_now(), self.language)

    @rx.event
    @admin
    async def set_plan(self) -> None:
        """Begin a plan, or change to it. Raises: NotFound, Conflict."""
        treasury = services().treasury
        act = treasury.change_plan if self.money.plan_key else treasury.subscribe
        await call(act, self._actor, self._opened(), self.chosen_plan)
        await self._done("person.plan_set")

    @rx.event
    @admin
    async def act_on_plan(self, act: str) -> None:
        """Let it end with what was paid, or go on after all, or for one period more. Raises: NotFound, Conflict."""
        treasury = services().treasury
        acts: dict[str, Callable[..., object]] = {
            "canceled": treasury.cancel_plan,
            "resumed": treasury.resume_plan,
            "renewed": treasury.renew,
        }
        if act in acts:
            await call(acts[act], self._actor, self._opened())
            await self._done(f"person.plan_was_{act}")

    def _opened(self) -> UUID:
        if self._person_id is None:
            raise NotFound("member_not_found")
        self.question = ""
        return self._person_id

    async def _done(self, key: str, **facts: object) -> None:
        self._notify(self._say(key, name=self.person.name, **facts), "success")
        await self._refresh()

    async def _refresh(self) -> None:
        shown = await call(_seen, self._actor, self._person_id, self.language)
        self.person, self.money, self.sessions, self.orders, self.plans = shown


def _seen(
    uow: UnitOfWork, actor: Actor, person_id: UUID | None, language: str
) -> tuple[Person, Money, list[Record], list[Record], list[list[str]]]:
    """All of it, of one moment."""
    if person_id is None:
        raise NotFound("member_not_found")
    uow.snapshot()
    made, now = services(), utc_now()
    found = made.people.get(uow, actor, person_id)
    has = made.payments.standings(uow, [person_id])[person_id]
    pictures = usage.pictures(uow, [person_id])[person_id]
    sessions = people_rows.session_rows(made.people.sessions(uow, actor, person_id), actor, now, language)
    orders = people_rows.order_rows(made.operations.orders_of(uow, actor, person_id), now, language)
    plans = [[plan.key, people_rows.plan_label(plan, language)] for plan in billing.plans(uow)]
    return people_rows.person(found, actor, now, language), people_rows.money(has, pictures, language), sessions, orders, plans
