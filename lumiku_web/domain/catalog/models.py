"""The model registry: what a person chooses, and the routes by which it is reached."""

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from lumiku_web.db.base import Identified, SQLModel, at_most


class ImageModel(SQLModel, table=True):
    """A model as people know it."""

    __tablename__ = "image_models"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        CheckConstraint("credits_price >= 0", name="credits_price_not_negative"),
        CheckConstraint("width_px BETWEEN 64 AND 4096 AND height_px BETWEEN 64 AND 4096", name="size_sane"),
        at_most("title", 100),
    )

    key: str = Field(primary_key=True)
    title: str
    #: Ascending; the first usable one is preselected.
    position: int
    is_enabled: bool = Field(default=True)
    #: Credits for one picture.
    credits_price: int = Field(default=0)
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
