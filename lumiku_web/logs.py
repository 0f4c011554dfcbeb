"""Logs: one JSON line an event, with the correlation id that is followed from click to provider call.

Events are dotted past tense (`generations.submitted`), facts are keys. Prompts, passwords and tokens are never logged.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from lumiku_web.ids import new_id

get_logger = structlog.stdlib.get_logger

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logs(process: str, *, level: str = "info", style: str = "json") -> None:
    """Send the logs of this process, and of the libraries in it, to standard error as one line each."""
    shared = [_naming(process), *_SHARED]
    renderer = structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "engineio", "socketio", "PIL", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # its lines of sockets carry the tokens of tabs
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], True
        server.setLevel(max(logging.WARNING, root.level))


def _naming(process: str) -> Any:  # noqa: ANN401 (structlog's own type of a processor)
    """Not a context variable: a thread begins without those."""

    def add(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        return {"process": process, **event}

    return add


@contextmanager
def correlated(correlation_id: str = "", **facts: object) -> Iterator[str]:
    """Bind a correlation id (a new one if empty) and `facts` to every log line of this context; yields the id."""
    chosen = correlation_id or new_id().hex
    with structlog.contextvars.bound_contextvars(correlation_id=chosen, **facts):
        yield chosen


def current_correlation_id() -> str:
    """The id that is bound here, or an empty text."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))
