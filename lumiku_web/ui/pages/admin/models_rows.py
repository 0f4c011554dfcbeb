"""Models and apps in words, as an admin sees them."""

from collections.abc import Iterable, Mapping
from typing import Final

from lumiku_web.domain.catalog.schemas import AppAccess, AppManifest, AppState, RegisteredModel, Unreachable
from lumiku_web.ui.kit.record_table import NO_VALUE, Record
from lumiku_web.ui.texts import number, say

_ABILITIES: Final = ("lora", "reference_pictures", "pose", "backgrounds", "max_px")


def model_rows(models: Iterable[RegisteredModel], apps: Mapping[str, AppManifest], language: str) -> list[Record]:
    """In the order of choice."""
    return [_model(model, apps, language) for model in models]


def app_rows(access: Mapping[str, AppAccess], apps: Mapping[str, AppManifest], language: str) -> list[Record]:
    """In the order of the dashboard."""
    return [_app(apps[slug], known, language) for slug, known in access.items()]


def state_of(model: RegisteredModel) -> str:
    """The word of the form: `on`, `beta`, `off`."""
    if not model.is_enabled:
        return AppState.off.value
    return AppState.beta.value if model.is_beta else AppState.on.value


def _model(model: RegisteredModel, apps: Mapping[str, AppManifest], language: str) -> Record:
    is_closed = model.is_enabled and model.why_not is not None
    state = "unreachable" if is_closed else state_of(model)
    app = say(language, apps[model.app].title) if model.app in apps else model.app
    return Record(
        id=model.key,
        cells=[
            model.title,
            say(language, f"models.state.{state}"),
            app or say(language, "models.every_app"),
            say(language, f"tier.{model.tier.value}"),
            number(language, model.price.credits),
            number(language, model.price.quota),
            _can(model, language),
            ", ".join(route.split()[0] for route in model.routes) or NO_VALUE,
            _why_not(model, language),
        ],
        values=["", "", "", model.tier.rank, model.price.credits, model.price.quota, "", ", ".join(model.routes), ""],
        tone="warning" if is_closed else "success" if model.is_enabled else "",
    )


def _can(model: RegisteredModel, language: str) -> str:
    can = [(name, model.abilities[name]) for name in _ABILITIES if name in model.abilities]
    return " · ".join(say(language, f"models.can.{name}", value=value) for name, value in can) or NO_VALUE


def _why_not(model: RegisteredModel, language: str) -> str:
    if model.why_not in {None, Unreachable.off}:
        return NO_VALUE
    return say(language, f"models.why.{model.why_not}")


def _app(app: AppManifest, access: AppAccess, language: str) -> Record:
    tones = {AppState.on: "success", AppState.beta: "success", AppState.coming_soon: "warning", AppState.off: ""}
    return Record(
        id=app.slug,
        cells=[
            say(language, app.title),
            say(language, f"models.state.{access.state.value}"),
            say(language, f"tier.{access.tier.value}"),
        ],
        values=["", "", access.tier.rank],
        tone=tones[access.state],
    )
