"""Which models can be used, by which route, and by whom."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.schemas import Price, Tier
from lumiku_web.domain.catalog.models import AppSwitch, ImageModel, ModelRoute
from lumiku_web.domain.catalog.repository import CatalogRepository
from lumiku_web.domain.catalog.schemas import AppAccess, AppState, ModelRead, OfferedModel, RegisteredModel, Unreachable
from lumiku_web.domain.providers.ports import ImageProvider
from lumiku_web.errors import InvalidInput, Permanent

Providers = Mapping[str, ImageProvider]


def usable_models(uow: UnitOfWork, providers: Providers, app: str = "") -> list[ModelRead]:
    """The enabled models of this app (empty: of every app) that a configured provider reaches, best first.

    Each with the first route that can make it: a provider that does not know the model, or not in its size and with its
    settings, can't.
    """
    return _usable(CatalogRepository(uow.session).enabled(), providers, app)


def _usable(routes: Iterable[tuple[ImageModel, ModelRoute]], providers: Providers, app: str) -> list[ModelRead]:
    chosen: dict[str, ModelRead] = {}
    for model, route in routes:
        provider = providers.get(route.provider)
        is_of_app = not app or model.app in {"", app}
        read = _read(model, route, provider) if provider and is_of_app and model.key not in chosen else None
        if read:
            chosen[model.key] = read
    return list(chosen.values())


def usable_model(uow: UnitOfWork, providers: Providers, app: str, key: object) -> ModelRead:
    """One of them; an empty key means the first of those that the least plan has. Raises: InvalidInput(`model_not_usable`)."""
    catalog = CatalogRepository(uow.session)
    models = _usable(catalog.enabled_of(str(key)) if key else catalog.enabled(), providers, app)
    found = min(models, key=lambda model: model.tier.rank, default=None)
    if found is None:
        raise InvalidInput("model_not_usable", field="model")
    return found


def offered_models(uow: UnitOfWork, providers: Providers, app: str, tier: Tier) -> list[OfferedModel]:
    """All that can be used in this app (empty: in any), with whether who has this tier may, and the plan that unlocks it."""
    return [OfferedModel(model, tier.covers(model.tier)) for model in usable_models(uow, providers, app)]


def app_access(uow: UnitOfWork, slug: str) -> AppAccess:
    """Who may use this app. One about which nothing was decided is on, for everybody."""
    row = CatalogRepository(uow.session).switch(slug)
    return _access(row) if row else AppAccess()


def switched_apps(uow: UnitOfWork) -> dict[str, AppAccess]:
    """What an admin has decided about apps, by slug."""
    return {row.slug: _access(row) for row in CatalogRepository(uow.session).switches()}


def _access(row: AppSwitch) -> AppAccess:
    return AppAccess(AppState(row.state), Tier(row.tier))


def registered_models(uow: UnitOfWork, providers: Providers) -> list[RegisteredModel]:
    """Every model, usable or not, in the order of choice."""
    rows = groupby(CatalogRepository(uow.session).every(), key=lambda row: row[0])
    return [_registered(model, [route for _, route in pairs if route], providers) for model, pairs in rows]


def route_keys(uow: UnitOfWork, providers: Providers) -> set[str]:
    """Every enabled route of the providers that are configured, as `ModelTerms.route` names it."""
    routes = (route for _, route in CatalogRepository(uow.session).enabled() if route.provider in providers)
    return {f"{route.provider} {route.provider_model}" for route in routes}


#: key, title, tier, credits, quota units, edge in px, steps, guidance, abilities
_Shipped: TypeAlias = tuple[str, str, Tier, int, int, int, int | None, float | None, dict[str, object]]
_FREE, _BASIC, _PRO, _ENTERPRISE = Tier
_LORA: Final = "XLabs-AI/flux-RealismLora 0.9"

#: They make a picture of words alone, for every app. Settings are those of the model cards of FLUX.1-dev and FLUX.1-schnell;
#: FLUX.2 pro has none.
_PLAIN: Final[Sequence[_Shipped]] = (
    ("flux-dev", "FLUX.1 dev", _FREE, 8, 1, 1024, 28, 3.5, {"max_px": 1024}),
    ("flux-schnell", "FLUX.1 schnell", _BASIC, 6, 1, 1024, 4, None, {"max_px": 1024}),
    ("flux-2-pro", "FLUX.2 pro", _PRO, 15, 3, 1024, None, None, {"max_px": 2048}),
)
_DRAWN: Final[Sequence[_Shipped]] = (("illustrator", "Illustrator", _FREE, 1, 1, 1024, None, None, {"max_px": 1536}),)
#: Older offers of FLUX.1 dev, switched off since `flux-dev` makes the same for less.
_OLDER: Final[Sequence[_Shipped]] = (
    ("flux-dev-standard", "FLUX.1 dev standard", _FREE, 10, 1, 512, 28, 3.5, {"max_px": 512}),
    ("flux-dev-hd", "FLUX.1 dev HD", _BASIC, 15, 2, 1024, 28, 3.5, {"max_px": 1024}),
)
#: What needs more than words, which none of our providers takes yet: switched off, without a way, with what it would need.
_AVATARS: Final[Sequence[_Shipped]] = (
    ("flux-dev-realism", "FLUX.1 dev Realism", _BASIC, 12, 2, 768, 30, 3.5, {"lora": _LORA, "max_px": 1024}),
    ("flux-dev-hd-realism", "FLUX.1 dev HD Realism", _PRO, 15, 3, 1024, 35, 3.5, {"lora": _LORA, "max_px": 1536}),
    ("photomaker-basic", "PhotoMaker", _BASIC, 18, 2, 512, 50, 7.5, {"reference_pictures": 4, "max_px": 1024}),
    ("photomaker-pro", "PhotoMaker Pro", _PRO, 25, 3, 1024, 50, 7.5, {"reference_pictures": 4, "max_px": 1536}),
    ("photomaker-enterprise", "PhotoMaker HD", _ENTERPRISE, 35, 4, 1536, 50, 7.5, {"reference_pictures": 4, "max_px": 2048}),
)
_POSES: Final[Sequence[_Shipped]] = (
    ("flux-controlnet-free", "ControlNet schnell", _FREE, 15, 1, 512, 4, None, {"pose": 0.7, "max_px": 768}),
    ("flux-controlnet-standard", "ControlNet dev", _BASIC, 30, 2, 768, 28, 3.5, {"pose": 0.8, "max_px": 1024}),
    ("flux-controlnet-pro", "ControlNet dev Pro", _PRO, 40, 3, 1024, 35, 3.5, {"pose": 0.85, "max_px": 1536}),
    ("background-changer-sam", "Background Changer", _BASIC, 10, 1, 1024, None, None, {"backgrounds": True, "max_px": 2048}),
)


def seed(uow: UnitOfWork) -> None:
    """The models that Lumiku ships with, and the ways to them. Running it again changes nothing."""
    models = [
        *_models(_PLAIN, first=10),
        *_models(_DRAWN, first=90),
        *_models(_OLDER, first=50, is_enabled=False),
        *_models(_AVATARS, first=100, app="avatar-creator", is_enabled=False),
        *_models(_POSES, first=200, app="pose-generator", is_enabled=False),
    ]
    CatalogRepository(uow.session).add_missing(models, _routes())


def _models(shipped: Sequence[_Shipped], *, first: int, app: str = "", is_enabled: bool = True) -> list[ImageModel]:
    return [
        ImageModel(
            key=key,
            title=title,
            position=first + 10 * place,
            app=app,
            is_enabled=is_enabled,
            tier=tier.value,
            credits_price=credits,
            quota_price=quota,
            width_px=px,
            height_px=px,
            steps=steps,
            guidance=guidance,
            abilities=abilities,
        )
        for place, (key, title, tier, credits, quota, px, steps, guidance, abilities) in enumerate(shipped)
    ]


def _routes() -> list[ModelRoute]:
    flux_dev, flux_schnell = "black-forest-labs/FLUX.1-dev", "black-forest-labs/FLUX.1-schnell"
    by_flux_dev = ("flux-dev", "flux-dev-standard", "flux-dev-hd")
    return [
        *(_route(key, "huggingface", flux_dev, 120) for key in by_flux_dev),
        *(_route(key, "bfl", "flux-dev", 120, position=10) for key in by_flux_dev),
        _route("flux-schnell", "huggingface", flux_schnell, 60),
        _route("flux-2-pro", "bfl", "flux-2-pro", 120),
        _route("illustrator", "illustrator", "dicebear", 30),
    ]


def _route(key: str, provider: str, name: str, deadline_seconds: int, *, position: int = 0) -> ModelRoute:
    return ModelRoute(model_key=key, provider=provider, provider_model=name, deadline_seconds=deadline_seconds, position=position)


def _registered(model: ImageModel, routes: list[ModelRoute], providers: Providers) -> RegisteredModel:
    return RegisteredModel(
        key=model.key,
        title=model.title,
        app=model.app,
        tier=Tier(model.tier),
        price=Price(model.credits_price, model.quota_price),
        is_enabled=model.is_enabled,
        is_beta=model.is_beta,
        abilities=model.abilities,
        routes=tuple(f"{route.provider} {route.provider_model}" for route in routes),
        why_not=_why_not(model, routes, providers),
    )


def _why_not(model: ImageModel, routes: Iterable[ModelRoute], providers: Providers) -> Unreachable | None:
    """A model without a way says so, also where it is switched off: switching it on would not help."""
    open_routes = [route for route in routes if route.is_enabled]
    known = [(route, provider) for route in open_routes if (provider := providers.get(route.provider))]
    reasons = [
        (not routes, Unreachable.no_route),
        (not model.is_enabled, Unreachable.off),
        (not open_routes, Unreachable.routes_off),
        (not known, Unreachable.not_set_up),
        (not any(_read(model, route, provider) for route, provider in known), Unreachable.does_not_fit),
    ]
    return next((reason for is_so, reason in reasons if is_so), None)


def _read(model: ImageModel, route: ModelRoute, provider: ImageProvider) -> ModelRead | None:
    """What would be ordered by this route, or None if it can't be."""
    try:
        can = provider.capabilities(route.provider_model)
    except Permanent:
        return None
    if not can.fits(model.width_px, model.height_px, model.steps, model.guidance):
        return None
    return ModelRead(
        key=model.key,
        title=model.title,
        provider=route.provider,
        provider_model=route.provider_model,
        capabilities=can,
        width_px=model.width_px,
        height_px=model.height_px,
        steps=model.steps if can.steps else None,
        guidance=model.guidance if can.guidance else None,
        credits_price=model.credits_price,
        quota_price=model.quota_price,
        tier=Tier(model.tier),
        is_beta=model.is_beta,
        deadline_seconds=route.deadline_seconds,
    )
