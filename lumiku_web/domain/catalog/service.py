"""Which models can be used, and by which route."""

from collections.abc import Mapping

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.domain.catalog.models import ImageModel, ModelRoute
from lumiku_web.domain.catalog.repository import CatalogRepository
from lumiku_web.domain.catalog.schemas import ModelRead
from lumiku_web.domain.providers.ports import ImageProvider
from lumiku_web.errors import InvalidInput, Permanent

Providers = Mapping[str, ImageProvider]


def usable_models(uow: UnitOfWork, providers: Providers) -> list[ModelRead]:
    """The enabled models that a configured provider reaches, best first; each with the first route that can make it.

    A provider that does not know the model, or not in its size and with its settings, can't.
    """
    chosen: dict[str, ModelRead] = {}
    for model, route in CatalogRepository(uow.session).enabled():
        provider = providers.get(route.provider)
        read = _read(model, route, provider) if provider and model.key not in chosen else None
        if read:
            chosen[model.key] = read
    return list(chosen.values())


def usable_model(uow: UnitOfWork, providers: Providers, key: object) -> ModelRead:
    """One of them; an empty key means the first. Raises: InvalidInput(`model_not_usable`)."""
    models = usable_models(uow, providers)
    found = next((m for m in models if m.key == key or not key), None)
    if found is None:
        raise InvalidInput("model_not_usable", field="model")
    return found


def route_keys(uow: UnitOfWork, providers: Providers) -> set[str]:
    """Every enabled route of the providers that are configured, as `ModelTerms.route` names it."""
    routes = (route for _, route in CatalogRepository(uow.session).enabled() if route.provider in providers)
    return {f"{route.provider} {route.provider_model}" for route in routes}


def seed(uow: UnitOfWork) -> None:
    """The models that Lumiku ships with, and the ways to them. Running it again changes nothing.

    Defaults are those of the model cards of FLUX.1-dev (28 steps, guidance 3.5) and FLUX.1-schnell (4 steps, none); FLUX.2 pro
    has neither.
    """
    CatalogRepository(uow.session).add_missing(
        [
            ImageModel(key="flux-dev", title="FLUX.1 dev", position=10, steps=28, guidance=3.5, credits_price=8),
            ImageModel(key="flux-schnell", title="FLUX.1 schnell", position=20, steps=4, tier=Tier.basic.value, credits_price=6),
            ImageModel(key="flux-2-pro", title="FLUX.2 pro", position=30, tier=Tier.pro.value, credits_price=15, quota_price=3),
            ImageModel(key="illustrator", title="Illustrator", position=90, credits_price=1),
        ],
        [
            ModelRoute(
                model_key="flux-dev", provider="huggingface", provider_model="black-forest-labs/FLUX.1-dev", deadline_seconds=120
            ),
            ModelRoute(model_key="flux-dev", provider="bfl", provider_model="flux-dev", position=10, deadline_seconds=120),
            ModelRoute(
                model_key="flux-schnell",
                provider="huggingface",
                provider_model="black-forest-labs/FLUX.1-schnell",
                deadline_seconds=60,
            ),
            ModelRoute(model_key="flux-2-pro", provider="bfl", provider_model="flux-2-pro", deadline_seconds=120),
            ModelRoute(model_key="illustrator", provider="illustrator", provider_model="dicebear", deadline_seconds=30),
        ],
    )


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
