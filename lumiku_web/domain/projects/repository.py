"""Statements over projects."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from lumiku_web.db.base import table_of
from lumiku_web.db.repository import Repository
from lumiku_web.domain.projects.models import Project

_PROJECTS = table_of(Project)
_NAME = select(_PROJECTS.c.name).where(_PROJECTS.c.id == bindparam("project_id"), _PROJECTS.c.user_id == bindparam("owner_id"))


class ProjectRepository(Repository[Project]):
    """Projects, always of one member."""

    model = Project

    def owned(self, project_id: UUID, user_id: UUID) -> Project | None:
        """The project if it is this member's."""
        return self.session.exec(select(Project).where(Project.id == project_id, Project.user_id == user_id)).first()

    def name_of(self, project_id: UUID, user_id: UUID) -> str | None:
        """Its name if it is this member's."""
        return self.session.execute(_NAME, {"project_id": project_id, "owner_id": user_id}).scalar_one_or_none()

    def newest(self, user_id: UUID, limit: int) -> list[Project]:
        """Newest first."""
        order = col(Project.created_at).desc(), col(Project.id).desc()
        return list(self.session.exec(select(Project).where(Project.user_id == user_id).order_by(*order).limit(limit)))

    def by_ids(self, ids: Collection[UUID]) -> list[Project]:
        """Those that exist, whoever owns them."""
        return list(self.session.exec(select(Project).where(col(Project.id).in_(ids)))) if ids else []
