"""Stand-in projects: one for each test that stops or breaks it, one that keeps running for those that only look."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.integration.local_stack.stand_in import Run, StandInProject, make_stand_in_project


@pytest.fixture
def project(tmp_path: Path) -> Generator[StandInProject]:
    """In a folder that only its owner can enter: for root, PostgreSQL's account can't."""
    stand_in = make_stand_in_project(tmp_path / "project")
    yield stand_in
    stand_in.finish()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Run]:
    """Run one for the whole module. Whoever breaks a part of it waits until it is whole again."""
    stand_in = make_stand_in_project(tmp_path_factory.mktemp("running") / "project")
    yield stand_in.start_and_wait()
    stand_in.finish()
