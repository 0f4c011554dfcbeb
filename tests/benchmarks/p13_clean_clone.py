"""P13: from a clean clone to the address, and what it takes on the disk."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lumiku_web.local_stack.child import inherited_environment
from lumiku_web.local_stack.places import PROJECT
from tests.benchmarks.figures import Figure, figure, load_now

_FIRST_SECONDS, _AGAIN_SECONDS, _DISK_MB = 300.0, 15.0, 900.0
_AGAIN = 5
_PARTS = (".venv", ".web", ".lumiku")
#: What would lead the copy back to this environment.
_NOT_HANDED_ON = {"VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ONLY"}


def measure() -> list[Figure]:
    """One first start (it fetches packages), and five further ones."""
    load = load_now()
    folder = Path(tempfile.mkdtemp(prefix="lumiku-bench-clone-"))
    folder.chmod(0o711)
    try:
        clone = folder / "lumiku"
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
        first = _start(clone)
        sizes = {part: _megabytes(clone / part) for part in _PARTS}
        again = [_start(clone) for _ in range(_AGAIN)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    disk = sum(sizes.values()) + 0.0
    parts = ", ".join(f"{part} {size:.0f}" for part, size in sizes.items())
    return [
        figure("P13", "clean clone to the address of `make run`", "s", [first], bar=_FIRST_SECONDS, load=load),
        figure("P13", f"on the disk ({parts})", "MB", [disk], bar=_DISK_MB, load=load),
        figure("P13", "second start to the address", "s", again, bar=_AGAIN_SECONDS, load=load),
    ]


def _start(clone: Path) -> float:
    """Seconds until `make run` says where Lumiku is; then it is stopped as by Ctrl-C."""
    inherited = {name: value for name, value in inherited_environment().items() if name not in _NOT_HANDED_ON}
    environment = {**inherited, "LUMIKU_PORT": "8300"}
    began = time.monotonic()
    run = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert run.stdout
    said: list[str] = []
    try:
        for line in run.stdout:
            said.append(line)
            if line.startswith("Lumiku is at "):
                return time.monotonic() - began
        raise RuntimeError("".join(said))
    finally:
        os.killpg(run.pid, signal.SIGINT)
        run.communicate()


def _megabytes(folder: Path) -> float:
    """Blocks that are taken, hard links once."""
    told = subprocess.run(["du", "-s", "-k", str(folder)], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[0]) * 1024 / 1e6
