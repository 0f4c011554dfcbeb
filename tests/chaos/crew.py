"""The workers, and who watches over them: whoever dies is replaced, whoever froze is woken up too late."""

import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lumiku_web.settings import Settings
from tests.chaos.deck import Deck, Stage
from tests.factories.processes import PROJECT, environment_of

_LOOK_SECONDS = 0.1
#: Where nobody else ever gets its item: it was cancelled, or had its last attempt.
_FROZEN_SECONDS = 45.0
_BUG = re.compile(r'"event": "\w+\.(bug|bookkeeping_failed)"')


@dataclass
class Crew:
    """So many worker processes at any time. Steered by one thread, watched by another."""

    settings: Settings
    folder: Path
    deck: Deck
    seed: int
    size: int
    chances: float
    lease_seconds: float
    #: How workers ended that nobody had killed. There must be none.
    odd_ends: list[str] = field(default_factory=list[str])
    started: int = 0
    _workers: list["subprocess.Popen[bytes]"] = field(default_factory=list["subprocess.Popen[bytes]"])
    #: Process id of each frozen worker, the key of the file that it stored last, and when it is woken up in any case.
    _frozen: dict[int, tuple[str, float]] = field(default_factory=dict[int, tuple[str, float]])
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Afterwards they have all ended: warm, as somebody does who stops the house."""
        stop = threading.Event()
        watch = threading.Thread(target=self._watch, args=(stop,))
        watch.start()
        try:
            yield
        finally:
            stop.set()
            watch.join()
            self._dismiss()

    def kill(self, chance: random.Random, count: int) -> None:
        """So many of them at once, or all there are. The frozen are spared: they are to wake up too late."""
        with self._lock:
            self._notice_the_frozen()
            mortal = [worker for worker in self._workers if worker.pid not in self._frozen]
            for worker in chance.sample(mortal, min(count, len(mortal))):
                worker.kill()

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(_LOOK_SECONDS):
            with self._lock:
                self._replace_the_dead()
                self._wake_the_frozen()

    def _replace_the_dead(self) -> None:
        for worker in list(self._workers):
            if worker.poll() is not None:
                self._workers.remove(worker)
                _let_go(worker)
                if worker.returncode != -signal.SIGKILL:
                    self.odd_ends.append(f"worker {worker.pid} ended by itself with {worker.returncode}")
        while len(self._workers) < self.size:
            self._workers.append(self._start())

    def _notice_the_frozen(self) -> None:
        frozen = [note for note in self.deck.notes("death") if note["stage"] == Stage.frozen]
        for note in frozen[self._seen :]:
            self._frozen[note["pid"]] = note["key"], time.monotonic() + _FROZEN_SECONDS
        self._seen = len(frozen)

    def _wake_the_frozen(self) -> None:
        """Once another has their item."""
        self._notice_the_frozen()
        for pid, (key, at_last) in list(self._frozen.items()):
            holders = [note["pid"] for note in self.deck.notes("claim") if note["item"] in key]
            if holders[-1:] != [pid] or time.monotonic() > at_last:
                del self._frozen[pid]
                self._signal(pid, signal.SIGCONT)

    def _signal(self, pid: int, number: signal.Signals) -> None:
        for worker in self._workers:
            if worker.pid == pid:
                worker.send_signal(number)

    def _start(self) -> "subprocess.Popen[bytes]":
        self.started += 1
        arguments = [
            str(self.deck.silence.parent),
            f"--seed={self.seed}-{self.started}",
            f"--chances={self.chances}",
            f"--lease-seconds={self.lease_seconds}",
        ]
        environment = {**environment_of(self.settings), "LUMIKU_WORKER_CONCURRENCY": str(self.settings.worker_concurrency)}
        with (self.folder / f"worker-{self.started:03}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.worker_main", *arguments],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.PIPE,
                stderr=log,
            )

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in self._workers:
            try:
                if worker.wait(40) not in {0, -signal.SIGKILL}:
                    self.odd_ends.append(f"worker {worker.pid} ended with {worker.returncode} when it was told to stop")
            except subprocess.TimeoutExpired:
                self.odd_ends.append(f"worker {worker.pid} did not stop when it was told to")
                worker.kill()
                worker.wait()
            finally:
                _let_go(worker)

    def bugs(self) -> list[str]:
        """What workers logged as a bug of ours, and what they said that was no line of a log."""
        said = (
            (log.name, line)
            for log in sorted(self.folder.glob("worker-*.log"))
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        )
        return [f"{name}: {line[:3000]}" for name, line in said if _BUG.search(line) or not line.startswith("{")]


def _let_go(worker: "subprocess.Popen[bytes]") -> None:
    if worker.stdin:
        worker.stdin.close()
