"""Projects: one kind for all apps."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit import service as audit
from lumiku_web.domain.audit.schemas import Action
from lumiku_web.domain.projects.models import Project
from lumiku_web.domain.projects.repository import ProjectRepository
from lumiku_web.domain.projects.schemas import ProjectRead
from lumiku_web.errors import NotFound
from lumiku_web.typed_text import one_line

NAME_MAX: Final = 100
#: How many a page shows; more come with the search of a later page.
LIST_LIMIT: Final = 200


def create(uow: UnitOfWork, actor: Actor, name: object, *, project_id: UUID) -> ProjectRead:
    """Make a project. `project_id` is minted by the caller: the same one again returns the project that it made before.

    Raises: InvalidInput(`required` | `too_long`), NotFound if the id is taken by somebody else.
    """
    repository = ProjectRepository(uow.session)
    existing = repository.find(project_id)
    if existing is not None:
        return _read(_owned(existing, actor))
    project = repository.add(Project(id=project_id, user_id=actor.user_id, name=one_line(name, field="name", limit=NAME_MAX)))
    audit.record(uow, actor.user_id, Action.project_created, project.id)
    return _read(project)


def rename(uow: UnitOfWork, actor: Actor, project_id: UUID, name: object) -> ProjectRead:
    """Give another name. Raises: InvalidInput, NotFound."""
    project = writable(uow, actor, project_id)
    project.name = one_line(name, field="name", limit=NAME_MAX)
    audit.record(uow, actor.user_id, Action.project_renamed, project.id)
    return _read(project)


def newest(uow: UnitOfWork, actor: Actor) -> list[ProjectRead]:
    """The member's projects, newest first, at most `LIST_LIMIT`."""
    return [_read(p) for p in ProjectRepository(uow.session).newest(actor.user_id, LIST_LIMIT)]


def get(uow: UnitOfWork, actor: Actor, project_id: UUID) -> ProjectRead:
    """One project. Raises: NotFound, also for somebody else's."""
    return _read(writable(uow, actor, project_id))


def writable(uow: UnitOfWork, actor: Actor, project_id: UUID) -> Project:
    """The row, for domain packages that put something in. Raises: NotFound, also for somebody else's."""
    project = ProjectRepository(uow.session).owned(project_id, actor.user_id)
    if project is None:
        raise NotFound("project_not_found")
    return project


def name_of(uow: UnitOfWork, actor: Actor, project_id: UUID) -> str:
    """The name of one of the member's projects. Raises: NotFound, also for somebody else's."""
    name = ProjectRepository(uow.session).name_of(project_id, actor.user_id)
    if name is None:
        raise NotFound("project_not_found")
    return name


def names(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, str]:
    """Names by id, for callers that know already whose projects these are."""
    return {p.id: p.name for p in ProjectRepository(uow.session).by_ids(ids)}


def _owned(project: Project, actor: Actor) -> Project:
    if project.user_id != actor.user_id:
        raise NotFound("project_not_found")
    return project


def _read(project: Project) -> ProjectRead:
    return ProjectRead(project.id, project.name, project.created_at)
