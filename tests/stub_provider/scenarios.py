"""What the stub may answer. A scenario is a name with options, as JSON or as `[[name option=value]]` in the prompt.

A three-digit name is that status with the service's own form of error: `429`, `[[503]]`. The others are in SCENARIOS, and for
Black Forest Labs in `bfl.py` too.
Options: `delay_seconds` before anything, `retry_after` (header, as it is), `message` (of an error; `{authorization}` in it
becomes the header that came), `estimated_time` of `loading`, `location` of `redirect`, `body_bytes` of the huge ones,
`every_seconds` of `trickle`, `media_type` of `success`, `width` and `height` of `other_size`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from tests.stub_provider.http import Connection, Request
from tests.stub_provider.pictures import picture, plain

Options: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Callable[[Connection, Request, Options, dict[str, str]], Awaitable[None]]

_MARK = re.compile(r"\[\[(\w+)((?: \w+=[^\s\]]+)*)\]\]")
_MESSAGES = {
    401: "Invalid username or password.",
    402: "You have exceeded your monthly included credits for Inference Providers.",
    404: "Model does not exist",
    422: "Input validation error",
    429: "Too many requests",
}


def marked(prompt: str) -> dict[str, Any] | None:
    """Read the scenario that a prompt asks for."""
    found = _MARK.search(prompt)
    if found is None:
        return None
    options = dict(pair.split("=", 1) for pair in found[2].split())
    return {"scenario": found[1], **options}


async def perform(connection: Connection, request: Request, wanted: Options, headers: dict[str, str]) -> None:
    """Answer as `wanted` says. Raises: KeyError for an unknown scenario."""
    name = str(wanted["scenario"])
    await connection.wait(float(wanted.get("delay_seconds", 0)))
    if name.isdigit():
        await _error(connection, request, int(name), wanted, headers)
    else:
        await SCENARIOS[name](connection, request, wanted, headers)


async def _error(connection: Connection, request: Request, status: int, options: Options, headers: dict[str, str]) -> None:
    message = str(options.get("message", _MESSAGES.get(status, "Internal error")))
    message = message.replace("{authorization}", request.headers.get("authorization", "") + request.headers.get("x-key", ""))
    if "retry_after" in options:
        headers = {**headers, "retry-after": str(options["retry_after"])}
    form = "error" if "authorization" in request.headers else "detail"
    told: object = message
    if form == "detail" and status == 422:  # it repeats what came
        told = [{"loc": ["body", "width"], "msg": message, "type": "value_error", "input": request.body.decode()}]
    await connection.answer_json(status, {form: told}, headers)


async def _content(request: Request) -> bytes:
    parameters = request.json()["parameters"]
    return await asyncio.to_thread(picture, int(parameters["width"]), int(parameters["height"]), int(parameters.get("seed", 0)))


async def _success(connection: Connection, request: Request, options: Options, headers: dict[str, str]) -> None:
    await connection.answer(200, await _content(request), str(options.get("media_type", "image/png")), headers)


async def _other_size(connection: Connection, _: Request, options: Options, headers: dict[str, str]) -> None:
    content = await asyncio.to_thread(picture, int(options.get("width", 320)), int(options.get("height", 320)), 0)
    await connection.answer(200, content, "image/png", headers)


async def _damaged(connection: Connection, request: Request, _: Options, headers: dict[str, str]) -> None:
    content = await _content(request)
    await connection.answer(200, content[: len(content) // 2], "image/png", headers)


async def _black(connection: Connection, request: Request, _: Options, headers: dict[str, str]) -> None:
    parameters = request.json()["parameters"]
    await connection.answer(200, plain(int(parameters["width"]), int(parameters["height"])), "image/png", headers)


async def _loading(connection: Connection, _: Request, options: Options, headers: dict[str, str]) -> None:
    value = {"error": "Model is currently loading", "estimated_time": options.get("estimated_time", 20.0)}
    await connection.answer_json(503, value, headers)


async def _slow(connection: Connection, request: Request, options: Options, headers: dict[str, str]) -> None:
    if "delay_seconds" not in options:
        await connection.wait(3600)
    await _success(connection, request, options, headers)


async def _trickle(connection: Connection, request: Request, options: Options, headers: dict[str, str]) -> None:
    content = await _content(request)
    await connection.begin(200, {"content-type": "image/png", "content-length": str(len(content)), **headers})
    for place in range(len(content)):
        await connection.send(content[place : place + 1])
        await connection.wait(float(options.get("every_seconds", 0.05)))


async def _half(connection: Connection, request: Request, headers: dict[str, str]) -> None:
    content = await _content(request)
    connection.close()
    await connection.begin(200, {"content-type": "image/png", "content-length": str(len(content)), **headers})
    await connection.send(content[: len(content) // 2])


async def _truncated(connection: Connection, request: Request, _: Options, headers: dict[str, str]) -> None:
    await _half(connection, request, headers)


async def _truncated_by_reset(connection: Connection, request: Request, _: Options, headers: dict[str, str]) -> None:
    await _half(connection, request, headers)
    connection.reset()


async def _html(connection: Connection, _: Request, _options: Options, headers: dict[str, str]) -> None:
    await connection.answer(200, b"<html>We will be back soon.</html>", "text/html", headers)


async def _json(connection: Connection, _: Request, _options: Options, headers: dict[str, str]) -> None:
    await connection.answer_json(200, {"status": "queued"}, headers)


async def _not_an_image(connection: Connection, _: Request, _options: Options, headers: dict[str, str]) -> None:
    await connection.answer(200, b"GIF89a" + bytes(100), "image/png", headers)


async def _empty(connection: Connection, _: Request, _options: Options, headers: dict[str, str]) -> None:
    await connection.answer(200, b"", "image/png", headers)


async def _huge(connection: Connection, _: Request, options: Options, headers: dict[str, str]) -> None:
    length = int(options.get("body_bytes", 50_000_000))
    connection.close()
    await connection.begin(200, {"content-type": "image/png", "content-length": str(length), **headers})
    await _pour(connection, length, b"", b"")


async def _huge_chunked(connection: Connection, _: Request, options: Options, headers: dict[str, str]) -> None:
    connection.close()
    await connection.begin(200, {"content-type": "image/png", "transfer-encoding": "chunked", **headers})
    await _pour(connection, int(options.get("body_bytes", 50_000_000)), b"%x\r\n" % _POUR_BYTES, b"\r\n")
    await connection.send(b"0\r\n\r\n")


_POUR_BYTES: Final = 1_000_000


async def _pour(connection: Connection, length: int, before: bytes, after: bytes) -> None:
    part = before + bytes(_POUR_BYTES) + after
    for _ in range(length // _POUR_BYTES):
        await connection.send(part)


async def _redirect(connection: Connection, _: Request, options: Options, headers: dict[str, str]) -> None:
    location = str(options.get("location", "http://169.254.169.254/latest/meta-data/"))
    await connection.answer(307, b"", "text/plain", {**headers, "location": location})


async def _reset(connection: Connection, _: Request, _options: Options, _headers: dict[str, str]) -> None:
    connection.reset()


async def _disconnect(connection: Connection, _: Request, _options: Options, _headers: dict[str, str]) -> None:
    connection.close()


SCENARIOS: Final[dict[str, Answer]] = {
    "success": _success,
    "other_size": _other_size,
    "damaged": _damaged,
    "black": _black,
    "loading": _loading,
    "slow": _slow,
    "trickle": _trickle,
    "truncated": _truncated,
    "truncated_by_reset": _truncated_by_reset,
    "html": _html,
    "json": _json,
    "not_an_image": _not_an_image,
    "empty": _empty,
    "huge": _huge,
    "huge_chunked": _huge_chunked,
    "redirect": _redirect,
    "reset": _reset,
    "disconnect": _disconnect,
}
