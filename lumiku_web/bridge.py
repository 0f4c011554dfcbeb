"""The one edge that commits, for web, HTTP and worker: `await call(use_case, …)`.

A use case is a plain function whose first argument is the unit of work. It runs in a thread, with the log context of the caller.
"""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from lumiku_web.bootstrap import services
from lumiku_web.db.unit_of_work import UnitOfWork, transaction

P = ParamSpec("P")
T = TypeVar("T")


def run(use_case: Callable[Concatenate[UnitOfWork, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """As `call`, in the caller's own thread: for the command line and for code that is in a thread already."""
    with transaction(services().engine) as uow:
        return use_case(uow, *args, **kwargs)


async def call(use_case: Callable[Concatenate[UnitOfWork, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `use_case` in one transaction off the event loop; commit if it returns, roll back if it raises.

    Raises: what the use case raises; Unavailable(`database_unreachable`).
    """
    return await asyncio.to_thread(run, use_case, *args, **kwargs)
