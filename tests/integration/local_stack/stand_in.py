"""A small project with stand-ins for the product, and ways to run the real stack on it."""

import contextlib
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lumiku_web.local_stack import places
from lumiku_web.local_stack.child import inherited_environment
from lumiku_web.local_stack.product import free_port
from tests.factories.waiting import wait_for

PROJECT = Path(__file__).resolve().parents[3]

STAND_IN_WEB = """
async def answer(scope, receive, send):
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the page"})


def app():
    return answer
"""
#: One of the group, which is the real one.
STAND_IN_WORKER = """
import os, signal, sys, threading, redis
connection = redis.Redis.from_url(os.environ["REDIS_URL"])
name = f"rq:worker:stand-in-{sys.argv[1]}"
connection.hset(name, "pid", os.getpid())
connection.sadd("rq:workers", name)
print(f"worker {sys.argv[1]} is up", flush=True)
threading.Thread(target=lambda: os.read(0, 1) or os.kill(os.getpid(), signal.SIGTERM), daemon=True).start()
signal.pause()
"""
STAND_IN_CLI = """
import os, psycopg
url = os.environ["DATABASE_OWNER_URL"].replace("+psycopg", "")
with psycopg.connect(url) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
    connection.execute("INSERT INTO starts DEFAULT VALUES")
    print("starts so far:", connection.execute("SELECT count(*) FROM starts").fetchone()[0], flush=True)
"""
PRETEND_BUILT = """
from lumiku_web.local_stack import front_end
for part in front_end._OUTPUT:
    (front_end.WEB_DIR / part).mkdir(parents=True, exist_ok=True)
front_end._STAMP.write_text(front_end.fingerprint())
"""


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Come back as soon as `condition` holds; fail if it doesn't in time."""
    wait_for(condition, within_seconds=seconds, what=what)


def alive(pid: int) -> bool:
    """Tell the living from the dead, and count a zombie, at which its parent has not looked yet, among the dead."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def clean_environment(**settings: str) -> dict[str, str]:
    """Take ours, without what somebody has exported, or the `make` that runs the tests."""
    foreign = ("LUMIKU_", "DATABASE_", "REDIS_", "MAKE", "MFLAGS")
    return {name: value for name, value in inherited_environment().items() if not name.startswith(foreign)} | settings


def unused_port() -> int:
    """Below those that the system gives out by itself: whoever connects to something meanwhile takes none of these."""
    return free_port("127.0.0.1", random.randrange(20_000, 32_000))


@dataclass
class Run:
    """One `python -m lumiku_web.local_stack …` and what it has printed."""

    process: subprocess.Popen[bytes]
    output: Path
    data_dir: Path
    port: int

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, text: str, seconds: float = 120.0) -> None:
        def has_said_it() -> bool:
            ended = self.process.poll()
            if text in self.said:
                return True
            assert ended is None, f"it ended ({ended}) before it said {text!r}:\n{self.said}"
            return False

        try:
            wait_for(has_said_it, within_seconds=seconds, what=repr(text))
        except AssertionError as late:
            late.add_note(self.said)
            raise

    def wait_until_up(self) -> None:
        self.wait_for("Lumiku is at ")

    def end(self, number: signal.Signals = signal.SIGINT, seconds: float = 60.0) -> int:
        """Send a signal and wait for the end; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def pid_of(self, slug: str) -> int:
        return int((self.data_dir / "run" / slug).read_text(encoding="ascii").split()[0])

    def family(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]


@dataclass
class StandInProject:
    """A copy of the stack, with stand-ins for the worker, the pages and the migration, and a front end that counts as built."""

    folder: Path
    python: list[str] = field(default_factory=lambda: [sys.executable])
    runs: list[Run] = field(default_factory=list[Run])

    @property
    def data_dir(self) -> Path:
        return self.folder / ".lumiku"

    def change(self, name: str, text: str) -> None:
        """Write a file of the product; the front end still counts as built."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self.pretend_built()

    def pretend_built(self) -> None:
        subprocess.run([sys.executable, "-c", PRETEND_BUILT], cwd=self.folder, env=clean_environment(), check=True)

    def start(self, *arguments: str, **settings: str) -> Run:
        """Start without waiting for anything."""
        port = int(settings.get("LUMIKU_PORT") or unused_port())
        output = self.folder / f"said-{port}.txt"
        environment = clean_environment(**{"LUMIKU_PORT": str(port), "HOME": str(self.folder), **settings})
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*self.python, "-m", "lumiku_web.local_stack", *(arguments or ("run",))],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        run = Run(process, output, Path(settings.get("LUMIKU_DATA_DIR", self.data_dir)), port)
        self.runs.append(run)
        return run

    def start_and_wait(self, **settings: str) -> Run:
        run = self.start(**settings)
        run.wait_until_up()
        return run

    def finish(self) -> None:
        """End what a test has left running, and remove what had to be put outside the folder."""
        for run in self.runs:
            if run.process.poll() is None:
                run.end(signal.SIGTERM)
        for data_dir in {run.data_dir for run in self.runs}:
            places.Places(data_dir).remove_sockets()
        for root in places._COMMON_ROOTS:
            shutil.rmtree(root / f"lumiku-{places._digest(self.folder)}", ignore_errors=True)


def make_stand_in_project(folder: Path) -> StandInProject:
    package = folder / "lumiku_web"
    shutil.copytree(PROJECT / "lumiku_web" / "local_stack", package / "local_stack", ignore=shutil.ignore_patterns("__pycache__"))
    for module in (PROJECT / "lumiku_web").glob("*.py"):
        shutil.copyfile(module, package / module.name)
    (package / "lumiku_web.py").write_text(STAND_IN_WEB, encoding="utf-8")
    (package / "cli.py").write_text(STAND_IN_CLI, encoding="utf-8")
    (folder / "rq_workers").mkdir()
    for name in ("__main__.py", "group.py"):
        shutil.copyfile(PROJECT / "rq_workers" / name, folder / "rq_workers" / name)
    (folder / "rq_workers" / "single.py").write_text(STAND_IN_WORKER, encoding="utf-8")
    (folder / "assets").mkdir()
    for name in ("rxconfig.py", "requirements.txt"):
        shutil.copyfile(PROJECT / name, folder / name)
    project = StandInProject(folder)
    project.pretend_built()
    return project
