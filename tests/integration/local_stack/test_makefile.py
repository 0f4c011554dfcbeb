"""The door of the house: what `make` does on machines that lack something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lumiku_web.local_stack import environment
from tests.integration.local_stack.stand_in import PROJECT, clean_environment

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="make isn't installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Copy the Makefile, with a stand-in for the script that it hands over to: it says which Python runs it."""
    shutil.copyfile(PROJECT / "Makefile", tmp_path / "Makefile")
    script = tmp_path / "lumiku_web" / "local_stack" / "environment.py"
    script.parent.mkdir(parents=True)
    script.write_text("import sys; print(sys.executable, *sys.argv[1:])", encoding="utf-8")
    return tmp_path


def make(clone: Path, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    settings = clean_environment(PATH=str(path))
    return subprocess.run([str(MAKE), *arguments], cwd=clone, env=settings, capture_output=True, text=True, check=False)


def programs(folder: Path, **scripts: str) -> Path:
    """Fill a folder with programs, each a shell script, beside the few that are on every machine."""
    folder.mkdir()
    for name in ("cat", "mktemp", "nice", "rm"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, script in scripts.items():
        (folder / name.replace("_", ".")).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name.replace("_", ".")).chmod(0o755)
    return folder


def test_a_shim_that_does_not_run_is_passed_over(clone: Path) -> None:
    path = programs(clone / "bin", python3_12="echo 'not installed' >&2; exit 127", python3=f'exec "{sys.executable}" "$@"')
    done = make(clone, "setup", path=path)
    assert done.stdout.split() == [sys.executable, "install", "requirements.txt"], done.stderr


def test_no_fitting_python_is_said_in_one_sentence(clone: Path) -> None:
    done = make(clone, "run", path=programs(clone / "bin", python3="exit 1"))
    assert done.returncode == 2
    assert "Lumiku needs Python 3.11 or 3.12, and none was found" in done.stderr
    assert "PYTHON=/path/to/python3.12" in done.stderr


def test_a_python_that_is_named_wins(clone: Path) -> None:
    path = programs(clone / "bin", python3="exit 1")
    done = make(clone, "setup", f"PYTHON={sys.executable}", path=path)
    assert done.stdout.split()[0] == sys.executable


def test_help_names_every_target_for_people() -> None:
    done = subprocess.run([str(MAKE), "help"], cwd=PROJECT, env=clean_environment(), capture_output=True, text=True, check=True)
    for target in ("run", "test", "check", "bench", "lock", "setup", "clean"):
        assert f"make {target} - " in done.stdout


def test_without_chromium_the_end_to_end_tests_are_left_out_loudly(clone: Path) -> None:
    path = programs(clone / "bin", python3=f'exec "{sys.executable}" "$@"')
    (clone / ".venv" / "bin").mkdir(parents=True)
    python = clone / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\ncase "$1" in -m) echo "$@";; *) exec "{sys.executable}" "$@";; esac\n', encoding="utf-8")
    python.chmod(0o755)
    done = make(clone, "test", path=path)
    assert "NO CHROMIUM FOUND: the end-to-end tests are LEFT OUT" in done.stdout
    assert "-m pytest tests --ignore=tests/benchmarks --ignore=tests/e2e" in done.stdout
    assert "-m pytest tests/e2e" not in done.stdout
    required = make(clone, "test", "LUMIKU_REQUIRE_CHROMIUM=1", path=path)
    assert required.returncode == 2
    assert "Chromium is required" in required.stderr
    programs(clone / "browser", chromium="exit 0")
    found = make(clone, "test", f"LUMIKU_TEST_CHROMIUM={clone / 'browser' / 'chromium'}", path=path)
    assert "-m pytest tests --ignore=tests/benchmarks --ignore=tests/e2e" in found.stdout
    assert found.stdout.rstrip().endswith("-m pytest tests/e2e")


@pytest.mark.parametrize(
    ("others", "browser", "ends"), [(0, 0, 0), (0, 5, 0), (5, 0, 0), (1, 0, 2), (0, 1, 2), (5, 5, 2), (0, 2, 2)]
)
def test_both_halves_of_the_tests_must_pass_and_one_must_have_some(clone: Path, others: int, browser: int, ends: int) -> None:
    path = programs(clone / "bin", python3=f'exec "{sys.executable}" "$@"', chromium="exit 0")
    (clone / ".venv" / "bin").mkdir(parents=True)
    python = clone / ".venv" / "bin" / "python"
    script = (
        f'case "$*" in *"pytest tests/e2e") exit {browser};; *pytest*) exit {others};; *) exec "{sys.executable}" "$@";; esac'
    )
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)
    assert make(clone, "test", path=path).returncode == ends


def test_packages_are_installed_only_when_the_lock_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "PROJECT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "_fits", lambda _: True)
    monkeypatch.setattr(environment, "_pip", lambda *arguments: calls.append(arguments[1:]))
    lock_file = tmp_path / "requirements.txt"
    for content in ("one==1 \\", "one==1 \\", "one==2 \\"):
        lock_file.write_text(content, encoding="utf-8")
        environment.install(["requirements.txt"])
    assert len(calls) == 2
    assert {"--require-hashes", "--only-binary", ":all:"} <= set(calls[0])
    assert "installing 1 from requirements.txt" in capsys.readouterr().out


def test_a_python_without_venv_is_said_with_the_name_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=rf"apt install python{sys.version_info.major}\.{sys.version_info.minor}-venv"):
        environment._make_environment()
