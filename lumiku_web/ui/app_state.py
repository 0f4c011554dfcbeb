"""What the state of every app starts from: the person's projects, the models that can be used, and one way to order."""

import time
from dataclasses import replace
from typing import Final
from uuid import UUID

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.schemas import AppManifest, JobKind, ModelRead, Params
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import Cursor, PicturePage
from lumiku_web.domain.generations.policy import SEED_MAX
from lumiku_web.domain.generations.schemas import Order
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.errors import InvalidInput, NotFound
from lumiku_web.ids import new_id, parse_id
from lumiku_web.ui.guard import member
from lumiku_web.ui.live import LiveState
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
    #: Pairs of key and title.
    models: list[list[str]] = []
    model: str = rx.SessionStorage("", name="lumiku_model")
    #: The chosen model draws, it does not generate.
    is_drawn: bool = False
    #: Minted by the server, sent back by the form: the same key is the same order.
    draft_key: str = ""
    is_ready: bool = False

    _last_wish: str = ""
    _last_at: float = 0.0

    @rx.event
    @member
    async def load_form(self) -> None:
        """Projects and models, from PostgreSQL; `?project=` chooses one."""
        mine, models = await call(_offer, self._actor)
        self.projects = [[str(p.id), p.name] for p in mine]
        asked = self.router.url.query_parameters.get("project", "")
        wanted = str(parse_id(asked if asked != self.asked_project else "") or parse_id(self.project_id))
        known = [project[0] for project in self.projects]
        self.project_id = wanted if wanted in known else next(iter(known), "")
        self.asked_project = asked
        self.models = [[m.key, m.title] for m in models]
        self._choose(models, self.model)
        self.draft_key = self.draft_key or str(new_id())
        self.is_ready = True

    @rx.event
    @member
    async def choose_model(self, key: str) -> None:
        """Only a model that can be used now. Raises: InvalidInput."""
        model = await call(catalog.usable_model, services().providers, key)
        self._choose([model], model.key)

    def _choose(self, models: list[ModelRead], key: str) -> None:
        chosen = next((m for m in models if m.key == key), models[0] if models else None)
        self.model, self.is_drawn = (chosen.key, chosen.is_drawn) if chosen else ("", False)

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
        self, app: AppManifest, kind: JobKind, params: Params, *, title: str, count: int, seed_text: str, key_text: str
    ) -> None:
        """Place one order and show its card. A double click, or a click again after a lost answer, is the same order.

        Raises: InvalidInput, NotFound, Conflict, LimitReached, Unavailable.
        """
        project_id = parse_id(self.project_id)
        if project_id is None:
            raise InvalidInput("project_required", field="project")
        wish = f"{self.project_id} {self.model} {count} {seed_text} {params.model_dump_json()}"
        if wish == self._last_wish and time.monotonic() - self._last_at < DOUBLE_CLICK_SECONDS:
            return
        key = parse_id(key_text) or parse_id(self.draft_key) or new_id()
        order = Order(key, project_id, app, kind, params, title, count, _seed(seed_text, key), self.model)
        made = await call(services().generations.submit, self._actor, order)
        self._last_wish, self._last_at = wish, time.monotonic()
        self.draft_key = str(new_id())
        live = await self.get_state(LiveState)
        live._add_order(made)  # noqa: SLF001 (underscored: no client can call it)


def _offer(uow: UnitOfWork, actor: Actor) -> tuple[list[ProjectRead], list[ModelRead]]:
    return projects.newest(uow, actor), catalog.usable_models(uow, services().providers)


def _seed(text: str, key: UUID) -> int:
    """What was typed, or by the order's key: the same key must wish the same. Raises: InvalidInput(`seed_out_of_range`)."""
    if not text.strip():
        return key.int % (SEED_MAX + 1)
    if not text.strip().isdecimal() or int(text) > SEED_MAX:
        raise InvalidInput("seed_out_of_range", field="seed", maximum=SEED_MAX)
    return int(text)
