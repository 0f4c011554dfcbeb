"""The page of credits: the books as they are, the last check of them, and what an admin does to a balance."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts import service as accounts
from lumiku_web.domain.billing.operations import Treasury
from lumiku_web.domain.ledger import checks, reading
from lumiku_web.domain.ledger import service as ledger
from lumiku_web.domain.ledger.schemas import CREDITS_MAX, Entry, EventKind
from lumiku_web.errors import InvalidInput, LimitReached, NotFound
from lumiku_web.ids import new_id, parse_id
from lumiku_web.ui.guard import admin
from lumiku_web.ui.kit.record_table import Record
from lumiku_web.ui.pages.admin import credits_rows
from lumiku_web.ui.pages.admin.credits_rows import Check, Totals
from lumiku_web.ui.session import SessionState
from lumiku_web.ui.texts import number

#: What can be done to a balance, as the form calls it.
ACTS: Final[dict[str, Callable[[Treasury], Callable[..., bool]]]] = {
    "grant": lambda treasury: treasury.grant,
    "sell": lambda treasury: treasury.sell,
    "adjust": lambda treasury: treasury.adjust,
    "refund": lambda treasury: treasury.refund,
    "charge_back": lambda treasury: treasury.charge_back,
}
_NO_ERRORS: Final = {"email": "", "amount": "", "reason": "", "filter": ""}
_NUMBER: Final = re.compile(rf"[+-]?[0-9]{{1,{len(str(CREDITS_MAX))}}}")
#: Lines of a page of the ledger.
PAGE: Final = 50


class AdminCreditsState(SessionState):
    """Read when the page opens, and after each act."""

    totals: Totals = Totals()
    check: Check = Check()
    entries: list[Record] = []
    has_older: bool = False
    is_newest: bool = True
    #: Of whom and which entries are listed; empty: all of them.
    email: str = ""
    kind: str = ""
    #: Whether the form is open.
    is_acting: bool = False
    is_checking: bool = False
    is_ready: bool = False
    field_errors: dict[str, str] = _NO_ERRORS

    #: Minted with the form: what is sent twice happens once.
    _key: UUID | None = None
    _after: UUID | None = None
    _whose: UUID | None = None

    @rx.event
    @admin
    async def load(self) -> AsyncIterator[None]:
        """The newest lines first, with `?member=` of that one; the sums of all lines take longer."""
        self.kind, self.is_acting, self.field_errors = "", False, _NO_ERRORS
        asked = parse_id(self.router.url.query_parameters.get("member", ""))
        if asked:  # the field of the filter must begin anew
            self.is_ready = False
            yield
        self.email = (await call(accounts.emails, [asked])).get(asked, "") if asked else ""
        self._whose = asked if self.email else None
        await self._list()
        self.check = credits_rows.check(await call(checks.latest), self.language)
        self.is_ready = True
        yield
        await self._sum()

    @rx.event
    @admin
    async def check_now(self) -> AsyncIterator[None]:
        """Compare all of the books, which may take a while."""
        self.is_checking = True
        yield
        try:
            self.check = credits_rows.check(await call(checks.check), self.language)
        finally:
            self.is_checking = False
        self._notify(
            self._say("books.right_now" if self.check.is_right else "books.off_now"),
            "success" if self.check.is_right else "danger",
        )

    @rx.event
    @admin
    async def find(self, form: dict[str, object]) -> None:
        """List the entries of one member, of one kind, or of all. Raises: InvalidInput."""
        self.field_errors = _NO_ERRORS
        email, kind = str(form.get("of", "")).strip(), str(form.get("kind", ""))
        if kind and kind not in set(EventKind):
            raise NotFound
        whose = None
        if email:
            try:
                whose = await call(accounts.of_email, email)
            except NotFound as nobody:
                raise InvalidInput(nobody.key, field="filter") from None
        self.email, self.kind, self._whose = email, kind, whose
        await self._list()

    @rx.event
    @admin
    async def older(self) -> None:
        """The entries before the last one that is listed."""
        await self._list(self._after)

    @rx.event
    @admin
    async def newest(self) -> None:
        """Back to the first of them."""
        await self._list()

    @rx.event
    @admin
    async def ask(self) -> None:
        """Open the form, with a key of its own."""
        self.is_acting, self._key, self.field_errors = True, new_id(), _NO_ERRORS

    @rx.event
    @admin
    async def keep(self) -> None:
        """Nothing is done."""
        self.is_acting = False

    @rx.event
    @admin
    async def act(self, form: dict[str, object]) -> None:
        """Move credits. A double click moves them once. Raises: InvalidInput beside its field, and what else refuses."""
        self.field_errors = _NO_ERRORS
        act = ACTS.get(str(form.get("act", "")))
        if act is None or self._key is None:
            raise NotFound
        amount = _amount(form.get("amount"), self.language, is_signed=form.get("act") == "adjust")
        email = str(form.get("email", "")).strip()
        try:
            moved, now = await call(
                _move, act(services().treasury), self._actor, email, amount, self._key, form.get("reason", "")
            )
        except NotFound as nobody:
            raise InvalidInput(nobody.key, field="email", **nobody.facts) from None
        except LimitReached as too_much:
            raise InvalidInput(too_much.key, field="amount", **too_much.facts) from None
        self.is_acting = False
        if moved:
            told = {"amount": number(self.language, amount), "member": email, "now": number(self.language, now)}
            self._notify(self._say(f"books.done.{form['act']}", **told), "success")
        await self._list()
        await self._sum()

    async def _list(self, after: UUID | None = None) -> None:
        kinds = [EventKind(self.kind)] if self.kind else []
        entries, emails, self._after = await call(_page, after, kinds, self._whose)
        self.entries = credits_rows.entry_rows(entries, emails, self.language)
        self.has_older, self.is_newest = self._after is not None, after is None

    async def _sum(self) -> None:
        self.totals = credits_rows.totals(await call(reading.totals), self.language)


def _page(
    uow: UnitOfWork, after: UUID | None, kinds: list[EventKind], user_id: UUID | None
) -> tuple[list[Entry], dict[UUID, str], UUID | None]:
    entries, older = reading.browse(uow, after=after, limit=PAGE, kinds=kinds, user_id=user_id)
    people = {entry.user_id for entry in entries} | {entry.actor_id for entry in entries if entry.actor_id}
    return entries, accounts.emails(uow, people), older


def _move(
    uow: UnitOfWork, move: Callable[..., bool], actor: Any, email: str, amount: int, key: UUID, reason: object
) -> tuple[bool, int]:
    """Whether credits moved, and what the member has now."""
    user_id = accounts.of_email(uow, email)
    moved = move(uow, actor, user_id, amount, key=key, reason=str(reason))
    return moved, ledger.wallets(uow, [user_id])[user_id].available


def _amount(typed: object, language: str, *, is_signed: bool) -> int:
    """A whole number; only an adjustment may take away."""
    text = str(typed or "").strip().replace("\N{MINUS SIGN}", "-")
    amount = int(text) if _NUMBER.fullmatch(text) else 0
    if not 1 <= (abs(amount) if is_signed else amount) <= CREDITS_MAX:
        key = "adjustment_out_of_range" if is_signed else "amount_out_of_range"
        raise InvalidInput(key, field="amount", maximum=number(language, CREDITS_MAX))
    return amount
