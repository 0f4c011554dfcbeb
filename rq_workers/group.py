"""The parent of several worker processes: keeps as many as it should, passes signals on, takes no work itself.

    python -m rq_workers.group <processes> json|console

SIGTERM, SIGINT   passed on to every process: the first time they finish what they do, the second time they give it back
SIGTTIN, SIGTTOU  one process more; one less, the newest, which finishes what it does

It must stay small: no settings, no database, no Redis, no RQ. A process whose parent is gone, by whatever, finishes what it does:
its standard input is a pipe of which only the parent has the other end.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

from lumiku_web.clock import utc_now

#: The exit status of a process that a setting stopped. It has said which, and would say it again.
WRONG_SETTING: Final = 2
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 1.0, 30.0
#: Who has been up for so long is not failing any more.
_STEADY_SECONDS: Final = 60.0
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


@dataclass(eq=False)
class Post:
    """One worker process after the other, under one number."""

    number: int
    process: "subprocess.Popen[bytes] | None" = None
    #: In `time.monotonic()`: since when its process is up, and before when there is no next one.
    up_since: float = 0.0
    not_before: float = 0.0
    #: How long the next one would wait.
    wait_seconds: float = _FIRST_WAIT_SECONDS
    #: When its process ends, there is no next one.
    closing: bool = False


class Group:
    """`run()` lasts until it was told to stop and the last process has ended, or none can start."""

    def __init__(self, processes: int, log_format: str) -> None:
        self._posts = [Post(number) for number in range(1, processes + 1)]
        self._as_json = log_format == "json"
        #: Never written to. The children have the first end, and nobody but us the second.
        self._life, self._ours = os.pipe()
        #: Gets the number of each signal as a byte: waiting for both, a signal and a moment, misses none.
        self._signals, self._heard = os.pipe()
        self._status = 0

    def run(self) -> int:
        """The exit status: 0 after a signal, 2 if a wrong setting has ended all."""
        os.set_blocking(self._heard, False)
        signal.set_wakeup_fd(self._heard, warn_on_full_buffer=False)
        for number in (*_ENDS, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD):
            signal.signal(number, _hear)
        while self._posts:
            self._start_who_is_due()
            if select.select([self._signals], [], [], self._seconds_to_next_start())[0]:
                for received in os.read(self._signals, 4096):
                    self._obey(received)
                self._bury()
        return self._status

    def _start_who_is_due(self) -> None:
        for post in self._posts:
            if post.process is None and post.not_before <= time.monotonic():
                post.up_since = time.monotonic()
                try:
                    post.process = subprocess.Popen(  # noqa: S603  (a module of ours)
                        [sys.executable, "-m", "rq_workers.single", str(post.number)], stdin=self._life
                    )
                except OSError as refused:  # no memory, no process table: both may be there later
                    self._wait(post, f"could not start ({refused.strerror})")

    def _seconds_to_next_start(self) -> float | None:
        due = [post.not_before for post in self._posts if post.process is None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _obey(self, received: int) -> None:
        if received in _ENDS:
            self._status = 0
            self._posts = [post for post in self._posts if post.process]
            for post in self._posts:
                self._close(post)
        elif received == signal.SIGTTIN and self._open():
            self._posts.append(Post(1 + max(post.number for post in self._posts)))
            self._say("group.grown", f"one more: {len(self._open())} workers", processes=len(self._open()))
        elif received == signal.SIGTTOU and len(self._open()) > 1:
            self._close(self._open()[-1])
            self._say("group.shrunk", f"one less: {len(self._open())} workers", processes=len(self._open()))

    def _open(self) -> list[Post]:
        return [post for post in self._posts if not post.closing]

    def _close(self, post: Post) -> None:
        post.closing = True
        if post.process:
            post.process.terminate()  # does nothing to one that was seen dead
        else:
            self._posts.remove(post)

    def _bury(self) -> None:
        """Who has ended gets a successor, unless it was to end or could not begin."""
        for post in list(self._posts):
            ended = post.process.poll() if post.process else None
            if ended is None:
                continue
            post.process = None
            if post.closing:
                self._posts.remove(post)
            elif ended == WRONG_SETTING:
                self._posts.remove(post)
                self._status = WRONG_SETTING
            else:
                if time.monotonic() - post.up_since >= _STEADY_SECONDS:
                    post.wait_seconds = _FIRST_WAIT_SECONDS
                self._wait(post, f"ended ({_described(ended)})")

    def _wait(self, post: Post, why: str) -> None:
        seconds = post.wait_seconds
        post.not_before = time.monotonic() + seconds
        post.wait_seconds = min(2 * seconds, _LONGEST_WAIT_SECONDS)
        sentence = f"worker {post.number} {why}; it is started again in {seconds:.0f} s"
        self._say("group.worker_ended", sentence, "warning", worker=post.number, reason=why, wait_seconds=seconds)

    def _say(self, event: str, sentence: str, level: str = "info", **facts: object) -> None:
        """As the lines of `lumiku_web.logs` look, whose packages would double our size."""
        now = utc_now().isoformat()
        line = {"process": "workers", **facts, "event": event, "level": level, "timestamp": now, "sentence": sentence}
        sys.stderr.write((json.dumps(line) if self._as_json else f"{now} {sentence}") + "\n")
        sys.stderr.flush()


def _hear(_number: int, _frame: object) -> None:
    """Nothing: that there is a handler makes Python write to the pipe."""


def _described(exit_status: int) -> str:
    return f"killed by {signal.Signals(-exit_status).name}" if exit_status < 0 else f"exit status {exit_status}"


if __name__ == "__main__":
    sys.exit(Group(int(sys.argv[1]), sys.argv[2]).run())
