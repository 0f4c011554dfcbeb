"""Where the stack keeps its things, and that nobody else can put theirs there first."""

import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lumiku_web.local_stack.accounts import Account, own_account
from lumiku_web.local_stack.failures import StartFailedError

#: Root of this project: the folder of `lumiku_web/`.
PROJECT = Path(__file__).resolve().parents[2]

#: Sockets live here: `sun_path` holds 104 bytes on the narrowest system, so a deep project folder won't do.
_SOCKET_ROOT = Path("/tmp")  # noqa: S108  (private folders in it, their owner and mode are checked)

#: For what a lent account must reach when it can't enter the data folder. The first that can be written is used.
_COMMON_ROOTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108  (as above)


@dataclass(frozen=True)
class Places:
    """The folders of one stack. Nothing is made until it is asked for by `private_folder` or a property that says so."""

    data_dir: Path

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def run(self) -> Path:
        """Which processes were started last."""
        return self.data_dir / "run"

    @property
    def redis(self) -> Path:
        return self.data_dir / "redis"

    @property
    def secrets(self) -> Path:
        return self.data_dir / "secrets"

    @cached_property
    def instance(self) -> str:
        """A random name made with the data folder: who deletes that folder starts afresh, wherever the rest is kept."""
        return read_or_create(self.secrets / "instance", lambda: secrets.token_hex(4))

    def prepare(self) -> None:
        """Make the data folder and what is in it.

        A lent account must pass through the data folder, so root makes it 0711; whoever it belongs to already keeps its mode.
        """
        if not self.data_dir.exists():
            self.data_dir.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        if self.secrets.exists() and self.secrets.stat().st_uid != os.geteuid():
            raise StartFailedError(
                f"{self.data_dir} was made by another account of this machine: run as that account, or set LUMIKU_DATA_DIR."
            )
        for folder in (self.logs, self.run, self.redis, self.secrets, self.data_dir / "files"):
            folder.mkdir(mode=0o700, exist_ok=True)

    def socket_folder(self, server: str, owner: Account) -> Path:
        """Make or check a short private folder for the socket of `server`."""
        return private_folder(self._socket_path(server), owner)

    def remove_sockets(self) -> None:
        """Delete the socket folders of stopped servers."""
        for server in ("postgres", "redis"):
            shutil.rmtree(self._socket_path(server), ignore_errors=True)

    def _socket_path(self, server: str) -> Path:
        return _SOCKET_ROOT / f"lumiku-{_digest(self.data_dir.resolve(), os.geteuid())}-{server}"

    def common_folder(self, owner: Account) -> Path:
        """Make or check a folder outside the project that a lent account reaches: one for each project folder."""
        for root in _COMMON_ROOTS:
            if os.access(root, os.W_OK) and owner.can_enter(root):
                return private_folder(root / f"lumiku-{_digest(PROJECT)}", owner)
        roots = " nor ".join(map(str, _COMMON_ROOTS))
        raise StartFailedError(
            f"PostgreSQL's account can reach neither {self.data_dir} nor {roots}: set LUMIKU_DATA_DIR or DATABASE_URL."
        )


def private_folder(path: Path, owner: Account) -> Path:
    """Make `path` with mode 0700 for `owner`; if it is there already, refuse one that somebody else could have prepared."""
    try:
        path.mkdir(mode=0o700)
        owner.give(path)
    except FileExistsError:
        pass
    found = path.lstat()
    if owner.lent and found.st_uid == own_account().uid and stat.S_ISDIR(found.st_mode):
        owner.give(path)  # we made it and were stopped before handing it over
        found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise StartFailedError(f"{path} is there already and isn't a private folder of ours: remove it and start again.")
    return path


def read_or_create(path: Path, make: Callable[[], str]) -> str:
    """Read the private file `path`; the first call writes it, whole or not at all."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = make()
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.rename(path)
    return text


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]
