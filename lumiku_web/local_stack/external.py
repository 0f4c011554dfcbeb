"""A PostgreSQL or Redis of the operator's own: whether it answers, and is new enough."""

import contextlib
from typing import cast

import psycopg
import redis

from lumiku_web.local_stack.failures import StartFailedError

_OLDEST_POSTGRES = 15
_OLDEST_REDIS = (6, 2)


def check_postgres(name: str, url: str) -> None:
    """Connect once to `url`, the value of the setting `name`."""
    try:
        with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=10) as connection:
            major = connection.info.server_version // 10_000
    except psycopg.Error as refused:
        raise StartFailedError(f"PostgreSQL at {name} doesn't let us in: {_first_line(refused)}.") from None
    if major < _OLDEST_POSTGRES:
        raise StartFailedError(f"PostgreSQL at {name} is version {major}; Lumiku needs {_OLDEST_POSTGRES} or newer.")


def check_redis(url: str) -> None:
    """Ask the server at REDIS_URL for its version."""
    try:
        with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=10, socket_timeout=10)) as connection:
            version = cast("dict[str, str]", connection.info("server"))["redis_version"]
    except (redis.RedisError, ValueError) as refused:
        raise StartFailedError(f"Redis at REDIS_URL doesn't let us in: {_first_line(refused)}.") from None
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        raise StartFailedError(f"Redis at REDIS_URL is version {version}; Lumiku needs 6.2 or newer.")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
