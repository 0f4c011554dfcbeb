"""The entrance of the web process: `app` is Reflex and our own routes in one ASGI application."""

import asyncio
import gc
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import reflex as rx
from starlette.applications import Starlette
from starlette.types import ASGIApp

from lumiku_web.bootstrap import services
from lumiku_web.http import auth_forms, files, health, statement
from lumiku_web.http.edge import Edge
from lumiku_web.http.headers import SecurityHeaders, content_security_policy
from lumiku_web.http.upload_gate import UploadGate
from lumiku_web.logs import configure_logs
from lumiku_web.settings import load_settings
from lumiku_web.ui import theme
from lumiku_web.ui.gatekeeper import Gatekeeper, lock_socket_events, upload_handlers
from lumiku_web.ui.hub import hub
from lumiku_web.ui.kit.broken import boundary_wraps
from lumiku_web.ui.kit.connection import connection_wraps
from lumiku_web.ui.page import window_title
from lumiku_web.ui.pages.project.uploading import upload_wraps
from lumiku_web.ui.pages.table import all_pages
from lumiku_web.ui.presence import presence

BUILT_PAGES = Path(".web/build/client")


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Threads for the bridge, and a garbage collector that does not stop thousands of sessions for half a second."""
    settings = load_settings()
    configure_logs("web", level=settings.log_level, style=settings.log_format)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.database_pool_size * 2, "bridge"))
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    feeding = asyncio.create_task(hub.run(app))
    yield
    feeding.cancel()
    for provider in services().providers.values():
        await provider.aclose()


def edge(inner: ASGIApp) -> ASGIApp:
    """The layers around everything, outermost last."""
    gate = UploadGate(inner, presence.owner_of, upload_handlers())
    return SecurityHeaders(Edge(gate), content_security_policy(BUILT_PAGES))


app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head_components(),
    html_lang="en",
    toaster=None,
    extra_app_wraps={**connection_wraps(), **boundary_wraps(), **upload_wraps()},
    api_transformer=[Starlette(routes=[*auth_forms.ROUTES, *files.ROUTES, *statement.ROUTES, *health.ROUTES]), edge],
)
for page in all_pages():
    app.add_page(page.component, route=page.route, title=window_title(page.title), on_load=list(page.on_load))
app.add_middleware(Gatekeeper())
app.register_lifespan_task(lifespan)
lock_socket_events(app)
