"""Is this process fit to serve? For supervisors and load balancers."""

import asyncio

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lumiku_web.bridge import call
from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.errors import LumikuError


async def healthz(_: Request) -> Response:
    """200 while PostgreSQL answers within two seconds, else 503. Says nothing that a stranger could use."""
    try:
        async with asyncio.timeout(2):
            await call(_answers)
    except (LumikuError, TimeoutError):
        return JSONResponse({"status": "database unreachable"}, status_code=503)
    return JSONResponse({"status": "ok"})


def _answers(uow: UnitOfWork) -> None:
    uow.session.execute(text("SELECT 1"))


ROUTES = [Route("/healthz", healthz, methods=["GET"])]
