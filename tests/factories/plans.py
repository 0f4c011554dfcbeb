"""How PostgreSQL carries out what a use case asks."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from lumiku_web import bridge
from lumiku_web.bootstrap import Services
from lumiku_web.db.unit_of_work import UnitOfWork


def explained(services: Services, read: Callable[[], object], *, settings: str = "") -> list[str]:
    """The plan of each `SELECT` of `read`, in their order. `settings`: a statement that is in force for the plans."""
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(services.engine, "before_cursor_execute", keep)
    try:
        read()
    finally:
        event.remove(services.engine, "before_cursor_execute", keep)

    def explain(uow: UnitOfWork) -> list[str]:
        driver = uow.session.connection().exec_driver_sql
        if settings:
            driver(settings)
        return ["\n".join(row[0] for row in driver(f"EXPLAIN {statement}", parameters)) for statement, parameters in asked]

    return bridge.run(explain)
