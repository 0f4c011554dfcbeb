"""Who runs PostgreSQL. It refuses root, so root lends it an account that exists and owns nothing else of ours."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from lumiku_web.local_stack.failures import StartFailedError

_CANDIDATES = ("postgres", "nobody")


class Identity(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine. `lent`: not the one who runs this process, so only root can become it."""

    uid: int
    gid: int
    lent: bool

    @property
    def identity(self) -> Identity:
        return Identity(user=self.uid, group=self.gid, extra_groups=[]) if self.lent else Identity()

    def can_enter(self, folder: Path) -> bool:
        """May this account pass through `folder`, and so through all its parents? Asked of the kernel, in a child."""
        return self._succeeds(["/bin/sh", "-c", 'test -x "$1"/.', "sh", str(folder)])

    def can_run(self, program: Path) -> bool:
        return self._succeeds([str(program), "--version"])

    def give(self, path: Path) -> None:
        """Make this account the owner of `path`, which we made."""
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def _succeeds(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **self.identity,
            )
        except OSError:
            return False
        return done.returncode == 0


def own_account() -> Account:
    """Name the account that runs this process."""
    return Account(os.geteuid(), os.getegid(), lent=False)


def postgres_account() -> Account:
    """Choose ourselves, or an unprivileged account if we are root."""
    if os.geteuid() != 0:
        return own_account()
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, lent=True)
    raise StartFailedError(
        "PostgreSQL refuses to run as root, and this machine has neither an account `postgres` nor `nobody` to lend it: "
        "run as another user, or set DATABASE_URL."
    )
