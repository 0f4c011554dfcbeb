"""RQ's own forking worker with the very task of ours, to be compared with: `python -m tests.benchmarks.stock_worker`."""

import asyncio
import sys

from rq import Worker
from rq.serializers import JSONSerializer

from lumiku_web import bridge
from lumiku_web.adapters.queue_rq import QUEUE, OurJob
from lumiku_web.adapters.redis_client import patient_redis
from lumiku_web.bootstrap import build_services, install
from lumiku_web.discovery import load_pipeline
from lumiku_web.domain.generations.runner import Runner
from lumiku_web.logs import configure_logs
from lumiku_web.settings import load_settings
from rq_workers import tasks


def main() -> int:
    """Work until a signal."""
    settings = load_settings()
    configure_logs("stock", level="error", style="json")
    services = build_services(settings, application="stock")
    install(services)
    for app in services.apps.values():
        load_pipeline(app)
    runner = Runner(
        call=bridge.call,
        leases=services.leases,
        providers=services.providers,
        apps=services.apps,
        pipeline=load_pipeline,
        codec=services.codec,
        storage=services.storage,
        cpu=asyncio.Semaphore(1),
    )
    tasks.install(runner)
    worker = Worker([QUEUE], connection=patient_redis(settings.redis_url), serializer=JSONSerializer, job_class=OurJob)
    worker.work(logging_level="ERROR")
    return 0


if __name__ == "__main__":
    sys.exit(main())
