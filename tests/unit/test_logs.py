"""One JSON line an event, and one id from click to provider call, also across threads."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lumiku_web.logs import correlated, current_correlation_id

PROJECT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, logging, threading
from lumiku_web.logs import configure_logs, correlated, get_logger
configure_logs("worker", level="info")
log = get_logger("lumiku.test")
async def main():
    with correlated("c0ffee", item_id="i-1"):
        log.info("items.started", attempt=1)
        await asyncio.to_thread(log.info, "items.kept")
        logging.getLogger("rq.worker").warning("a library speaks of %s", "itself")
        try:
            1 / 0
        except ZeroDivisionError:
            log.exception("items.bug")
    log.debug("too.detailed")
    log.info("items.ended")
    logging.getLogger("httpx").info("chatty")
asyncio.run(main())
thread = threading.Thread(target=lambda: log.info("beside.it"))
thread.start()
thread.join()
"""


def lines() -> list[dict[str, object]]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_event_is_one_json_line_with_level_time_and_its_facts() -> None:
    told = lines()
    events = ["items.started", "items.kept", "a library speaks of itself", "items.bug", "items.ended", "beside.it"]
    assert [line["event"] for line in told] == events
    assert told[0] | {"level": "info", "logger": "lumiku.test", "attempt": 1, "item_id": "i-1"} == told[0]
    assert all(str(line["timestamp"]).endswith("Z") for line in told)
    assert "ZeroDivisionError" in str(told[3]["exception"])


def test_the_correlation_id_goes_with_the_work_and_ends_with_it() -> None:
    ids = [line.get("correlation_id") for line in lines()]
    assert ids == ["c0ffee", "c0ffee", "c0ffee", "c0ffee", None, None]


def test_every_line_names_its_process_whatever_thread_it_comes_from() -> None:
    assert {line.get("process") for line in lines()} == {"worker"}


async def test_the_correlation_id_is_carried_into_threads_and_not_mixed_up() -> None:
    async def one(number: int) -> bool:
        with correlated(f"id-{number}"):
            await asyncio.sleep(0)
            return await asyncio.to_thread(current_correlation_id) == f"id-{number}"

    assert all(await asyncio.gather(*(one(number) for number in range(50))))
    assert current_correlation_id() == ""


def test_without_an_id_there_is_a_new_one_each_time() -> None:
    with correlated() as first, ThreadPoolExecutor(1) as pool:
        assert current_correlation_id() == first
        assert pool.submit(current_correlation_id).result() == ""
    with correlated() as second:
        assert second != first
