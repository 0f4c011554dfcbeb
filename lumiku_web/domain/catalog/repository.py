"""Statements over models, routes and the switches of apps."""

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from lumiku_web.domain.catalog.models import AppSwitch, ImageModel, ModelRoute

_ENABLED = (
    select(ImageModel, ModelRoute)
    .join(ModelRoute, col(ModelRoute.model_key) == col(ImageModel.key))
    .where(col(ImageModel.is_enabled), col(ModelRoute.is_enabled))
    .order_by(col(ImageModel.position), col(ModelRoute.position))
)
_ENABLED_OF = _ENABLED.where(col(ImageModel.key) == bindparam("key"))
_SWITCH = select(AppSwitch).where(col(AppSwitch.slug) == bindparam("slug"))


class CatalogRepository:
    """The model registry."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def enabled(self) -> list[tuple[ImageModel, ModelRoute]]:
        """Every enabled route of every enabled model, in the order of choice."""
        return list(self.session.exec(_ENABLED))

    def enabled_of(self, key: str) -> list[tuple[ImageModel, ModelRoute]]:
        """The enabled routes of this model if it is enabled, in the order of choice."""
        return list(self.session.exec(_ENABLED_OF, params={"key": key}))

    def every(self) -> list[tuple[ImageModel, ModelRoute | None]]:
        """Every model with each of its routes, or with none, in the order of choice."""
        statement = (
            select(ImageModel, ModelRoute)
            .outerjoin(ModelRoute, col(ModelRoute.model_key) == col(ImageModel.key))
            .order_by(col(ImageModel.position), col(ImageModel.key), col(ModelRoute.position))
        )
        return list(self.session.exec(statement))

    def locked(self, key: str) -> ImageModel | None:
        """A model that nobody else changes before this transaction ends."""
        return self.session.exec(select(ImageModel).where(col(ImageModel.key) == key).with_for_update()).first()

    def switches(self) -> list[AppSwitch]:
        """What was decided about apps."""
        return list(self.session.exec(select(AppSwitch)))

    def switch(self, slug: str) -> AppSwitch | None:
        """What was decided about this app."""
        return self.session.exec(_SWITCH, params={"slug": slug}).first()

    def locked_switch(self, slug: str) -> AppSwitch:
        """The app's row, made if nobody has decided anything yet, that nobody else changes before this transaction ends."""
        self.session.execute(insert(AppSwitch).values(**AppSwitch(slug=slug).model_dump()).on_conflict_do_nothing())
        return self.session.exec(select(AppSwitch).where(col(AppSwitch.slug) == slug).with_for_update()).one()

    def add_missing(self, models: list[ImageModel], routes: list[ModelRoute]) -> None:
        """Insert models, and ways to them by a provider, that are not there yet; what an operator has changed stays.

        What a model can do is no operator's choice: it is written anew.
        """
        reached = {(model, provider) for model, provider in self.session.exec(select(ModelRoute.model_key, ModelRoute.provider))}
        for model in models:
            statement = insert(ImageModel).values(**model.model_dump())
            can = {"abilities": statement.excluded.abilities}
            self.session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=can))
        for route in routes:
            if (route.model_key, route.provider) not in reached:
                self.session.add(route)
        self.session.flush()
