"""The state of the house, in a few lines."""

import asyncio

import reflex as rx

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.catalog import service as catalog
from lumiku_web.domain.ledger import checks
from lumiku_web.errors import Unavailable
from lumiku_web.ui.guard import admin
from lumiku_web.ui.pages.admin import credits_rows
from lumiku_web.ui.pages.admin.credits_rows import Check
from lumiku_web.ui.session import SessionState


class AdminState(SessionState):
    """Read when the page opens."""

    workers: int = 0
    check: Check = Check()
    #: Rows of model, provider, provider's own name.
    models: list[list[str]] = []
    has_flux: bool = False
    is_ready: bool = False

    @rx.event
    @admin
    async def load(self) -> None:
        """From PostgreSQL and Redis."""
        made = services()
        usable = await call(catalog.usable_models, made.providers)
        self.models = [[m.title, m.provider, m.provider_model] for m in usable]
        self.has_flux = any(not m.is_drawn for m in usable)
        self.check = credits_rows.check(await call(checks.latest), self.language)
        try:
            self.workers = len(await asyncio.to_thread(made.queue.workers))
        except Unavailable:
            self.workers = 0
        self.is_ready = True
