"""One transaction, and the effects that wait for its commit.

Opened by the bridge only. Services may flush, never commit; nothing waits on a network while it is open.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from lumiku_web.errors import Unavailable
from lumiku_web.logs import get_logger

log = get_logger(__name__)

Effect = Callable[[], None]


class Call(Protocol):
    """The bridge, for those of the domain who can't import it: one transaction in a thread. See `lumiku_web.bridge.call`."""

    def __call__(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[Any]:  # noqa: ANN401 (what the use case returns)
        ...


class UnitOfWork:
    """What a use case receives: the session, and a list of effects for after the commit."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._effects: list[Effect] = []

    def snapshot(self) -> None:
        """Everything that this transaction reads is of one moment. Call it before the first read."""
        self.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

    def after_commit(self, effect: Effect) -> None:
        """Run `effect` once the transaction is committed, in order. One that fails is logged: a sweeper owns its repair."""
        self._effects.append(effect)

    def run_effects(self) -> None:
        """For `transaction` only."""
        for effect in self._effects:
            try:
                effect()
            except Exception as wrong:  # noqa: BLE001 (the commit stands; the sweeper repairs)
                log.warning("effects.failed", effect=getattr(effect, "__qualname__", repr(effect)), error=repr(wrong))


@contextmanager
def transaction(engine: Engine) -> Generator[UnitOfWork, None, None]:
    """Commit when the block ends, roll back when it raises, then run the effects of a commit.

    Raises: Unavailable(`database_unreachable`) when PostgreSQL does not answer, or has ended this transaction because its process
    was frozen; whatever the block raises.
    """
    try:
        with Session(engine, expire_on_commit=False) as session:
            uow = UnitOfWork(session)
            yield uow
            session.commit()
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as down:
        if isinstance(down, PoolTimeout) or down.connection_invalidated or _never_connected(down):
            log.warning("database.unreachable", error=str(down.args[0] if down.args else down))
            raise Unavailable("database_unreachable") from down
        raise
    uow.run_effects()


def _never_connected(error: OperationalError | InterfaceError | InternalError) -> bool:
    """Psycopg raises the same class for a refused connection and for a cancelled statement; only the latter has a SQLSTATE."""
    return getattr(error.orig, "sqlstate", None) is None or str(getattr(error.orig, "sqlstate", "")).startswith(("08", "57P"))
