"""Statements over models and routes."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from lumiku_web.domain.catalog.models import ImageModel, ModelRoute


class CatalogRepository:
    """The model registry."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def enabled(self) -> list[tuple[ImageModel, ModelRoute]]:
        """Every enabled route of every enabled model, in the order of choice."""
        statement = (
            select(ImageModel, ModelRoute)
            .join(ModelRoute, col(ModelRoute.model_key) == col(ImageModel.key))
            .where(col(ImageModel.is_enabled), col(ModelRoute.is_enabled))
            .order_by(col(ImageModel.position), col(ModelRoute.position))
        )
        return list(self.session.exec(statement))

    def add_missing(self, models: list[ImageModel], routes: list[ModelRoute]) -> None:
        """Insert models, and ways to them by a provider, that are not there yet; what an operator has changed stays."""
        known = set(self.session.exec(select(ImageModel.key)))
        reached = {(model, provider) for model, provider in self.session.exec(select(ModelRoute.model_key, ModelRoute.provider))}
        for model in models:
            if model.key not in known:
                self.session.execute(insert(ImageModel).values(**model.model_dump()).on_conflict_do_nothing())
        for route in routes:
            if (route.model_key, route.provider) not in reached:
                self.session.add(route)
        self.session.flush()
