"""RQ's own worker, which forks a process for each job, with the task of ours: `python -m tests.benchmarks.stock_worker`."""

import sys

from rq import Worker
from rq.serializers import JSONSerializer

from lumiku_web.adapters.queue_rq import QUEUE, OurJob
from lumiku_web.adapters.redis_client import patient_redis
from lumiku_web.bootstrap import build_services
from lumiku_web.discovery import load_pipeline
from lumiku_web.logs import configure_logs
from lumiku_web.settings import load_settings
from rq_workers.single import build


def main() -> int:
    """Work until a signal."""
    settings = load_settings()
    configure_logs("stock", level="error", style="json")
    services = build_services(settings, application="worker")
    for app in services.apps.values():
        load_pipeline(app)
    build(services)  # what a job runs; the worker of ours stays idle
    worker = Worker([QUEUE], connection=patient_redis(settings.redis_url), serializer=JSONSerializer, job_class=OurJob)
    worker.work(logging_level="ERROR")
    return 0


if __name__ == "__main__":
    sys.exit(main())
