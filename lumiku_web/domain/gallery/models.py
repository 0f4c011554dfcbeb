"""Pictures. Their bytes are in the storage; here is everything that a page needs to lay them out before they load."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from lumiku_web.db.base import Identified, at_most, document, one_of, timestamp
from lumiku_web.domain.gallery.schemas import Origin

#: The index by which one file of a member becomes one picture.
SOURCE_ONCE: Final = "uq_images_source"


class Image(Identified, table=True):
    """A picture of a member. A generated one has the id of the item that made it."""

    __tablename__ = "images"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("origin", Origin),
        CheckConstraint("width_px > 0 AND height_px > 0 AND size_bytes > 0", name="measures_positive"),
        at_most("title", 300),
        at_most("blur", 4000),
        Index(None, "user_id", "changed_sequence"),
        CheckConstraint("stored_bytes >= size_bytes", name="stored_bytes_cover_the_original"),
        Index(None, "project_id", "created_at", "id"),
        Index("ix_images_shown", "user_id", "created_at", "id", postgresql_where=text("trashed_at IS NULL")),
        Index(
            "ix_images_favourite",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("is_favourite AND trashed_at IS NULL"),
        ),
        Index("ix_images_trashed", "user_id", "trashed_at", "id", postgresql_where=text("trashed_at IS NOT NULL")),
        Index("ix_images_trash_ends", "trashed_at", postgresql_where=text("trashed_at IS NOT NULL")),
        Index(SOURCE_ONCE, "user_id", "source_sha256", unique=True, postgresql_where=text("source_sha256 <> ''")),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    project_id: UUID = Field(foreign_key="projects.id", ondelete="CASCADE")
    origin: str
    title: str = Field(default="")
    width_px: int
    height_px: int
    media_type: str
    #: Of the original.
    size_bytes: int = Field(sa_type=BigInteger)
    #: Of all variants together: what counts towards the member's storage.
    stored_bytes: int = Field(sa_type=BigInteger)
    #: Hex digest of the file that was uploaded, so that it is not stored twice; empty for a generated picture.
    source_sha256: str = Field(default="")
    #: Data URI, at most 16 px wide.
    blur: str
    is_drawn: bool = Field(default=False)
    is_favourite: bool = Field(default=False)
    #: In the trash since then; deleted for good when `policy.TRASH_KEPT` has passed.
    trashed_at: datetime | None = timestamp()
    recipe: dict[str, object] = document()
    #: The number of the member's last change of it: see `domain.notifications`.
    changed_sequence: int = Field(sa_type=BigInteger)
