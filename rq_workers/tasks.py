"""The only functions that RQ may name. They carry ids; everything else is read from PostgreSQL."""

from uuid import UUID

from lumiku_web.domain.generations.runner import Runner

_runners: list[Runner] = []


def install(runner: Runner) -> None:
    """The runner of this process, once, before its worker takes work."""
    _runners[:] = [runner]


async def run_item(item_id: str) -> None:
    """Bring one item to its end, or leave it alone if it is not to be had: see `Runner.run`."""
    await _runners[0].run(UUID(item_id))
