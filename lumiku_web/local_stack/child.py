"""A process of the stack: launched, awaited until it answers, stopped, and never left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lumiku_web.local_stack.accounts import Account, own_account
from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.log_files import LogFile
from lumiku_web.local_stack.places import Places

#: The kernel ties a death signal to the THREAD that forked. This one lives as long as the process.
_LAUNCHER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
#: How often to ask whether it is up: at once for a quick server, seldom enough not to slow down a slow one.
_FIRST_POLL_SECONDS, _LONGEST_POLL_SECONDS = 0.02, 0.25
_SAME_BEGINNING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, as whom, and with which signals it is asked to end."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: Path = Path("/")
    account: Account = field(default_factory=own_account)
    #: Each signal and how long to wait for it. SIGKILL follows the last.
    stop_signals: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 10.0),)
    #: Does the group that the child leads die with it? Not PostgreSQL's: its backends end themselves, in order.
    kill_group: bool = True


class Child:
    """One named process. Subclasses say in `prepare` what must be true before each launch, and in `answers` when it is up."""

    def __init__(self, name: str, places: Places, slug: str) -> None:
        """`name` is for the person at the terminal, `slug` for files."""
        self.name = name
        self.log = LogFile(places.logs / f"{slug}.log")
        self._run_file = places.run / slug
        self._process: subprocess.Popen[bytes] | None = None
        self._stop_signals: Sequence[tuple[signal.Signals, float]] = ()
        self._kill_group = False
        self._log_start = 0
        self._launching = threading.Lock()
        self.retired = False

    def prepare(self) -> Command:
        """Make ready for one launch, and say what to run."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Is it up? Asked again and again while it starts: quick, and False instead of an exception."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """As `subprocess.Popen.returncode`: negative for a signal."""
        return self._process.poll() if self._process else None

    def launch(self) -> None:
        """Start the process and return at once."""
        if self.running:
            return
        end_leftover(self._run_file)
        command = self.prepare()
        with self._launching:
            if self.retired:
                raise StartFailedError(f"{self.name} isn't started any more: the stack is stopping.")
            self._spawn(command)

    def _spawn(self, command: Command) -> None:
        self._stop_signals, self._kill_group = command.stop_signals, command.kill_group
        log = self.log.open_for_child()
        self._log_start = self.log.size()
        try:
            self._process = _LAUNCHER.submit(_spawn, command, log).result()
        except OSError as reason:
            raise StartFailedError(f"{self.name} can't be started: {reason}.") from None
        finally:
            os.close(log)
        _note(self._process.pid, self._run_file)

    def start(self, within_seconds: float = 30.0) -> None:
        """Launch it and wait until it answers.

        Raises: StartFailedError with the end of its log, after which nothing of it runs.
        """
        self.launch()
        self.wait_until_it_answers(within_seconds)

    def wait_until_it_answers(self, within_seconds: float) -> None:
        deadline = time.monotonic() + within_seconds
        pause_seconds = _FIRST_POLL_SECONDS
        while time.monotonic() < deadline:
            if not self.running:
                raise self._failure(f"ended while it started ({described(self.exit_status)})")
            if self.answers():
                return
            time.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 1.3, _LONGEST_POLL_SECONDS)
        self.kill()
        raise self._failure(f"didn't answer within {within_seconds:.0f} s")

    def _failure(self, what: str) -> StartFailedError:
        """Say what went wrong, and show the end of what it logged since its last launch."""
        return StartFailedError(f"{self.name} {what}. Its log: {self.log.path}", details=self.log.tail(since=self._log_start))

    def stop(self) -> None:
        """Ask it to end, then insist. Returns when it is gone."""
        process = self._process
        if process is None:
            return
        for request, patience_seconds in self._stop_signals:
            if process.poll() is not None:
                break
            process.send_signal(request)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience_seconds)
        self.kill()

    def retire(self) -> None:
        """Stop it for good, also if another thread is about to launch it."""
        with self._launching:
            self.retired = True
        self.stop()

    def kill(self) -> None:
        """End it at once, and the group that it leads."""
        process = self._process
        if process is None:
            return
        if self._kill_group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


class Errand(Child):
    """A process that does one thing and ends."""

    def answers(self) -> bool:
        return not self.running

    def run(self, within_seconds: float) -> None:
        """Run it to its end.

        Raises: StartFailedError with the end of its log, unless it succeeds in time.
        """
        self.launch()
        assert self._process is not None  # noqa: S101  (launched one line above)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within_seconds)
        if self.running:
            self.kill()
            raise self._failure(f"wasn't done within {within_seconds:.0f} s")
        if self.exit_status:
            raise self._failure(f"failed ({described(self.exit_status)})")


def inherited_environment() -> dict[str, str]:
    """Copy our environment, to hand it on: what of it is a setting, only `settings.py` reads."""
    return dict(os.environ)  # noqa: TID251  (handed on, not read)


def described(exit_status: int | None) -> str:
    """Put an exit status in words."""
    if exit_status is None:
        return "still running"
    if exit_status < 0:
        return f"killed by {signal.Signals(-exit_status).name}"
    return f"exit status {exit_status}"


def end_leftover(run_file: Path) -> None:
    """End a process of ours that outlived its supervisor (where no kernel ends it with the supervisor, or not yet).

    The file holds its id and when it began, so that a stranger with the same id is left alone.
    """
    try:
        pid, began = run_file.read_text(encoding="ascii").split()
        process = psutil.Process(int(pid))
        if abs(process.create_time() - float(began)) < _SAME_BEGINNING_SECONDS:
            end_process(process, (signal.SIGTERM,))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        pass
    run_file.unlink(missing_ok=True)


def end_process(process: psutil.Process, requests: Sequence[signal.Signals], patience_seconds: float = 5.0) -> None:
    """Ask with each signal in turn, then insist."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for request in (*requests, signal.SIGKILL):
            process.send_signal(request)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(patience_seconds)
                return


def _note(pid: int, run_file: Path) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        run_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        run_file.write_text(f"{pid} {psutil.Process(pid).create_time()}", encoding="ascii")


def _spawn(command: Command, log: int) -> subprocess.Popen[bytes]:
    launcher = os.getpid()
    death_signal = command.stop_signals[0][0]
    return subprocess.Popen(
        list(command.arguments),
        cwd=command.folder,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=lambda: _die_with(launcher, death_signal),  # noqa: PLW1509  (one system call, no lock taken)
        **command.account.identity,
    )


def _die_with(launcher: int, death_signal: signal.Signals) -> None:
    """In the new process, after it has changed its user (which would forget this): end when the launcher ends."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != launcher:
            os.kill(os.getpid(), signal.SIGKILL)
