"""Our own processes: the migration, the worker, the web process."""

import contextlib
import errno
import http.client
import signal
import socket
import sys
from collections.abc import Mapping
from typing import cast

import psutil
import redis

from lumiku_web.local_stack.child import Child, Command, Errand
from lumiku_web.local_stack.places import PROJECT, Places

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ANY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104  (compared with, not bound to)
_PORTS_TO_TRY = 100

#: Reflex serves the finished build from the web process. The names with two underscores are its own: see docs/decisions/0002.
_REFLEX = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "0",
    # A dropped connection is noticed, and its token free again, after 25 s at most. An event is 256 KB at most.
    "REFLEX_SOCKET_INTERVAL": "10",
    "REFLEX_SOCKET_TIMEOUT": "15",
    "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "262144",
}
#: A photograph takes 36 MB of fresh memory, in 8,800 faults for pages of 4 KB. With large pages, where the system has them, it is
#: half as many, and a tenth less of the processor's time.
_MEMORY = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class Migration(Errand):
    """Brings the schema up to date, grants the rights of the running role, and plants the seed data."""

    def __init__(self, places: Places, environment: Mapping[str, str]) -> None:
        super().__init__("The migration", places, "migrate")
        self._environment = environment

    def prepare(self) -> Command:
        return Command([sys.executable, "-m", "lumiku_web.cli", "migrate"], environment=self._environment, folder=PROJECT)


class Worker(Child):
    """The group of worker processes. Up once one of them has registered with RQ."""

    def __init__(self, places: Places, environment: Mapping[str, str]) -> None:
        super().__init__("The worker", places, "worker")
        self._environment = environment

    def prepare(self) -> Command:
        return Command(
            [sys.executable, "-m", "rq_workers"],
            environment=self._environment,
            folder=PROJECT,
            stop_signals=((signal.SIGTERM, 20.0),),
        )

    def answers(self) -> bool:
        try:
            with contextlib.closing(redis.Redis.from_url(self._environment["REDIS_URL"], socket_timeout=2)) as connection:
                names = cast("set[str]", connection.smembers("rq:workers"))
                registered = {int(cast("bytes | None", connection.hget(name, "pid")) or 0) for name in names}
                return any(one.pid in registered for one in psutil.Process(self.pid).children())
        except (redis.RedisError, psutil.Error):
            return False


class Web(Child):
    """Up once it listens, and both the health route and the start page answer 200."""

    def __init__(self, places: Places, environment: Mapping[str, str], *, host: str, port: int) -> None:
        super().__init__("The web process", places, "web")
        self._environment = {**_MEMORY, **environment, **_REFLEX}
        self._host, self._port = host, port

    def prepare(self) -> Command:
        options = (
            "--host",
            self._host,
            "--port",
            str(self._port),
            "--ws",
            "websockets-sansio",
            "--no-access-log",
            "--no-proxy-headers",
        )
        limits = ("--timeout-graceful-shutdown", "5", "--log-level", "warning")
        return Command(
            [sys.executable, "-m", "uvicorn", "--factory", *options, *limits, "lumiku_web.lumiku_web:app"],
            environment=self._environment,
            folder=PROJECT,
            stop_signals=((signal.SIGTERM, 15.0),),
        )

    def answers(self) -> bool:
        return self._listens() and all(self._status(path) == http.HTTPStatus.OK for path in ("/healthz", "/"))

    def _listens(self) -> bool:
        """Say whether it is our process that has the port: another program may have taken it since it was found free."""
        with contextlib.suppress(psutil.Error):
            held = psutil.Process(self.pid).net_connections("tcp")
            return any(one.status == psutil.CONN_LISTEN and one.laddr.port == self._port for one in held)
        return False

    def _status(self, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1" if self._host in _ANY_ADDRESS else self._host, self._port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path, headers={"Host": f"localhost:{self._port}", "Accept": "text/html"})
            return connection.getresponse().status
        return None


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next port after it that nobody listens on."""
    for port in range(wanted, min(wanted + _PORTS_TO_TRY, 65536)):
        if _is_free(host, port):
            return port
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _is_free(host: str, port: int) -> bool:
    """Could a server listen here? On this machine's own name neither of its addresses may be taken: a browser tries both."""
    addresses = ("127.0.0.1", "::1") if host in _LOOPBACK else (host or "0.0.0.0",)  # noqa: S104  (what the operator chose)
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
                probe.listen(1)
        except OSError as refused:
            if family == socket.AF_INET6 and refused.errno not in {errno.EADDRINUSE, errno.EACCES}:
                continue  # a machine without IPv6
            return False
    return True
