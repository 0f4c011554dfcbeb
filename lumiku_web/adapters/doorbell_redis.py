"""The doorbell on Redis pub/sub: one channel, one short message a change."""

import json
from dataclasses import dataclass
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

    def session_ended(self, session_id: UUID) -> None:
        """See `Doorbell.session_ended`."""
        try:
            self._redis.publish(CHANNEL, json.dumps({"session": str(session_id)}))
        except REDIS_DOWN as down:
            raise Unavailable("doorbell_unreachable") from down


@dataclass(frozen=True)
class Hint:
    """A message of the channel: a member's sequence has moved on, or a session is over."""

    user_id: UUID | None = None
    session_id: UUID | None = None


def read_hint(data: bytes | str) -> Hint:
    """What a message says. Raises: ValueError for anything that is not a hint."""
    try:
        said = json.loads(data)
        return Hint(session_id=UUID(said["session"])) if "session" in said else Hint(user_id=UUID(said["user"]))
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError(f"not a hint: {data!r}") from wrong
