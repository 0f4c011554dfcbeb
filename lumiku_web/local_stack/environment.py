"""Makes `.venv` and fills it, and writes the lock files that it is filled from. Called by the Makefile.

    python lumiku_web/local_stack/environment.py install requirements.txt [requirements-dev.txt]
    python lumiku_web/local_stack/environment.py lock

It runs before anything is installed, as a plain script of whatever Python was found: standard library only.
"""

import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
VERSIONS = ((3, 11), (3, 12))
UV = "uv==0.13.9"


def install(names: list[str]) -> None:
    """Bring `.venv` up to the lock files `names`; nothing is done if it is there already."""
    if Path(sys.prefix) == VENV and all(map(_is_installed, names)):
        return
    if not _fits(PYTHON):
        _make_environment()
    for name in names:
        lock_file = PROJECT / name
        if _is_installed(name):
            continue
        _say(f"Python packages: installing {_count(lock_file)} from {name}; the first time it takes about a minute …")
        began = time.monotonic()
        _pip(PYTHON, "--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile", "--requirement", str(lock_file))
        shutil.copyfile(lock_file, VENV / f"{name}.installed")
        _say(f"Python packages: ready after {time.monotonic() - began:.0f} s")


def _is_installed(name: str) -> bool:
    """Say whether this very lock file was installed: a copy of it is kept."""
    installed = VENV / f"{name}.installed"
    return installed.exists() and installed.read_bytes() == (PROJECT / name).read_bytes()


def lock() -> None:
    """Compile both `.in` files: pinned, hashed, wheels only, for every Python that we support, naming no registry."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        _pip(Path(folder) / "bin" / "python", UV)
        for name in ("requirements", "requirements-dev"):
            files = (f"{name}.in", "--output-file", f"{name}.txt")
            scope = ("--universal", "--python-version", ".".join(map(str, VERSIONS[0])), "--only-binary", ":all:")
            _run([f"{folder}/bin/uv", "pip", "compile", *files, *scope, "--generate-hashes", "--no-header", "--quiet"])


def _fits(python: Path) -> bool:
    """Say whether it runs, with a version that we support? An environment whose Python was removed or replaced doesn't."""
    try:
        said = subprocess.run(
            [str(python), "-c", "import pip, sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return said.stdout.split() in [[str(part) for part in version] for version in VERSIONS]


def _make_environment() -> None:
    if sys.version_info[:2] not in VERSIONS:
        sys.exit(
            f"Lumiku needs Python 3.11 or 3.12; this is {sys.version.split()[0]}. Set PYTHON: make run PYTHON=/path/to/python3.12"
        )
    try:
        import ensurepip  # noqa: F401, PLC0415  (Debian ships it in a package of its own)
    except ImportError:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"This Python can't make virtual environments. On Debian and Ubuntu: apt install python{version}-venv")
    _say("Python environment: making .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True, symlinks=True)


def _pip(python: Path, *arguments: str) -> None:
    _run([str(python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", *arguments])


def _run(command: list[str]) -> None:
    """Run quietly; if it fails, show what it said and stop."""
    done = subprocess.run(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nThis failed: {' '.join(command)}")


def _count(lock_file: Path) -> int:
    return sum("==" in line for line in lock_file.read_text(encoding="utf-8").splitlines())


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["install"] and sys.argv[2:]:
        install(sys.argv[2:])
    elif sys.argv[1:] == ["lock"]:
        lock()
    else:
        sys.exit(__doc__)
