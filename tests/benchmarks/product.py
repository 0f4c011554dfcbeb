"""The product as `make run` starts it, on a temporary data folder and with the stub as its provider."""

import shutil
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis

from lumiku_web.bootstrap import Services, build_services, install
from lumiku_web.local_stack.child import inherited_environment
from lumiku_web.local_stack.front_end import FrontEnd
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.product import Migration, Web, Worker, free_port
from lumiku_web.local_stack.services import EmbeddedServices, embedded_services
from lumiku_web.logs import configure_logs
from lumiku_web.settings import read_settings
from tests.factories.house import House
from tests.stub_provider.client import StubProvider

_TOKEN, _KEY = "hf_benchmark", "bfl_benchmark"
PICTURE = "1024x1024"
#: Nobody runs out of them.
_CREDITS = 10_000_000


@dataclass
class Product:
    """Everything that runs, and the use cases to order with."""

    places: Places
    embedded: EmbeddedServices
    stub: StubProvider
    services: Services
    web: Web
    worker: Worker
    environment: Mapping[str, str]
    port: int

    @property
    def house(self) -> House:
        return House(self.services)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def restart_worker(self, *, concurrency: int) -> None:
        """End the worker and start one with room for so many items in flight."""
        self.worker.stop()
        self.worker = Worker(self.places, {**self.environment, "LUMIKU_WORKER_CONCURRENCY": str(concurrency)})
        self.worker.start()

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Each part with its children, as they are now."""
        postgres, redis = self.embedded.postgres, self.embedded.redis
        parts = {"web": self.web.pid, "worker": self.worker.pid, "postgres": postgres.pid, "redis": redis.pid}
        return {name: family(pid) for name, pid in parts.items() if pid}

    def provider_takes(self, seconds: float, calls: int) -> None:
        """How long the next `calls` pictures take at the provider."""
        self.stub.reset()
        self.stub.set("success", times=calls, delay_seconds=seconds)

    def empty_queue(self) -> None:
        """Wait until nothing is in flight."""
        redis = Redis.from_url(self.embedded.redis_url)
        while redis.llen("rq:queue:generations") or self.stub.open_calls():
            time.sleep(0.05)
        redis.close()


@contextmanager
def running_product() -> Generator[Product]:
    """Start everything, and end it by its process ids; the data folder goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="lumiku-bench-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through
    try:
        with embedded_services(folder / "data", durable=True) as embedded, StubProvider(warm=PICTURE) as stub:
            yield from _product(Places(folder / "data"), embedded, stub)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _product(places: Places, embedded: EmbeddedServices, stub: StubProvider) -> Generator[Product]:
    front_end = FrontEnd(places)
    if not front_end.is_current():
        print("building the pages …", flush=True)
        front_end.build()
    port = free_port("127.0.0.1", 8200)
    environment = {
        **inherited_environment(),
        "DATABASE_URL": embedded.database_url,
        "DATABASE_OWNER_URL": embedded.owner_url,
        "REDIS_URL": embedded.redis_url,
        "LUMIKU_DATA_DIR": str(places.data_dir),
        "LUMIKU_PORT": str(port),
        "LUMIKU_HUGGINGFACE_TOKEN": _TOKEN,
        "LUMIKU_HUGGINGFACE_URL": stub.url,
        "LUMIKU_BFL_API_KEY": _KEY,
        "LUMIKU_BFL_URL": stub.url,
        "LUMIKU_SIGN_UP_CREDITS": str(_CREDITS),
    }
    Migration(places, environment).run(120)
    configure_logs("bench", level="warning", style="console")
    settings = read_settings(
        database_url=embedded.database_url,
        redis_url=embedded.redis_url,
        data_dir=places.data_dir,
        huggingface_token=_TOKEN,
        huggingface_url=stub.url,
        bfl_api_key=_KEY,
        bfl_url=stub.url,
        sign_up_credits=_CREDITS,
    )
    services = build_services(settings, application="bench")
    install(services)
    worker, web = Worker(places, environment), Web(places, environment, host="127.0.0.1", port=port)
    product = Product(places, embedded, stub, services, web, worker, environment, port)
    try:
        worker.start()
        web.start(60)
        yield product
    finally:
        web.stop()
        product.worker.stop()
        services.engine.dispose()
        install(None)


def processor_seconds(processes: Sequence[psutil.Process]) -> float:
    """What these have spent so far, in user and system time."""
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def memory_bytes(processes: Sequence[psutil.Process]) -> int:
    """What these take of the machine: shared pages count in part (PSS)."""
    return sum(process.memory_full_info().pss for process in processes)


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started, in turn."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]
