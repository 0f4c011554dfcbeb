"""The entrance of the worker: `python -m rq_workers`. Reads the settings, and becomes the group (see there), which is small."""

import os
import sys
from typing import NoReturn

from lumiku_web.errors import SettingsInvalid
from lumiku_web.settings import load_settings


def main() -> NoReturn:
    """Exit status 2, with one sentence, if a setting is malformed or an address missing."""
    try:
        settings = load_settings()
        settings.require_servers()
    except SettingsInvalid as refused:
        sys.stderr.write(f"{refused}\n")
        sys.exit(2)
    how = (str(settings.worker_processes), settings.log_format)
    os.execv(sys.executable, [sys.executable, "-m", "rq_workers.group", *how])  # noqa: S606  (a module of ours)


if __name__ == "__main__":
    main()
