"""The model registry: what a person chooses, and the routes by which it is reached."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from lumiku_web.db.base import Identified, SQLModel, at_most, document, one_of
from lumiku_web.domain.billing.schemas import Tier
from lumiku_web.domain.catalog.schemas import AppState


class AppSwitch(SQLModel, table=True):
    """What an admin has decided about an app; an app without a row is on, for everybody."""

    __tablename__ = "app_switches"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (one_of("state", AppState), one_of("tier", Tier))

    slug: str = Field(primary_key=True)
    state: str = Field(default=AppState.on.value)
    #: The least plan that has it.
    tier: str = Field(default=Tier.free.value)


class ImageModel(SQLModel, table=True):
    """A model as people know it."""

    __tablename__ = "image_models"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        CheckConstraint("credits_price > 0 AND quota_price > 0", name="price_positive"),
        one_of("tier", Tier),
        CheckConstraint("width_px BETWEEN 64 AND 4096 AND height_px BETWEEN 64 AND 4096", name="size_sane"),
        at_most("title", 100),
    )

    key: str = Field(primary_key=True)
    title: str
    #: Ascending; the first usable one is preselected.
    position: int
    is_enabled: bool = Field(default=True)
    #: Slug of the app that offers it; empty: every app does.
    app: str = Field(default="")
    #: The least plan that has it.
    tier: str = Field(default=Tier.free.value)
    is_beta: bool = Field(default=False)
    #: Credits, and quota units, for one picture.
    credits_price: int
    quota_price: int = Field(default=1)
    #: What it can do beyond a prompt, for people to compare: `lora`, `reference_pictures`, `pose`, `max_px`, …
    abilities: dict[str, object] = document()
    width_px: int = Field(default=1024)
    height_px: int = Field(default=1024)
    #: Sent when the person chooses nothing else; None is not sent.
    steps: int | None = Field(default=None)
    guidance: float | None = Field(default=None)


class ModelRoute(Identified, table=True):
    """One way to reach a model: a provider and its own name for the model."""

    __tablename__ = "model_routes"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (CheckConstraint("deadline_seconds BETWEEN 1 AND 3600", name="deadline_sane"),)

    model_key: str = Field(foreign_key="image_models.key", ondelete="CASCADE", index=True)
    provider: str
    provider_model: str
    #: Ascending: the first route whose provider is configured is taken.
    position: int = Field(default=0)
    is_enabled: bool = Field(default=True)
    #: No attempt by this route takes longer.
    deadline_seconds: int = Field(default=120)
