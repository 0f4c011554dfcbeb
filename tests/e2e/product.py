"""The real product on a free port, put together from the parts of `make run`, each of which a test can stop and start."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from redis import Redis

from lumiku_web.bootstrap import Services, build_services, install
from lumiku_web.ids import new_id
from lumiku_web.local_stack.child import Child, inherited_environment
from lumiku_web.local_stack.front_end import FrontEnd
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.product import Migration, Web, Worker, free_port
from lumiku_web.local_stack.services import EmbeddedServices, embedded_services
from lumiku_web.settings import read_settings
from lumiku_web.tables import metadata
from tests.factories.waiting import wait_for

#: Planted by the migration.
_SEEDED = {"image_models", "model_routes", "plans"}
#: Another run of these tests on this machine looks for its port elsewhere.
_FIRST_PORT = 18_400 + os.getpid() % 10_000


def settings_of_a_test(stub_url: str) -> dict[str, str]:
    """Environment that does not depend on whoever runs the tests."""
    return {
        **{name: value for name, value in inherited_environment().items() if not name.startswith("LUMIKU_")},
        "LUMIKU_HUGGINGFACE_TOKEN": "hf_test",
        "LUMIKU_HUGGINGFACE_URL": stub_url,
        "LUMIKU_BFL_API_KEY": "bfl_test",
        "LUMIKU_BFL_URL": stub_url,
        "LUMIKU_PUBLIC_ORIGIN": "",
        "LUMIKU_SIGN_UP": "open",
        "LUMIKU_LOG_FORMAT": "json",
        "LUMIKU_SIGN_UP_CREDITS": "1000000",
        "LUMIKU_ANONYMOUS_SOCKETS_PER_ADDRESS": "200",
    }


def until(is_true: Callable[[], object], what: str, *, seconds: float = 60) -> Any:
    """Ask again and again; the first true answer. Raises: AssertionError after `seconds`."""
    return wait_for(is_true, within_seconds=seconds, what=what)


class Product:
    """`with Product(folder, stub_url) as product: …`. No supervisor: what a test stops stays stopped."""

    def __init__(self, folder: Path, stub_url: str) -> None:
        self._folder = folder
        self._stub_url = stub_url
        self._open = ExitStack()
        self.port = 0
        self.servers: EmbeddedServices
        self.worker: Child
        self.web: Child

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://localhost:{self.port}"

    @property
    def data_dir(self) -> Path:
        """Where it keeps the files of pictures, among others."""
        return self._folder

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self._places = Places(self._folder.absolute())
            aside = opened.enter_context(ThreadPoolExecutor(1))
            pages = aside.submit(FrontEnd(self._places).build)
            self.servers = opened.enter_context(embedded_services(self._folder))
            self.port = free_port("127.0.0.1", _FIRST_PORT)
            self._environment = {
                **settings_of_a_test(self._stub_url),
                "DATABASE_URL": self.servers.database_url,
                "DATABASE_OWNER_URL": self.servers.owner_url,
                "REDIS_URL": self.servers.redis_url,
                "LUMIKU_DATA_DIR": str(self._folder),
                "LUMIKU_PORT": str(self.port),
            }
            Migration(self._places, self._environment).run(300)
            self.worker = self.new_worker()
            self.web = Web(self._places, self._environment, host="127.0.0.1", port=self.port)
            for child in (self.worker, self.web):
                opened.callback(child.stop)
            self.worker.launch()
            pages.result()
            for child in (self.web, self.worker):
                child.start(120)
            self._open = opened.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    def new_worker(self, **environment: str) -> Child:
        """A worker process that is not started yet; without arguments the one of `make run`."""
        return Worker(self._places, {**self._environment, **environment})

    def mend(self) -> None:
        """Start again whatever a test has left stopped, and open every route and app that it has closed or bounded."""
        for part in (self.servers.postgres, self.servers.redis, self.worker, self.web):
            if not part.running:
                part.start(120)
        for table in ("provider_routes", "app_switches"):
            self.rows(f"DELETE FROM {table}")  # noqa: S608  (our own tables)

    @contextmanager
    def without(self, part: Child) -> Iterator[None]:
        """The product while `part` is stopped; afterwards it runs again."""
        part.stop()
        try:
            yield
        finally:
            part.start(120)

    @contextmanager
    def use_cases(self) -> Iterator[Services]:
        """Its use cases, in this process: what somebody does elsewhere. They reach no provider."""
        settings = read_settings(
            database_url=self.servers.database_url,
            redis_url=self.servers.redis_url,
            data_dir=self.data_dir,
            huggingface_token="",
            bfl_api_key="",
            log_level="warning",
        )
        services = build_services(settings, application="test")
        install(services)
        try:
            yield services
        finally:
            install(None)
            services.engine.dispose()

    @contextmanager
    def redis(self) -> Iterator[Redis]:
        """As somebody with a shell on the machine."""
        client = Redis.from_url(self.servers.redis_url)
        try:
            yield client
        finally:
            client.close()

    def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """What the database says, or what a change of it returns."""
        url = self.servers.owner_url.replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> None:
        """As on the very first day: nobody has an account.

        Whoever truncates locks one table after the other, and so does the worker, in another order: one of them may have to
        give way.
        """
        names = ", ".join(f'"{t.name}"' for t in metadata.sorted_tables if t.name not in _SEEDED)

        def is_empty() -> bool:
            try:
                self.rows(f"TRUNCATE {names} CASCADE")
            except psycopg.errors.DeadlockDetected:
                return False
            return True

        until(is_empty, "the tables were locked")

    def orders_of(self, email: str) -> int:
        """How many orders this person has made."""
        return len(self.rows("SELECT 1 FROM generations JOIN users u ON u.id = user_id WHERE email = %(email)s", email=email))

    def subscribe(self, email: str, plan: str) -> None:
        """Give this person a plan for a month. For tests that are about something else."""
        statement = """
            INSERT INTO subscriptions (id, created_at, user_id, plan_key, status, period_start, period_end,
                anchor_day, paid_minor, balance_minor, next_plan_key)
            SELECT %(id)s, now(), id, %(plan)s, 'active', now(), now() + interval '30 days', 1, 0, 0, ''
            FROM users WHERE email = %(email)s
        """
        self.rows(statement, id=new_id(), plan=plan, email=email)

    def end_waits(self) -> None:
        """As when the time has come that a provider named."""
        self.rows("UPDATE generation_items SET not_before_at = now() WHERE not_before_at > now()")
        self.rows("UPDATE provider_routes SET slowed_until = now() WHERE slowed_until > now()")

    def end_sessions_of(self, email: str) -> None:
        """As when they expire: nobody is told."""
        self.rows("DELETE FROM sign_in_sessions WHERE user_id = (SELECT id FROM users WHERE email = %(email)s)", email=email)

    def project(self, email: str, name: str) -> str:
        """A new project of this person; its id. For tests that are about something else."""
        statement = """
            INSERT INTO projects (id, created_at, user_id, name)
            SELECT %(id)s, now(), id, %(name)s FROM users WHERE email = %(email)s
        """
        project_id = new_id()
        self.rows(statement, id=project_id, name=name, email=email)
        return str(project_id)

    def web_log(self) -> list[dict[str, Any]]:
        return _lines(self._places.logs / "web.log")

    def worker_log(self) -> list[dict[str, Any]]:
        return _lines(self._places.logs / "worker.log")


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a log that are JSON objects."""
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("{") and line.endswith("}")
    ]
