"""Pictures. Their bytes are in the storage; here is everything that a page needs to lay them out before they load."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from lumiku_web.db.base import Identified, at_most, document, one_of
from lumiku_web.domain.gallery.schemas import Origin


class Image(Identified, table=True):
    """A picture of a member. A generated one has the id of the item that made it."""

    __tablename__ = "images"  # pyright: ignore[reportAssignmentType]  (SQLModel reads a plain text)
    __table_args__ = (
        one_of("origin", Origin),
        CheckConstraint("width_px > 0 AND height_px > 0 AND size_bytes > 0", name="measures_positive"),
        at_most("title", 300),
        at_most("blur", 4000),
        Index(None, "user_id", "changed_sequence"),
        Index(None, "project_id", "created_at", "id"),
        Index(None, "user_id", "created_at", "id"),
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
    #: Data URI, at most 16 px wide.
    blur: str
    is_drawn: bool = Field(default=False)
    recipe: dict[str, object] = document()
    #: The number of the member's change that brought it: see `domain.notifications`.
    changed_sequence: int = Field(sa_type=BigInteger)
