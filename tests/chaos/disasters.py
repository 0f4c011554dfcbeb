"""What may happen to the house from outside. Each ends with everything running again."""

import random
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil
from redis import Redis
from sqlalchemy import create_engine, text

from lumiku_web.local_stack.services import EmbeddedServices
from tests.chaos.crew import Crew
from tests.chaos.reader import Reader


@dataclass
class Disasters:
    """Chosen by a seed; one thread lets them happen, one after the other."""

    stack: EmbeddedServices
    crew: Crew
    reader: Reader
    random: random.Random
    #: How long a server is away at most.
    away_seconds: float

    def plan(self, count: int) -> list[Callable[[], None]]:
        """So many, each kind as often as the others."""
        kinds = [
            self.workers_die,
            self.postgres_dies,
            self.connections_to_postgres_are_cut,
            self.redis_dies_and_keeps_its_data,
            self.redis_dies_and_loses_its_data,
            self.redis_is_flushed,
            self.connections_to_redis_are_cut,
            self.everything_dies,
            self.nobody_rings,
            self.the_web_starts_anew,
        ]
        self.random.shuffle(kinds)
        planned = kinds * (count // len(kinds)) + kinds[: count % len(kinds)]
        self.random.shuffle(planned)
        return planned

    def workers_die(self) -> None:
        self.crew.kill(self.random, self.random.randint(1, self.crew.size))

    def postgres_dies(self) -> None:
        self._kill_postgres()
        self._away()
        self.stack.postgres.start(60)

    def connections_to_postgres_are_cut(self) -> None:
        engine = create_engine(self.stack.superuser_url)
        with engine.begin() as connection:
            ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lumiku-%'"
            connection.execute(text(ours))
        engine.dispose()

    def redis_dies_and_keeps_its_data(self) -> None:
        self.stack.redis.kill()
        self._away()
        self.stack.redis.start(60)

    def redis_dies_and_loses_its_data(self) -> None:
        self.stack.redis.kill()
        self._lose_redis_data()
        self._away()
        self.stack.redis.start(60)

    def redis_is_flushed(self) -> None:
        with Redis.from_url(self.stack.redis_url) as redis:
            redis.flushall()

    def connections_to_redis_are_cut(self) -> None:
        with Redis.from_url(self.stack.redis_url) as redis:
            for kind in ("normal", "pubsub"):
                redis.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    def everything_dies(self) -> None:
        self.crew.kill(self.random, self.crew.size)
        self._kill_postgres()
        self.stack.redis.kill()
        self._away()
        self.stack.redis.start(60)
        self.stack.postgres.start(60)

    def nobody_rings(self) -> None:
        """Until the next disaster."""
        self.crew.deck.silence.touch()

    def the_web_starts_anew(self) -> None:
        self.reader.start_anew()

    def bells_ring_again(self) -> None:
        self.crew.deck.silence.unlink(missing_ok=True)

    def _away(self) -> None:
        threading.Event().wait(self.random.uniform(0, self.away_seconds))

    def _kill_postgres(self) -> None:
        """As if the machine had: the server and all that it has started, at once."""
        postmaster = psutil.Process(self.stack.postgres.pid)
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.stack.postgres.kill()
        psutil.wait_procs(family, timeout=10)

    def _lose_redis_data(self) -> None:
        folder = self.stack.redis._places.redis
        for thing in folder.iterdir():
            shutil.rmtree(thing) if thing.is_dir() else thing.unlink()
