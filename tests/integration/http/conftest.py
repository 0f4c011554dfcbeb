"""Our own routes behind their layers, as the entrance of the web process wires them, without the framework in between."""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lumiku_web.bootstrap import Services
from lumiku_web.http import auth_forms, files, health, statement
from lumiku_web.http.edge import Edge
from lumiku_web.http.headers import SecurityHeaders
from lumiku_web.http.session_cookie import cookie_name
from lumiku_web.http.upload_gate import UploadGate

ORIGIN = "http://studio.example"


async def _page(request: Request) -> Response:
    """Stands for the built pages: tells which address has been served."""
    return HTMLResponse(f"page of {request.url.path}", status_code=200)


@pytest.fixture
def tabs() -> dict[str, tuple[UUID, UUID]]:
    """Person and session of each open tab, by its token."""
    return {}


@pytest.fixture
def app(services: Services, tabs: dict[str, tuple[UUID, UUID]]) -> ASGIApp:
    pages = [Route("/{path:path}", _page, methods=["GET", "POST"])]
    routes = [*auth_forms.ROUTES, *files.ROUTES, *statement.ROUTES, *health.ROUTES, *pages]
    return SecurityHeaders(Edge(UploadGate(Starlette(routes=routes), tabs.get, {"takes.files"})), "default-src 'self'")


@pytest.fixture
async def browser(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that keeps cookies and follows nothing by itself; it sends the origin of our own pages."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client:
        yield client


@pytest.fixture
def signed_in(services: Services) -> Callable[[str], dict[str, str]]:
    """The cookie header of a session's secret."""
    return lambda secret: {"cookie": f"{cookie_name(services.settings)}={secret}"}
