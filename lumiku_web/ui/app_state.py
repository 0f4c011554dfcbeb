"""What the state of every app starts from: projects, models with their prices, and one way to order."""

import time
from dataclasses import replace
from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.schemas import Standing, Tier
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.policy import priced
from lumiku_web.domain.catalog.schemas import AppAccess, AppManifest, JobKind, ModelRead, Params
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import Cursor, PicturePage
from lumiku_web.domain.generations.policy import SEED_MAX
from lumiku_web.domain.generations.schemas import MemberFeed, Order
from lumiku_web.domain.projects import service as projects
from lumiku_web.errors import Conflict, InvalidInput, LimitReached, NotFound
from lumiku_web.ids import new_id, parse_id
from lumiku_web.ui.cards import ModelChoice, PriceTag
from lumiku_web.ui.guard import member
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.prices import choices, price_tag, read_price
from lumiku_web.ui.session import SessionState

#: Two clicks on the same wish within this many seconds are one double click.
DOUBLE_CLICK_SECONDS: Final = 2.0


class AppState(SessionState):
    """Shared by the apps: the project that one leaves is the project that the next one opens with."""

    #: Pairs of id and name.
    projects: list[list[str]] = []
    #: Kept by the browser's tab, like `model`: a restart of the server must not choose anew. Checked wherever it is used.
    project_id: str = rx.SessionStorage("", name="lumiku_project")
    #: The project that the address asked for and got: what is chosen afterwards stays, also when the page loads again.
    asked_project: str = rx.SessionStorage("", name="lumiku_asked_project")
    model: str = rx.SessionStorage("", name="lumiku_model")
    #: The chosen model draws, it does not generate.
    is_drawn: bool = False
    #: Minted by the server, sent back by the form: the same key is the same order.
    draft_key: str = ""
    is_ready: bool = False

    #: What the app offers, and who may use it, as of the last look.
    _models: tuple[ModelRead, ...] = ()
    _access: AppAccess = AppAccess()
    #: What the person has, as of the last look or feed; nothing, or one. In a tuple, as `LiveState._cards` is.
    _standing: tuple[Standing, ...] = ()
    #: Alone, so that the models need not be put together anew with each credit that moves.
    _tier: Tier = Tier.free
    _last_wish: str = ""
    _last_at: float = 0.0

    @rx.event
    @member
    async def load_form(self) -> None:
        """Projects and models, from PostgreSQL; `?project=` chooses one."""
        mine = await call(projects.newest, self._actor)
        self.projects = [[str(p.id), p.name] for p in mine]
        asked = self.router.url.query_parameters.get("project", "")
        wanted = str(parse_id(asked if asked != self.asked_project else "") or parse_id(self.project_id))
        known = [project[0] for project in self.projects]
        self.project_id = wanted if wanted in known else next(iter(known), "")
        self.asked_project = asked
        await self._choose(self.model)
        self.draft_key = self.draft_key or str(new_id())
        self.is_ready = True

    @rx.event
    @member
    async def choose_model(self, key: str) -> None:
        """Only a model that can be used now, at the price of now. Raises: InvalidInput."""
        await self._choose(key)
        if key != self.model:
            raise InvalidInput("model_not_usable", field="model")

    @rx.var
    def models(self) -> list[ModelChoice]:
        """All that the app offers; those of a greater plan are closed."""
        return choices(self._models, self._tier)

    def _price(self, count: int, params: Params) -> PriceTag:
        """Of what stands in the form, for a computed var of the app: it changes with the model, and with what the person has."""
        standing, key, models = self._standing, self.model, self._models
        model = next((m for m in models if m.key == key), None)
        return price_tag(standing[0], self._access, priced(model, params), count) if standing and model else PriceTag()

    async def _choose(self, key: str) -> None:
        """Look at what is offered now; keep the model if the person may have it, else take the first."""
        slug = self.router.url.path.strip("/").removeprefix("apps/")
        models, self._access = await call(_offer, slug)
        self._models = tuple(models)
        self._take((await self.get_state(LiveState))._standing())  # noqa: SLF001 (underscored: no client can call it)
        mine = [m for m in models if self._tier.covers(m.tier)] or models
        chosen = next((m for m in mine if m.key == key), next(iter(mine), None))
        self.model, self.is_drawn = (chosen.key, chosen.is_drawn) if chosen else ("", False)

    def _on_feed(self, feed: MemberFeed) -> None:
        """For the hub only."""
        if feed.standing:
            self._take(feed.standing)

    def _take(self, standing: Standing | None) -> None:
        has = (standing,) if standing else ()
        tier = standing.tier if standing else Tier.free
        if has != self._standing:
            self._standing = has
        if tier != self._tier:
            self._tier = tier

    async def _choose_project(self, project_id: object) -> None:
        """A project of this person, or none. Raises: NotFound."""
        key = parse_id(project_id)
        if project_id and key is None:
            raise NotFound("project_not_found")
        self.project_id = str((await call(projects.get, self._actor, key)).id) if key else ""

    async def _earlier_pictures(self, after: Cursor | None) -> PicturePage:
        """Pictures of the chosen project that no card of an order shows, newest first. Raises: NotFound."""
        key = parse_id(self.project_id)
        if key is None:
            return PicturePage((), None)
        page = await call(gallery.page, self._actor, project_id=key, after=after)
        live = await self.get_state(LiveState)
        in_cards = {tile.image_id for card in live.orders for tile in card.tiles}
        return replace(page, pictures=tuple(image for image in page.pictures if str(image.id) not in in_cards))

    async def _order(
        self,
        app: AppManifest,
        kind: JobKind,
        params: Params,
        *,
        title: str,
        count: int,
        seed_text: str,
        key_text: str,
        price_text: object = "",
    ) -> None:
        """Place one order and show its card. A double click, or a click again after a lost answer, is the same order.

        `price_text`: `PriceTag.shown` of the form that was sent; at any other price nothing is ordered, and the form shows it.
        Raises: InvalidInput, NotFound, Conflict, LimitReached, Unavailable.
        """
        project_id = parse_id(self.project_id)
        if project_id is None:
            raise InvalidInput("project_required", field="project")
        wish = f"{self.project_id} {self.model} {count} {seed_text} {params.model_dump_json()}"
        if wish == self._last_wish and time.monotonic() - self._last_at < DOUBLE_CLICK_SECONDS:
            return
        key = parse_id(key_text) or parse_id(self.draft_key) or new_id()
        seed, shown = _seed(seed_text, key), read_price(price_text)
        order = Order(key, project_id, app, kind, params, title, count, seed, self.model, shown_price=shown)
        try:
            made = await call(services().generations.submit, self._actor, order)
        except (Conflict, LimitReached):
            await self._choose(self.model)
            raise
        self._last_wish, self._last_at = wish, time.monotonic()
        self.draft_key = str(new_id())
        live = await self.get_state(LiveState)
        live._add_order(made)  # noqa: SLF001 (underscored: no client can call it)


def _offer(uow: UnitOfWork, app: str) -> tuple[list[ModelRead], AppAccess]:
    return catalog.usable_models(uow, services().providers, app), catalog.app_access(uow, app)


def _seed(text: str, key: UUID) -> int:
    """What was typed, or by the order's key: the same key must wish the same. Raises: InvalidInput(`seed_out_of_range`)."""
    if not text.strip():
        return key.int % (SEED_MAX + 1)
    if not text.strip().isdecimal() or int(text) > SEED_MAX:
        raise InvalidInput("seed_out_of_range", field="seed", maximum=SEED_MAX)
    return int(text)
