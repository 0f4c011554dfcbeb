"""One worker process: `python -m rq_workers.single`. `python -m rq_workers` is a group of them, numbered."""

import asyncio
import gc
import os
import signal
import sys
import threading

from rq.serializers import JSONSerializer

from lumiku_web import bridge
from lumiku_web.adapters.provider_http import load_early
from lumiku_web.adapters.queue_rq import QUEUE, OurJob, listen
from lumiku_web.adapters.redis_client import patient_redis
from lumiku_web.bootstrap import CORES, Services, build_services, install
from lumiku_web.discovery import load_pipeline
from lumiku_web.domain.billing.sweeper import SubscriptionSweeper
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.generations.dispatcher import Dispatcher
from lumiku_web.domain.generations.policy import RENEWAL
from lumiku_web.domain.generations.runner import Runner
from lumiku_web.domain.generations.sweeper import Sweeper
from lumiku_web.domain.leadership.service import Leader, Term
from lumiku_web.domain.ledger.sweeper import NightWatch
from lumiku_web.domain.storage.sweeper import FileSweeper
from lumiku_web.errors import LumikuError, Unavailable
from lumiku_web.logs import configure_logs, get_logger
from lumiku_web.settings import load_settings
from rq_workers import tasks
from rq_workers.status import TellingWorker

log = get_logger(__name__)


def main(number: str = "") -> int:
    """Work until a signal. Exit code 0, or 2 with one sentence if a setting is wrong. `number`: in the group, else nothing."""
    if number:
        threading.Thread(target=_end_with_the_group, name="parent", daemon=True).start()
    try:
        settings = load_settings()
        configure_logs(f"worker-{number}" if number else "worker", level=settings.log_level, style=settings.log_format)
        services = build_services(settings, application="worker")
        for app in services.apps.values():
            load_pipeline(app)
        load_early()
    except LumikuError as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    worker = build(services)
    as_sentence = settings.log_format == "console"
    worker.background += (lambda: worker.tell(f"worker {number}".strip(), as_sentence=as_sentence),)
    gc.collect()
    gc.freeze()  # all that was imported: looking through it in each full collection would stop every job for 60 ms
    log.info("worker.started", providers=sorted(services.providers), concurrency=worker.concurrency)
    worker.work(logging_level="WARNING")  # ours say what happens to items; RQ's say it of jobs
    log.info("worker.stopped")
    return 0


def _end_with_the_group() -> None:
    """Our standard input ends with the parent, by whatever it ended: then finish what runs, as after SIGTERM."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def build(services: Services) -> TellingWorker:
    """Compose the worker of this process on these services, which the bridge uses from now on. It does not work yet."""
    settings = services.settings
    install(services)
    runner = Runner(
        call=bridge.call,
        leases=services.leases,
        providers=services.providers,
        apps=services.apps,
        pipeline=load_pipeline,
        codec=services.codec,
        storage=services.storage,
        cpu=asyncio.Semaphore(CORES),
    )
    tasks.install(runner)
    dispatcher = Dispatcher(bridge.call, services.queue, settings.member_running_limit)
    sweeper = Sweeper(bridge.call, services.leases, services.queue)
    file_sweeper = FileSweeper(bridge.call, services.storage, gallery.delete_ended_trash)
    subscription_sweeper = SubscriptionSweeper(bridge.call, services.billing)
    night_watch = NightWatch(bridge.call)

    async def lead(term: Term) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(dispatcher.run(term))
            group.create_task(listen(settings.redis_url, dispatcher.wake))
            group.create_task(sweeper.run())
            group.create_task(file_sweeper.run())
            group.create_task(night_watch.run())
            group.create_task(subscription_sweeper.run())

    leader = Leader(bridge.call, "turns", lead)
    worker = TellingWorker(
        [QUEUE],
        connection=patient_redis(settings.redis_url),
        serializer=JSONSerializer,
        job_class=OurJob,
        worker_ttl=60,
        maintenance_interval=15,
        log_job_description=False,
    )
    worker.concurrency = settings.worker_concurrency
    worker.background = (leader.run, lambda: _renew(runner))
    return worker


async def _renew(runner: Runner, every_seconds: float = RENEWAL.total_seconds()) -> None:
    """Prolong the leases of running items."""
    while True:
        try:
            await runner.renew()
        except Unavailable as down:
            log.warning("worker.renewal_waits", reason=down.key)
        except Exception:
            log.exception("worker.renewal_bug")  # the next round tries again: without it every lease of this process would end
        await asyncio.sleep(every_seconds)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
