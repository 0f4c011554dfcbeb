"""Pictures to their owner: `/files/<image>/<variant>`. Somebody else's picture is not found."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from lumiku_web.bootstrap import services
from lumiku_web.bridge import call
from lumiku_web.domain.accounts.schemas import Actor
from lumiku_web.domain.gallery import service as gallery
from lumiku_web.domain.gallery.schemas import ImageRead
from lumiku_web.domain.storage.keys import image_key
from lumiku_web.domain.storage.schemas import Variant
from lumiku_web.errors import NotFound, Unavailable
from lumiku_web.ids import parse_id

#: A picture never changes under its address. `private`: no shared cache may keep it.
_CACHE: Final = "private, max-age=31536000, immutable"
_ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_SIGNED_FOR: Final = timedelta(minutes=15)


async def picture(request: Request) -> Response:
    """The bytes of one variant; `?download` offers it as a file. 304 where the browser has it already."""
    actor: Actor = request.state.actor
    image_id = parse_id(request.path_params["image_id"])
    wanted = request.path_params["variant"]
    if image_id is None or wanted not in set(Variant):
        return _not_found()
    variant = Variant(wanted)
    try:
        image = await call(gallery.owned, actor, image_id)
        return await _answer(request, actor, image, variant)
    except NotFound:
        return _not_found()
    except Unavailable:
        return PlainTextResponse(
            "Not available right now", status_code=503, headers={"retry-after": "5", "cache-control": "no-store"}
        )


async def _answer(request: Request, actor: Actor, image: ImageRead, variant: Variant) -> Response:
    key = image_key(actor.user_id, image.id, variant)
    storage = services().storage
    elsewhere = storage.url_for(key, _SIGNED_FOR)
    if elsewhere:
        return RedirectResponse(elsewhere, status_code=302, headers={"cache-control": "no-store"})
    etag = f'"{image.id}-{variant}"'
    media_type = image.media_type_of(variant)
    headers = {
        "cache-control": _CACHE,
        "etag": etag,
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
        "content-disposition": f'{_disposition(request)}; filename="lumiku-{image.id}.{_ENDINGS[media_type]}"',
    }
    if _has_it(request, etag):
        return Response(status_code=304, headers=headers)
    size = await asyncio.to_thread(storage.size, key)
    body = await asyncio.to_thread(storage.stream, key)
    return StreamingResponse(body, media_type=media_type, headers={**headers, "content-length": str(size)})


def _has_it(request: Request, etag: str) -> bool:
    """As RFC 9110 compares: any of a list, and whether or not a proxy on the way has made it a weak one."""
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return etag in known or known == ["*"]


def _disposition(request: Request) -> str:
    return "attachment" if "download" in request.query_params else "inline"


def _not_found() -> Response:
    return PlainTextResponse("Not found", status_code=404, headers={"cache-control": "no-store"})


ROUTES = [Route("/files/{image_id}/{variant}", picture, methods=["GET"])]
