"""PostgreSQL and Redis for as long as a `with` block lasts: what the tests run on is what `make run` starts."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lumiku_web.local_stack.lock import data_folder_lock
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.postgres import PostgresServer
from lumiku_web.local_stack.redis_server import RedisServer


@dataclass(frozen=True, slots=True)
class EmbeddedServices:
    """The two servers. Each can be stopped, killed and started again; its address stays the same."""

    postgres: PostgresServer
    redis: RedisServer

    @property
    def database_url(self) -> str:
        """For the role that runs."""
        return self.postgres.database_url

    @property
    def owner_url(self) -> str:
        """For the role that migrates."""
        return self.postgres.owner_url

    @property
    def superuser_url(self) -> str:
        """For making and dropping databases in tests."""
        return self.postgres.superuser_url

    @property
    def redis_url(self) -> str:
        return self.redis.url


@contextmanager
def embedded_services(folder: Path, *, durable: bool = False, keep: bool = False) -> Generator[EmbeddedServices]:
    """Start both with their data in `folder`, and stop them at the end.

    durable: wait for the disk at each commit, as the product does. Tests rather don't.
    keep: leave what had to be put outside `folder` (see `PostgresServer.cluster`) for a later start on the same folder.
    """
    places = Places(folder.absolute())
    places.prepare()
    services = EmbeddedServices(PostgresServer(places, durable=durable), RedisServer(places, durable=durable))
    with data_folder_lock(places):
        try:
            services.redis.start()
            services.postgres.start()
            yield services
        finally:
            services.redis.stop()
            services.postgres.stop()
            places.remove_sockets()
            if not keep:
                services.postgres.remove_outside_data()


def remove_outside_data(folder: Path) -> None:
    """Delete what a stopped stack with its data in `folder` had to keep outside it, before `folder` itself goes."""
    places = Places(folder.absolute())
    if places.secrets.exists():
        PostgresServer(places).remove_outside_data()
