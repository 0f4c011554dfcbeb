"""As root and as an ordinary user, in folders that PostgreSQL's account can reach and in those that it can't."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lumiku_web.local_stack import places
from lumiku_web.local_stack.accounts import Account, own_account, postgres_account
from lumiku_web.local_stack.postgres import copy_binaries, wheel_folder
from lumiku_web.local_stack.services import embedded_services, remove_outside_data
from tests.integration.local_stack.stand_in import Run, StandInProject, clean_environment, make_stand_in_project

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend an account")
NOBODY = pwd.getpwnam("nobody")


def modes(folder: Path) -> dict[Path, tuple[int, int]]:
    """Mode and owner of `folder` and all its parents."""
    return {path: (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in (folder, *folder.parents)}


def owner_of_process(pid: int) -> int:
    return psutil.Process(pid).uids().effective


def owners(run: Run) -> set[int]:
    """Whose all its processes and files are. PostgreSQL lets some of either go at any moment."""
    found = set[int]()
    for pid in (run.process.pid, *run.family()):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.add(owner_of_process(pid))
    for path in run.data_dir.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            found.add(path.stat().st_uid)
    return found


@pytest.fixture
def reachable_project() -> Generator[StandInProject]:
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    project = make_stand_in_project(folder / "project")
    yield project
    project.finish()
    shutil.rmtree(folder)


@as_root
def test_root_in_a_folder_that_only_root_can_enter(project: StandInProject) -> None:
    project.folder.parent.chmod(0o700)
    before = modes(project.folder) | modes(Path("/var/lib"))
    run = project.start_and_wait()
    cluster = Path((project.data_dir / "secrets" / "postgres-cluster").read_text(encoding="utf-8"))
    account = postgres_account()
    assert not cluster.is_relative_to(project.folder)
    assert cluster.parents[1].name.startswith("lumiku-")
    for folder in (cluster, cluster.parent, cluster.parents[1]):
        assert (stat.S_IMODE(folder.stat().st_mode), folder.stat().st_uid) == (0o700, account.uid)
    assert owner_of_process(run.pid_of("postgres")) == account.uid != 0
    assert run.end() == 0
    assert modes(project.folder) | modes(Path("/var/lib")) == before
    remove_outside_data(project.data_dir)
    assert not cluster.parent.exists()


@as_root
def test_root_in_a_folder_that_everybody_can_enter(reachable_project: StandInProject) -> None:
    project = reachable_project
    before = modes(project.folder)
    run = project.start_and_wait()
    cluster = project.data_dir / (project.data_dir / "secrets" / "postgres-cluster").read_text(encoding="utf-8")
    assert cluster == project.data_dir / "postgres" / "cluster"
    assert cluster.stat().st_uid == owner_of_process(run.pid_of("postgres")) == postgres_account().uid
    assert run.end() == 0
    assert modes(project.folder) == before
    closed = {path.name for path in project.data_dir.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert closed == set()


@as_root
def test_root_with_an_environment_that_only_root_can_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the account runs a copy of the programs."""
    monkeypatch.setattr(places, "PROJECT", tmp_path)
    monkeypatch.setattr(Account, "can_run", lambda *_: False)
    common = places.Places(tmp_path / "data").common_folder(postgres_account())
    try:
        with embedded_services(tmp_path / "data") as services:
            program = Path(psutil.Process(services.postgres.pid).exe())
            assert program.is_relative_to(common)
            assert program.stat().st_uid == postgres_account().uid
        assert program.exists()
    finally:
        shutil.rmtree(common)


def test_stacks_that_start_at_once_share_one_copy_of_the_programs(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as starts:
        (folder,) = set(starts.map(lambda _: copy_binaries(wheel_folder(), tmp_path, own_account()), range(3)))
    assert own_account().can_run(folder / "postgres")


@as_root
def test_the_data_of_another_account_are_left_alone(project: StandInProject) -> None:
    (project.data_dir / "secrets").mkdir(parents=True)
    os.chown(project.data_dir / "secrets", NOBODY.pw_uid, NOBODY.pw_gid)
    run = project.start()
    assert run.process.wait(60) == 1
    assert run.said.count("\n") == 1
    assert "was made by another account" in run.said


@pytest.fixture
def project_of_a_user() -> Generator[StandInProject]:
    """One that belongs to, and is run by, somebody who is not root: us, or `nobody` if we are."""
    folder = Path(tempfile.mkdtemp())
    project = make_stand_in_project(folder / "project")
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
        project.python = python_as_nobody(folder)
    yield project
    project.finish()
    shutil.rmtree(folder)


def python_as_nobody(folder: Path) -> list[str]:
    """Find a way for root to run a Python that has our packages as `nobody`.

    They may lie where only root can enter: then it may read everything, as root does, but write only what is its own.
    PostgreSQL looks for itself without that right: it gets a copy.
    """
    become = ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups"]
    account = Account(NOBODY.pw_uid, NOBODY.pw_gid, lent=True)
    path = next(path for path in sys.path if path.endswith("site-packages"))
    if not account.can_run(wheel_folder() / "bin" / "postgres"):
        package = copy_binaries(wheel_folder(), folder, account).parents[1]
        (package / "__init__.py").touch()
        path = f"{package.parent}:{path}"
    with_packages = ["env", f"PYTHONPATH={path}"]
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for command in (
        [*become, *with_packages, sys.executable],
        [*become, *with_packages, system],
        [*become, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", *with_packages, sys.executable],
    ):
        check = [*command, "-c", "import psycopg, psutil, redis, pydantic_settings, uvicorn"]
        if subprocess.run(check, cwd=folder, env=clean_environment(), capture_output=True, check=False).returncode == 0:
            return command
    pytest.skip("no Python with our packages can be run by the account `nobody`")


def test_an_ordinary_user_owns_everything_and_starts_again_on_the_same_data(project_of_a_user: StandInProject) -> None:
    project = project_of_a_user
    before = modes(project.folder)
    run = project.start_and_wait()
    user = project.folder.stat().st_uid
    assert user != 0
    assert owners(run) == {user}
    assert (project.data_dir / "postgres" / "cluster" / "PG_VERSION").exists()
    assert stat.S_IMODE(project.data_dir.stat().st_mode) == 0o700
    run.process.kill()
    run.process.wait(60)
    again = project.start_and_wait()
    assert "starts so far: 2" in (again.data_dir / "logs" / "migrate.log").read_text(encoding="utf-8")
    assert again.end() == 0
    assert modes(project.folder) == before
