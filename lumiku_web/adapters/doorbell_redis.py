"""The doorbell on Redis pub/sub: one channel, one short message a change."""

import json
from typing import Final
from uuid import UUID

from redis import Redis

from lumiku_web.adapters.redis_client import REDIS_DOWN
from lumiku_web.errors import Unavailable

CHANNEL: Final = "lumiku:changes"


class RedisDoorbell:
    """The port `Doorbell` on Redis."""

    def __init__(self, connection: Redis) -> None:
        self._redis = connection

    def ring(self, user_id: UUID, sequence: int) -> None:
        """See `Doorbell.ring`."""
        try:
            self._redis.publish(CHANNEL, json.dumps({"user": str(user_id), "sequence": sequence}))
        except REDIS_DOWN as down:
            raise Unavailable("doorbell_unreachable") from down


def read_hint(data: bytes | str) -> tuple[UUID, int]:
    """A message of the channel. Raises ValueError for anything else."""
    try:
        hint = json.loads(data)
        return UUID(hint["user"]), int(hint["sequence"])
    except (KeyError, TypeError) as wrong:
        raise ValueError(f"not a hint: {data!r}") from wrong
