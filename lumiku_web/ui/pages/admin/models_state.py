"""Models and apps: what there is, what it costs, and what an admin decides about it."""

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.catalog.schemas import AppState, ModelChange
from lumiku_web.errors import InvalidInput, NotFound
from lumiku_web.ui.guard import admin
from lumiku_web.ui.kit.record_table import Record
from lumiku_web.ui.pages.admin import models_rows
from lumiku_web.ui.session import SessionState

_DIGITS = 9
_FINE = {"credits": "", "quota": "", "tier": "", "state": ""}


class AdminModelsState(SessionState):
    """Read when the page opens, and after each change."""

    models: list[Record] = []
    apps: list[Record] = []
    is_ready: bool = False
    #: The form that is open: `model` or `app`, of what it is, and what stands in its fields.
    question: str = ""
    asked_name: str = ""
    asked: dict[str, str] = dict(_FINE)
    field_errors: dict[str, str] = dict(_FINE)

    _asked: str = ""

    @rx.event
    @admin
    async def load(self) -> None:
        """From PostgreSQL."""
        self.question = ""
        await self._refresh()
        self.is_ready = True

    @rx.event
    @admin
    async def ask_model(self, key: str) -> None:
        """Open the form of a model, with what is true now. Raises: NotFound."""
        known = {model.key: model for model in await call(services().registry.models, self._actor)}
        model = known.get(str(key))
        if model is None:
            raise NotFound("model_not_found")
        price, state = model.price, models_rows.state_of(model)
        asked = {"credits": str(price.credits), "quota": str(price.quota), "tier": model.tier.value, "state": state}
        self._ask("model", model.key, model.title, asked)

    @rx.event
    @admin
    async def ask_app(self, slug: str) -> None:
        """Open the form of an app, with what is true now. Raises: NotFound."""
        access = (await call(services().registry.access, self._actor)).get(str(slug))
        if access is None:
            raise NotFound("app_not_found")
        asked = {**_FINE, "tier": access.tier.value, "state": access.state.value}
        self._ask("app", str(slug), self._say(services().apps[str(slug)].title), asked)

    @rx.event
    @admin
    async def keep(self) -> None:
        """Nothing is changed."""
        self.question = ""

    @rx.event
    @admin
    async def change_model(self, form: dict[str, object]) -> None:
        """Price, plan and state of the model that was asked about. Raises: NotFound, InvalidInput."""
        self.field_errors = dict(_FINE)
        state = form.get("state")
        if state not in {AppState.on, AppState.beta, AppState.off}:
            raise InvalidInput("app_state_unknown", field="state")
        change = ModelChange(
            credits=_number(form.get("credits")),
            quota=_number(form.get("quota")),
            tier=form.get("tier"),
            is_enabled=state != AppState.off,
            is_beta=state == AppState.beta,
        )
        await call(services().registry.change_model, self._actor, self._asked, change)
        await self._done()

    @rx.event
    @admin
    async def switch_app(self, form: dict[str, object]) -> None:
        """State and plan of the app that was asked about. Raises: NotFound, InvalidInput."""
        self.field_errors = dict(_FINE)
        await call(services().registry.switch_app, self._actor, self._asked, form.get("state"), form.get("tier"))
        await self._done()

    def _ask(self, question: str, asked: str, name: str, fields: dict[str, str]) -> None:
        self.question, self._asked, self.asked_name = question, asked, name
        self.asked, self.field_errors = fields, dict(_FINE)

    async def _done(self) -> None:
        self.question = ""
        self._notify(self._say("models.changed", name=self.asked_name), "success")
        await self._refresh()

    async def _refresh(self) -> None:
        registry, apps = services().registry, services().apps
        self.models = models_rows.model_rows(await call(registry.models, self._actor), apps, self.language)
        self.apps = models_rows.app_rows(await call(registry.access, self._actor), apps, self.language)


def _number(text: object) -> object:
    """What is no number stays what it is, and is refused."""
    typed = str(text).strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS else text
