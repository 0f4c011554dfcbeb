"""Clients of Redis with the patience that each side needs."""

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

#: Redis can't be reached, or answers that it can't serve now (loading, read only, out of memory).
REDIS_DOWN = (RedisConnectionError, RedisTimeoutError, RedisError)


def patient_redis(url: str) -> Redis:
    """For workers: rides out a restart of some seconds. Whoever has to last longer asks again, and can be stopped in between."""
    retry = Retry(ExponentialBackoff(cap=1, base=0.1), 10)
    return Redis.from_url(url, retry=retry, health_check_interval=15, socket_connect_timeout=2)


def prompt_redis(url: str) -> Redis:
    """For the web process: one quick second try, then the truth that Redis is down. A person is waiting."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), 1), socket_timeout=2, socket_connect_timeout=1, max_connections=32)


def listening_redis(url: str) -> AsyncRedis:
    """For the hub: notices a dead connection within 15 s, and leaves reconnecting to its caller."""
    return AsyncRedis.from_url(url, health_check_interval=15, socket_connect_timeout=2)
