"""Statements over pictures."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, or_, select

from lumiku_web.db.repository import Repository
from lumiku_web.domain.gallery.models import Image
from lumiku_web.domain.gallery.schemas import Origin


class ImageRepository(Repository[Image]):
    """Pictures, always of one member."""

    model = Image

    def owned(self, image_id: UUID, user_id: UUID) -> Image | None:
        """The picture if it is this member's."""
        return self.session.exec(select(Image).where(Image.id == image_id, Image.user_id == user_id)).first()

    def newest(self, user_id: UUID, project_id: UUID | None, limit: int) -> list[Image]:
        """Newest first, of one project or of all."""
        statement = select(Image).where(Image.user_id == user_id)
        if project_id:
            statement = statement.where(Image.project_id == project_id)
        return list(self.session.exec(statement.order_by(col(Image.created_at).desc(), col(Image.id).desc()).limit(limit)))

    def by_ids(self, ids: Collection[UUID]) -> dict[UUID, Image]:
        """Those that exist."""
        if not ids:
            return {}
        return {row.id: row for row in self.session.exec(select(Image).where(col(Image.id).in_(ids)))}

    def uploaded_since(self, marks: Mapping[UUID, int]) -> list[Image]:
        """Uploads that came after each member's mark, oldest first; generated pictures come with their orders."""
        if not marks:
            return []
        after = or_(*((col(Image.user_id) == user) & (col(Image.changed_sequence) > mark) for user, mark in marks.items()))
        statement = select(Image).where(after, Image.origin == Origin.uploaded).order_by(col(Image.changed_sequence))
        return list(self.session.exec(statement))

    def counts(self, project_ids: Collection[UUID]) -> dict[UUID, int]:
        """Pictures per project; a project without any is left out."""
        statement = (
            select(Image.project_id, func.count()).where(col(Image.project_id).in_(project_ids)).group_by(col(Image.project_id))
        )
        return dict(self.session.exec(statement).all())

    def covers(self, project_ids: Collection[UUID]) -> dict[UUID, Image]:
        """The newest picture of each project."""
        newest = (
            select(Image)
            .where(col(Image.project_id).in_(project_ids))
            .distinct(col(Image.project_id))
            .order_by(col(Image.project_id), col(Image.created_at).desc(), col(Image.id).desc())
        )
        return {row.project_id: row for row in self.session.exec(newest)}
