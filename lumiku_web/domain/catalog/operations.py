"""What an admin decides about models and apps. Every act is checked here, and audited with what was before and what is now."""

from collections.abc import Mapping
from dataclasses import dataclass

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.catalog import policy
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.catalog.models import AppSwitch, ImageModel
from lumiku_web.domain.catalog.repository import CatalogRepository
from lumiku_web.domain.catalog.schemas import AppAccess, AppManifest, AppState, ModelChange, RegisteredModel
from lumiku_web.errors import InvalidInput, NotFound, NotPermitted


@dataclass(frozen=True)
class Registry:
    """The use cases of an admin. All join the caller's transaction; all raise NotPermitted for anybody else.

    Orders that were taken keep their terms (L12).
    """

    apps: Mapping[str, AppManifest]
    providers: catalog.Providers

    def models(self, uow: UnitOfWork, actor: Actor) -> list[RegisteredModel]:
        """Every model, usable or not. Read only."""
        _admins_only(actor)
        return catalog.registered_models(uow, self.providers)

    def access(self, uow: UnitOfWork, actor: Actor) -> dict[str, AppAccess]:
        """Every app that is installed, by slug. Read only."""
        _admins_only(actor)
        decided = catalog.switched_apps(uow)
        return {slug: decided.get(slug, AppAccess()) for slug in self.apps}

    def change_model(self, uow: UnitOfWork, actor: Actor, key: str, change: ModelChange) -> None:
        """Price, plan and state of a model, for orders from now on. Locks its row. Raises: NotFound, InvalidInput."""
        _admins_only(actor)
        columns = policy.checked(change)
        model = CatalogRepository(uow.session).locked(key)
        if model is None:
            raise NotFound("model_not_found")
        _set(uow, actor, Action.model_changed, model, columns, {"model": key})

    def switch_app(self, uow: UnitOfWork, actor: Actor, slug: str, state: object, tier: object) -> None:
        """Whether an app can be used, and by which plans. Locks its row. Raises: NotFound, InvalidInput."""
        _admins_only(actor)
        if not isinstance(state, str) or state not in set(AppState):
            raise InvalidInput("app_state_unknown", field="state")
        columns: dict[str, object] = {"state": state, "tier": policy.known_tier(tier).value}
        if slug not in self.apps:
            raise NotFound("app_not_found")
        switch = CatalogRepository(uow.session).locked_switch(slug)
        _set(uow, actor, Action.app_switched, switch, columns, {"app": slug})


def _set(
    uow: UnitOfWork, actor: Actor, action: Action, row: ImageModel | AppSwitch, columns: dict[str, object], which: dict[str, str]
) -> None:
    """What stays as it was is no act."""
    before = {name: getattr(row, name) for name, value in columns.items() if getattr(row, name) != value}
    if not before:
        return
    after = {name: columns[name] for name in before}
    for name, value in after.items():
        setattr(row, name, value)
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, actor.user_id, action, None, **which, before=before, after=after)


def _admins_only(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotPermitted
