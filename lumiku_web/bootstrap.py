"""The composition root of every process: settings → adapters → one frozen `Services`. Opens no connection by itself."""

import os
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from lumiku_web.adapters.codec_pillow import PillowCodec
from lumiku_web.adapters.doorbell_redis import RedisDoorbell
from lumiku_web.adapters.fetcher_httpx import HttpFetcher
from lumiku_web.adapters.images_bfl import BflImages
from lumiku_web.adapters.images_huggingface import HuggingFaceImages
from lumiku_web.adapters.images_illustrator import Illustrator
from lumiku_web.adapters.passwords_argon2 import Argon2Passwords
from lumiku_web.adapters.queue_rq import RqQueue
from lumiku_web.adapters.redis_client import prompt_redis
from lumiku_web.adapters.scanner_clamd import ClamdScanner
from lumiku_web.adapters.storage_local import LocalStorage
from lumiku_web.db.engine import make_engine
from lumiku_web.discovery import find_apps
from lumiku_web.domain.accounts.operations import People
from lumiku_web.domain.accounts.ports import PasswordHasher
from lumiku_web.domain.accounts.service import Accounts
from lumiku_web.domain.billing.operations import Treasury
from lumiku_web.domain.billing.payments import Payments
from lumiku_web.domain.billing.subscriptions import Billing
from lumiku_web.domain.catalog.operations import Registry
from lumiku_web.domain.catalog.schemas import AppManifest
from lumiku_web.domain.gallery.ports import ImageCodec
from lumiku_web.domain.gallery.service import Gallery
from lumiku_web.domain.generations.leases import Leases
from lumiku_web.domain.generations.operations import Operations
from lumiku_web.domain.generations.ports import JobQueue
from lumiku_web.domain.generations.service import Generations
from lumiku_web.domain.notifications.ports import Doorbell
from lumiku_web.domain.providers.ports import ImageProvider
from lumiku_web.domain.storage.ports import Storage
from lumiku_web.domain.uploads.service import Uploads
from lumiku_web.settings import Settings, load_settings

#: Bounds the processor-heavy work of a process.
CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Services:
    """Everything that a process can reach."""

    settings: Settings
    engine: Engine
    apps: dict[str, AppManifest]
    providers: dict[str, ImageProvider]
    queue: JobQueue
    doorbell: Doorbell
    storage: Storage
    codec: ImageCodec
    passwords: PasswordHasher
    payments: Payments
    billing: Billing
    treasury: Treasury
    registry: Registry
    accounts: Accounts
    people: People
    generations: Generations
    leases: Leases
    operations: Operations
    gallery: Gallery
    uploads: Uploads


_services: list[Services] = []


def services() -> Services:
    """The services of this process, made at the first call. Raises: SettingsInvalid, AppInvalid."""
    if not _services:
        install(build_services(load_settings()))
    return _services[0]


def install(made: Services | None) -> None:
    """Use these from now on: for processes that name themselves, and for tests. None: make them anew when asked."""
    _services[:] = [made] if made else []


def build_services(settings: Settings, *, application: str = "web") -> Services:
    """Wire one process. Raises: SettingsInvalid where an address that a process can't do without is missing."""
    settings.require_servers()
    redis = prompt_redis(settings.redis_url)
    queue, doorbell, payments = RqQueue(redis), RedisDoorbell(redis), Payments()
    storage = LocalStorage(settings.files_dir)
    codec = PillowCodec(settings.image_limit_px)
    apps, providers = find_apps(), _providers(settings)
    generations = Generations(apps, providers, queue, doorbell, payments, settings.storage_limit_bytes)
    leases = Leases(queue, doorbell, payments)
    return Services(
        settings=settings,
        engine=make_engine(settings.database_url, pool_size=settings.database_pool_size, application=application),
        apps=apps,
        providers=providers,
        queue=queue,
        doorbell=doorbell,
        storage=storage,
        codec=codec,
        passwords=Argon2Passwords(),
        payments=payments,
        billing=Billing(doorbell, payments),
        treasury=Treasury(doorbell, payments),
        registry=Registry(apps, providers),
        accounts=Accounts(
            doorbell,
            timedelta(seconds=settings.session_idle_seconds),
            timedelta(seconds=settings.session_absolute_seconds),
            settings.sign_up == "open",
            settings.sign_up_credits,
        ),
        people=People(doorbell, leases, timedelta(seconds=settings.session_idle_seconds)),
        generations=generations,
        leases=leases,
        operations=Operations(generations, leases),
        gallery=Gallery(doorbell),
        uploads=Uploads(
            codec,
            storage,
            doorbell,
            settings.storage_limit_bytes,
            settings.upload_limit_bytes,
            ClamdScanner(settings.clamav) if settings.clamav else None,
        ),
    )


def _providers(settings: Settings) -> dict[str, ImageProvider]:
    """The illustrator always; FLUX once there is a token or a key."""
    found: dict[str, ImageProvider] = {"illustrator": Illustrator()}
    token = settings.huggingface_token.get_secret_value()
    if token:
        # Whatever a worker has in flight is at the provider: who waited for a connection would lose time of the deadline.
        connections = settings.worker_concurrency
        found["huggingface"] = HuggingFaceImages(settings.huggingface_url, token, connections=connections)
    key = settings.bfl_api_key.get_secret_value()
    if key:
        found["bfl"] = BflImages(settings.bfl_url, key, HttpFetcher(trusted_origins=[settings.bfl_url]))
    return found
