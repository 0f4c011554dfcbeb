"""`python -m lumiku_web.local_stack run | services | build`.

run        the whole product, until Ctrl-C
services   only PostgreSQL and Redis, with the lines that tell a shell where they are, until Ctrl-C
build      only the front end, if it has changed
"""

import asyncio
import sys

from lumiku_web.errors import SettingsInvalid
from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.front_end import FrontEnd
from lumiku_web.local_stack.lock import data_folder_lock
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.progress import Progress
from lumiku_web.local_stack.stack import Servers, Stack, build_front_end, shown
from lumiku_web.local_stack.supervisor import Supervisor
from lumiku_web.settings import Settings, load_settings

EXIT_FAILED, EXIT_USAGE = 1, 2


def run(settings: Settings, places: Places, progress: Progress) -> None:
    """Run everything, until a signal."""
    with data_folder_lock(places) as lock:
        progress.say(f"Lumiku starts, with its data in {shown(places.data_dir)}/.")
        try:
            asyncio.run(Stack(settings, places, progress, lock).run())
        finally:
            places.remove_sockets()
        progress.say("Lumiku has stopped.")


def services(settings: Settings, places: Places, progress: Progress) -> None:
    """Run PostgreSQL and Redis, until a signal."""
    with data_folder_lock(places):
        asyncio.run(_keep_services(settings, places, progress))


async def _keep_services(settings: Settings, places: Places, progress: Progress) -> None:
    servers = Servers(settings, places, progress)
    supervisor = Supervisor(progress)
    supervisor.children += servers.embedded

    async def start() -> None:
        await servers.start()
        for name, value in servers.environment.items():
            progress.say(f"export {name}='{value}'")

    await supervisor.run(start)


def build(_: Settings, places: Places, progress: Progress) -> None:
    """Build the front end."""
    asyncio.run(build_front_end(FrontEnd(places), progress))


COMMANDS = {"run": run, "services": services, "build": build}


def main(arguments: list[str]) -> int:
    """Do what the command line says; the exit status."""
    command = COMMANDS.get(" ".join(arguments))
    if command is None:
        print(__doc__, file=sys.stderr)
        return EXIT_USAGE
    try:
        settings = load_settings()
    except SettingsInvalid as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    try:
        places = Places(settings.data_dir.absolute())
        places.prepare()
        command(settings, places, Progress())
    except StartFailedError as failure:
        print(*filter(None, (failure.details, str(failure))), sep="\n", file=sys.stderr, flush=True)
        return EXIT_FAILED
    except PermissionError as denied:
        print(f"Lumiku can't start: this account may not use {denied.filename} ({denied.strerror}).", file=sys.stderr)
        return EXIT_FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
