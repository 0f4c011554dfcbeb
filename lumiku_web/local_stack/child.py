"""A process of the stack: launched, awaited until it answers, stopped, and never left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lumiku_web.local_stack.accounts import Account, own_account
from lumiku_web.local_stack.failures import StartFailed
from lumiku_web.local_stack.log_files import LogFile

#: The kernel ties a death signal to the THREAD that forked. This one lives as long as the process.
_LAUNCHER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02


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

    def __init__(self, name: str, log: LogFile) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._stop_signals: Sequence[tuple[signal.Signals, float]] = ()
        self._kill_group = False
        self._log_start = 0

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
        command = self.prepare()
        self._stop_signals, self._kill_group = command.stop_signals, command.kill_group
        log = self.log.open_for_child()
        self._log_start = self.log.size()
        try:
            self._process = _LAUNCHER.submit(_spawn, command, log).result()
        except OSError as reason:
            raise StartFailed(f"{self.name} can't be started: {reason}.") from None
        finally:
            os.close(log)

    def start(self, within_seconds: float = 30.0) -> None:
        """Launch it and wait until it answers.

        Raises: StartFailed with the end of its log, after which nothing of it runs.
        """
        self.launch()
        self.wait_until_it_answers(within_seconds)

    def wait_until_it_answers(self, within_seconds: float) -> None:
        deadline = time.monotonic() + within_seconds
        while time.monotonic() < deadline:
            if not self.running:
                raise StartFailed(f"{self.name} ended while it started ({described(self.exit_status)}).", details=self.recent_log())
            if self.answers():
                return
            time.sleep(_POLL_SECONDS)
        self.kill()
        raise StartFailed(f"{self.name} didn't answer within {within_seconds:.0f} s.", details=self.recent_log())

    def recent_log(self) -> str:
        """The end of what it logged since its last launch."""
        return self.log.tail(since=self._log_start)

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


def described(exit_status: int | None) -> str:
    """An exit status in words."""
    if exit_status is None:
        return "still running"
    if exit_status < 0:
        return f"killed by {signal.Signals(-exit_status).name}"
    return f"exit status {exit_status}"


def end_leftover(pid: int, *, marks: str, signals: Sequence[signal.Signals]) -> None:
    """End a server of ours that outlived its supervisor: the process `pid`, if `marks` is in its command line.

    The caller holds the lock of the data folder, so no living supervisor can own it.
    """
    try:
        process = psutil.Process(pid)
        if not any(marks in argument for argument in process.cmdline()):
            return
        for request in (*signals, signal.SIGKILL):
            process.send_signal(request)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(5)
                return
    except psutil.NoSuchProcess:
        return


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
        preexec_fn=lambda: _die_with(launcher, death_signal),
        **command.account.identity,
    )


def _die_with(launcher: int, death_signal: signal.Signals) -> None:
    """In the new process, after it has changed its user (which would forget this): end when the launcher ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != launcher:
            os.kill(os.getpid(), signal.SIGKILL)


