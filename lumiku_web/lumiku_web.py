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

from lumiku_web import discovery
from lumiku_web.bootstrap import services
from lumiku_web.http import auth_forms, files, health
from lumiku_web.http.edge import Edge
from lumiku_web.http.headers import SecurityHeaders, content_security_policy
from lumiku_web.http.upload_gate import UploadGate
from lumiku_web.logs import configure_logs
from lumiku_web.settings import load_settings
from lumiku_web.ui import theme
from lumiku_web.ui.gatekeeper import Gatekeeper, lock_socket_events
from lumiku_web.ui.hub import hub
from lumiku_web.ui.kit.broken import boundary_wraps
from lumiku_web.ui.kit.connection import connection_wraps
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.page import PAGES, Page, window_title
from lumiku_web.ui.pages.account import page as account
from lumiku_web.ui.pages.account.state import AccountPageState
from lumiku_web.ui.pages.admin import page as _admin  # noqa: F401 (it declares its page, like the next ones)
from lumiku_web.ui.pages.home import page as _home  # noqa: F401
from lumiku_web.ui.pages.kit import page as kit
from lumiku_web.ui.pages.not_found import page as not_found
from lumiku_web.ui.pages.project import page as _project  # noqa: F401
from lumiku_web.ui.pages.projects import page as _projects  # noqa: F401
from lumiku_web.ui.pages.welcome import page as welcome

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
    return SecurityHeaders(Edge(UploadGate(inner)), content_security_policy(BUILT_PAGES))


for manifest in discovery.find_apps().values():
    discovery.load_page(manifest)

app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head_components(),
    html_lang="en",
    toaster=None,
    extra_app_wraps={**connection_wraps(), **boundary_wraps()},
    api_transformer=[Starlette(routes=[*auth_forms.ROUTES, *files.ROUTES, *health.ROUTES]), edge],
)
for page in (
    Page("/", "welcome.title", welcome.page, (AccountPageState.load,)),
    Page("/sign-in", "account.sign_in", account.sign_in, (AccountPageState.load,)),
    Page("/sign-up", "account.sign_up", account.sign_up, (AccountPageState.load,)),
    Page("/404", "not_found.title", not_found.page, ()),
    Page("/kit", "kit.title", kit.page, (LiveState.load,)),
    *PAGES,
):
    app.add_page(page.component, route=page.route, title=window_title(page.title), on_load=list(page.on_load))
app.add_middleware(Gatekeeper())
app.register_lifespan_task(lifespan)
lock_socket_events(app)
