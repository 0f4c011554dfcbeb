"""Projects: made once, named by their owner, and nobody else's to see."""

import pytest

from lumiku_web import bridge
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.audit.models import AuditEvent
from lumiku_web.domain.projects import service as projects
from lumiku_web.domain.projects.models import Project
from lumiku_web.errors import InvalidInput, NotFound
from lumiku_web.ids import new_id
from tests.factories.house import House
from tests.factories.rows import all_rows, count_of


def test_a_repeated_click_makes_one_project(ada: Actor) -> None:
    wanted = new_id()
    first = bridge.run(projects.create, ada, "Studio", project_id=wanted)
    again = bridge.run(projects.create, ada, "Another name", project_id=wanted)
    assert (again, count_of(Project)) == (first, 1)


def test_t8_an_id_of_somebody_elses_project_is_taken(house: House, ada: Actor) -> None:
    theirs = house.project(house.member())
    with pytest.raises(NotFound, match="project_not_found"):
        bridge.run(projects.create, ada, "Mine", project_id=theirs.id)


def test_the_newest_project_comes_first(house: House, ada: Actor) -> None:
    made = [house.project(ada, name).name for name in ("one", "two", "three")]
    house.project(house.member())
    assert [project.name for project in bridge.run(projects.newest, ada)] == made[::-1]


def test_another_name_is_kept_and_recorded(house: House, ada: Actor) -> None:
    project = house.project(ada)
    assert bridge.run(projects.rename, ada, project.id, "  Summer\n2026 ").name == "Summer 2026"
    assert bridge.run(projects.get, ada, project.id).name == "Summer 2026"
    assert [event.subject_id for event in all_rows(AuditEvent) if event.action == "project_renamed"] == [project.id]


@pytest.mark.parametrize(
    ("name", "reason"), [("", "required"), (" \u200b ", "required"), ("x" * 101, "too_long"), (None, "required")]
)
def test_a_name_is_a_short_visible_line(house: House, ada: Actor, name: object, reason: str) -> None:
    project = house.project(ada)
    with pytest.raises(InvalidInput) as refused:
        bridge.run(projects.rename, ada, project.id, name)
    assert (refused.value.key, refused.value.field) == (reason, "name")
    assert bridge.run(projects.get, ada, project.id).name == project.name


def test_t8_somebody_elses_project_is_not_found(house: House, ada: Actor) -> None:
    theirs = house.project(house.member())
    for use_case, arguments in ((projects.get, ()), (projects.rename, ("Mine",))):
        with pytest.raises(NotFound, match="project_not_found"):
            bridge.run(use_case, ada, theirs.id, *arguments)
    assert [row.name for row in all_rows(Project)] == [theirs.name]
