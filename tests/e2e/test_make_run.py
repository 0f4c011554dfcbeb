"""The product as `make run` starts it: from an empty folder to a picture in the browser."""

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect

from lumiku_web.local_stack.places import PROJECT
from lumiku_web.local_stack.product import free_port
from lumiku_web.local_stack.services import remove_outside_data
from tests.e2e.people import PASSWORD
from tests.e2e.product import settings_of_a_test, until
from tests.e2e.studio import ILLUSTRATOR, Studio, expect_loaded
from tests.stub_provider.client import StubProvider

#: The first test waits for the npm packages and the build of the pages, too.
_START_SECONDS = 400


class Run:
    """`python -m lumiku_web.local_stack run`, and what it said."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._said = folder / "said.txt"
        self.data_dir = folder / "data"
        wanted = {**environment, "LUMIKU_DATA_DIR": str(self.data_dir), "LUMIKU_PORT": str(free_port("127.0.0.1", 18_600))}
        command = [sys.executable, "-m", "lumiku_web.local_stack", "run"]
        with self._said.open("w") as said:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=wanted, stdout=said, stderr=said, stdin=subprocess.DEVNULL)

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def address(self) -> str:
        """Wait until it is printed. Raises: AssertionError."""
        line = until(lambda: self._line("Lumiku is at "), "the address is printed", seconds=_START_SECONDS)
        return str(line).removeprefix("Lumiku is at ").strip()

    def _line(self, beginning: str) -> str:
        assert self.process.poll() is None, self.said
        return next((line for line in self.said.splitlines() if line.startswith(beginning)), "")

    def pid_of(self, slug: str) -> int:
        return int((self.data_dir / "run" / slug).read_text(encoding="ascii").split()[0])

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """What fails within says what the stack and the ends of its logs said meanwhile."""
        try:
            yield
        except AssertionError as failed:
            logs = {
                path.name: path.read_text("utf-8", "replace")[-4000:] for path in sorted((self.data_dir / "logs").glob("*.log"))
            }
            story = "\n".join(f"--- {name}\n{end}" for name, end in {"make run": self.said, **logs}.items())
            raise AssertionError(f"{failed}\n{story}") from failed

    def kill(self, slug: str) -> None:
        """At once, with its children."""
        first = psutil.Process(self.pid_of(slug))
        for one in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)


@pytest.fixture
def make_run(tmp_path: Path, stub: StubProvider) -> Iterator[Callable[[], Run]]:
    """Starts it; stops it afterwards."""
    runs: list[Run] = []

    def start() -> Run:
        runs.append(Run(tmp_path, settings_of_a_test(stub.url)))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.stop()
        remove_outside_data(run.data_dir)


def test_from_nothing_to_a_picture_and_through_deaths(make_run: Callable[[], Run], chromium: Browser) -> None:
    """Q1: worker, Redis and web are killed while the page is open; the supervisor starts them again, the page goes on."""
    run = make_run()
    address = run.address()
    with run.heard(), contextlib.closing(chromium.new_context(base_url=address, locale="en-US")) as window:
        page = window.new_page()
        studio = Studio(page)
        studio.open("/sign-up")
        page.get_by_label("Name").fill("Grace")
        page.get_by_label("E-mail").fill("grace@example.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create the admin account").click()
        expect(page.get_by_role("heading", name="Hello, Grace")).to_be_visible()
        studio.open_creator(studio.make_project("First"), model=ILLUSTRATOR)
        studio.choose_count(1)
        studio.type_words("the first of many")
        key = page.locator("input[name=key]")
        draft = key.input_value()
        for slug in ("worker", "redis", "web"):
            run.kill(slug)
        until(lambda: run.said.count("answers again.") >= 3, "all three are back", seconds=180)
        expect(key).not_to_have_value(re.compile(f"^({draft})?$"), timeout=90_000)  # the new server has filled the page again
        expect(studio.words).to_have_value("the first of many")
        studio.button.click()
        expect(studio.pictures).to_have_count(1, timeout=90_000)
        expect_loaded(studio.pictures, 1)
    assert run.stop() == 0
    assert run.said.splitlines()[-1] == "Lumiku has stopped."
