"""Engines for a busy machine."""

from typing import Any

from sqlalchemy import Engine, event

_PATIENCE_SECONDS = 60


def patient(engine: Engine) -> Engine:
    """The same: who waits for a connection or a lock, or is kept from going on, gets it in the end.

    Fifty threads on two busy cores may need longer than the product would wait; how long that is, is no subject of theirs.
    """
    engine.pool._timeout = _PATIENCE_SECONDS  # type: ignore[attr-defined]  (of a QueuePool)
    limits = ("lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout")

    @event.listens_for(engine, "connect")
    def be_patient(connection: Any, _: object) -> None:
        connection.execute("; ".join(f"SET {limit} = '{_PATIENCE_SECONDS}s'" for limit in limits))
        connection.commit()

    return engine
