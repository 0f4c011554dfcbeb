"""A PostgreSQL or Redis of the operator's own: does it answer, and is it new enough?"""

import contextlib

import psycopg
import redis

from lumiku_web.local_stack.failures import StartFailed

_OLDEST_POSTGRES = 15
_OLDEST_REDIS = (6, 2)


def check_postgres(name: str, url: str) -> None:
    """Connect once to `url`, the value of the setting `name`."""
    try:
        with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=10) as connection:
            major = connection.info.server_version // 10_000
    except psycopg.Error as refused:
        raise StartFailed(f"PostgreSQL at {name} doesn't let us in: {_first_line(refused)}.") from None
    if major < _OLDEST_POSTGRES:
        raise StartFailed(f"PostgreSQL at {name} is version {major}; Lumiku needs {_OLDEST_POSTGRES} or newer.")


def check_redis(url: str) -> None:
    """Ask the server at REDIS_URL for its version."""
    try:
        with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=10, socket_timeout=10)) as connection:
            version = str(connection.info("server")["redis_version"])  # pyright: ignore[reportIndexIssue]  (typed for both colours)
    except (redis.RedisError, ValueError) as refused:
        raise StartFailed(f"Redis at REDIS_URL doesn't let us in: {_first_line(refused)}.") from None
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
        raise StartFailed(f"Redis at REDIS_URL is version {version}; Lumiku needs 6.2 or newer.")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
