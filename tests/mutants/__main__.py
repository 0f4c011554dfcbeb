"""Breaks each guarantee once and sees its tests fail: `make mutants`, some of them with `ONLY=Q1,T3`.

Each mutation is made in a copy of the tree. It is killed if a test fails by an assertion, or by a refusal that it did not
expect; a test that merely falls over (an import, a bug, a time limit) shows nothing about the guarantee, and the mutation counts
as broken. Exits 1 unless all are killed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

from tests.mutants import money, money_pages, money_plans, orders, people, pictures, prices, workers
from tests.mutants.mutation import PROJECT, Mutation

MUTATIONS = tuple(
    one for module in (money, money_pages, money_plans, orders, people, pictures, prices, workers) for one in module.MUTATIONS
)
#: Copies of the tree that are worked in at the same time.
AT_ONCE = min(os.cpu_count() or 1, 4)
#: A selection takes seconds; beyond this it hangs.
MOST_SECONDS = 300
#: How a failure begins that says something: an assertion, a `pytest.raises` in vain, a refusal of ours or of the database.
TELLING = ("AssertionError", "assert ", "Failed: DID NOT RAISE", "lumiku_web.errors.", "sqlalchemy.exc.IntegrityError")


def copy_tree(to: Path) -> Path:
    """The files that git knows or would know, as they are now; the environment is shared."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (PROJECT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, to / name)
    with suppress(FileExistsError):
        (to / ".venv").symlink_to(PROJECT / ".venv")
    return to


@contextmanager
def workshop() -> Iterator[Path]:
    """Always the same folder: a stack of root's keeps one outside for each place that it was ever started in."""
    folder = PROJECT / ".mutants"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def run(tree: Path, tests: Iterable[str]) -> str:
    """What became of these tests: `passed`, `killed`, or what went wrong instead."""
    place = Path(tempfile.mkdtemp(dir=tree.parent))
    report = place / "report.xml"
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        f"--timeout={MOST_SECONDS // 2}",
        f"--basetemp={place / 'made'}",
        f"--junitxml={report}",
    ]
    python = str(tree / ".venv" / "bin" / "python")
    command = [python, "-m", "pytest", *options, *(f"tests/{test}" for test in tests)]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "no end"
    if done.returncode == 0:
        return "passed"
    if not report.exists():
        return done.stdout[-2000:]
    root = ET.parse(report).getroot()  # noqa: S314 (our own)
    failures = [failure.get("message", "") for failure in root.iter("failure")]
    if any(message.startswith(TELLING) for message in failures):
        return "killed"
    return "; ".join([*failures, *(error.get("message", "") for error in root.iter("error"))])[:300] or done.stdout[-2000:]


def tried(mutation: Mutation, tree: Path) -> str:
    """As `run`, with the mutation in place."""
    place = tree / mutation.file
    kept = place.read_text(encoding="utf-8")
    place.write_text(mutation.applied(kept), encoding="utf-8")
    try:
        return run(tree, mutation.tests)
    finally:
        place.write_text(kept, encoding="utf-8")


def main() -> int:
    """Try all, two or more at once, and print a line each as it ends."""
    only = set(filter(None, os.environ.get("ONLY", "").split(",")))  # noqa: TID251  (no setting of the product)
    chosen = [mutation for mutation in MUTATIONS if not only or mutation.code in only]
    began = time.monotonic()
    with workshop() as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            trees.put(copy_tree(folder / str(number)))

        tests = dict.fromkeys(test for mutation in chosen for test in mutation.tests)
        tree = trees.get()
        if (sound := run(tree, tests)) != "passed":
            print(f"The tests must pass before anything is broken: {sound}")
            return 1
        trees.put(tree)

        def one(mutation: Mutation) -> bool:
            tree, start = trees.get(), time.monotonic()
            outcome = tried(mutation, tree)
            trees.put(tree)
            verdict = {"killed": "killed", "passed": "SURVIVED"}.get(outcome, "BROKEN")
            print(f"{mutation.code:<4} {mutation.broken:<70} {verdict:<9} {time.monotonic() - start:5.1f} s", flush=True)
            if verdict == "BROKEN":
                print(f"     {outcome}", flush=True)
            return verdict == "killed"

        with ThreadPoolExecutor(AT_ONCE) as pool:
            killed = list(pool.map(one, chosen))
    print(f"{sum(killed)} of {len(killed)} killed in {time.monotonic() - began:.0f} s")
    return 0 if all(killed) else 1


if __name__ == "__main__":
    sys.exit(main())
