"""The stack of `make run`, put together: what is embedded, in which order it starts, and what its processes are told."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lumiku_web.local_stack.child import Child, inherited_environment
from lumiku_web.local_stack.external import check_postgres, check_redis
from lumiku_web.local_stack.front_end import FrontEnd
from lumiku_web.local_stack.lock import HeldLock
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.postgres import PostgresServer
from lumiku_web.local_stack.product import Migration, Web, Worker, free_port
from lumiku_web.local_stack.progress import Progress
from lumiku_web.local_stack.redis_server import RedisServer
from lumiku_web.local_stack.supervisor import Supervisor
from lumiku_web.settings import Settings


class Servers:
    """PostgreSQL and Redis: those that `settings` name, embedded ones for the rest."""

    def __init__(self, settings: Settings, places: Places, progress: Progress) -> None:
        self._settings, self._progress = settings, progress
        self.postgres = None if settings.database_url else PostgresServer(places)
        self.redis = None if settings.redis_url else RedisServer(places)

    @property
    def embedded(self) -> list[Child]:
        return [server for server in (self.postgres, self.redis) if server]

    @property
    def environment(self) -> dict[str, str]:
        """Where they are, for the processes that use them."""
        settings = self._settings
        return {
            "DATABASE_URL": self.postgres.database_url if self.postgres else settings.database_url,
            "DATABASE_OWNER_URL": self.postgres.owner_url if self.postgres else settings.owner_url,
            "REDIS_URL": self.redis.url if self.redis else settings.redis_url,
        }

    async def start(self) -> None:
        await together(self._start_postgres(), self._start_redis())

    async def _start_postgres(self) -> None:
        if self.postgres:
            await self._progress.step(
                "PostgreSQL", self.postgres.start, meanwhile="making its data folder, or repairing it after a hard stop"
            )
            return
        check = partial(check_postgres, "DATABASE_URL", self._settings.database_url)
        await self._progress.step("your PostgreSQL", check, meanwhile="connecting")

    async def _start_redis(self) -> None:
        if self.redis:
            await self._progress.step("Redis", self.redis.start, meanwhile="loading its data")
            return
        await self._progress.step("your Redis", partial(check_redis, self._settings.redis_url), meanwhile="connecting")


@dataclass(frozen=True)
class Stack:
    """Everything, from the databases to the page."""

    settings: Settings
    places: Places
    progress: Progress
    lock: HeldLock

    async def run(self) -> None:
        """Until a signal comes.

        Raises: StartFailedError if it can't be started.
        """
        servers = Servers(self.settings, self.places, self.progress)
        front_end = FrontEnd(self.places)
        supervisor = Supervisor(self.progress)
        supervisor.children += [*servers.embedded, front_end]
        await supervisor.run(partial(self._start, supervisor, servers, front_end))

    async def _start(self, supervisor: Supervisor, servers: Servers, front_end: FrontEnd) -> None:
        await together(self._prepare_data(supervisor, servers), build_front_end(front_end, self.progress))
        port = free_port(self.settings.host, self.settings.port)
        if port != self.settings.port:
            self.progress.say(f"  Port {self.settings.port} is taken by another program; Lumiku uses {port}.")
        environment = self._environment(servers) | {"LUMIKU_PORT": str(port)}
        worker = Worker(self.places, environment)
        web = Web(self.places, environment, host=self.settings.host, port=port)
        supervisor.children += [worker, web]
        await together(
            self.progress.step("worker", worker.start, meanwhile="starting"),
            self.progress.step("web", partial(web.start, 120), meanwhile="loading the pages"),
        )
        address = self.settings.model_copy(update={"port": port}).origin
        self.lock.announce(address)
        self.progress.say(f"\nLumiku is at {address}\nCtrl-C stops it. What its processes say is in {shown(self.places.logs)}/.")

    async def _prepare_data(self, supervisor: Supervisor, servers: Servers) -> None:
        await servers.start()
        migration = Migration(self.places, self._environment(servers))
        supervisor.children.append(migration)
        await self.progress.step("schema and seed", partial(migration.run, 300), meanwhile="bringing the tables up to date")

    def _environment(self, servers: Servers) -> dict[str, str]:
        return {**inherited_environment(), **servers.environment, "LUMIKU_DATA_DIR": str(self.places.data_dir)}


async def build_front_end(front_end: FrontEnd, progress: Progress) -> None:
    """Build it if it has changed, and say so."""
    if await asyncio.to_thread(front_end.is_current):
        progress.item("front end", "unchanged")
        return
    await progress.step("front end", front_end.build, meanwhile=front_end.outlook)
    if front_end.lock_files_changed:
        progress.item("front end", "it uses other npm packages now: commit reflex.lock/")


async def together(*steps: Coroutine[None, None, None]) -> None:
    """Take `steps` at the same time.

    Raises: the first failure. The other steps are given up; the supervisor ends their processes.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def shown(path: Path) -> Path:
    """`path` as seen from here, if that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
