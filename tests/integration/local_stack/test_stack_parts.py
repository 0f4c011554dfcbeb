"""The parts of the stack that need no server."""

import http.server
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from lumiku_web.local_stack import front_end
from lumiku_web.local_stack.log_files import LogFile
from lumiku_web.local_stack.page_address import UnknownBuildError, follow_the_page_address
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.product import Web, free_port
from lumiku_web.local_stack.redis_server import find_redis_server, redis_version

BUILT_ADDRESSES = (
    'var e={PING:"http://page-address.invalid/ping",EVENT:"ws://page-address.invalid/_event",'
    "UPLOAD:`http://page-address.invalid/_upload`,TRANSPORT:`websocket`};export{e as t};"
)
BUILT_HOSTS = "const SAME_DOMAIN_HOSTNAMES=[`localhost`,`0.0.0.0`,`::`,`0:0:0:0:0:0:0:0`],token=1;"


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "reflex-env-abc.js").write_text(BUILT_ADDRESSES, encoding="utf-8")
    (tmp_path / "assets" / "state-abc.js").write_text(BUILT_HOSTS, encoding="utf-8")
    return tmp_path


def test_a_build_follows_the_address_of_its_page(static_dir: Path) -> None:
    follow_the_page_address(static_dir)
    assert (static_dir / "assets" / "reflex-env-abc.js").read_text(encoding="utf-8") == (
        'var e={PING:location.origin+"/ping",EVENT:location.origin.replace(/^http/,"ws")+"/_event",'
        'UPLOAD:location.origin+"/_upload",TRANSPORT:`websocket`};export{e as t};'
    )
    assert (static_dir / "assets" / "state-abc.js").read_text(encoding="utf-8") == "const SAME_DOMAIN_HOSTNAMES=[],token=1;"


@pytest.mark.parametrize(
    "broken",
    [
        {"reflex-env-abc.js": "var e={};"},
        {"reflex-env-abc.js": BUILT_ADDRESSES.replace("/_event", "/_happening")},
        {
            "reflex-env-abc.js": BUILT_ADDRESSES.replace(
                '"http://page-address.invalid/ping"', '"http://page-address.invalid:80/ping"'
            )
        },
        {"second.js": BUILT_ADDRESSES},
        {"state-abc.js": "no list of hosts"},
        {"second.js": BUILT_HOSTS},
    ],
)
def test_a_build_that_looks_unknown_is_refused(static_dir: Path, broken: dict[str, str]) -> None:
    for name, text in broken.items():
        (static_dir / "assets" / name).write_text(text, encoding="utf-8")
    with pytest.raises(UnknownBuildError):
        follow_the_page_address(static_dir)


def test_a_free_port_is_the_wanted_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    assert free_port("127.0.0.1", port) == port


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, ""), (socket.AF_INET6, "::1")])
def test_a_port_that_anybody_of_this_machine_uses_is_not_free(family: socket.AddressFamily, address: str) -> None:
    try:
        somebody = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no address {address}")
    with somebody:
        taken = int(somebody.getsockname()[1])
        assert free_port("127.0.0.1", taken) > taken


def test_a_page_that_another_process_serves_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server, subprocess.Popen(["sleep", "60"]) as another:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        web = Web(Places(tmp_path), {}, host="127.0.0.1", port=server.server_port)
        monkeypatch.setattr(Web, "pid", another.pid)
        assert not web.answers()
        monkeypatch.setattr(Web, "pid", os.getpid())
        assert web.answers()
        another.kill()
        server.shutdown()


def test_a_log_keeps_its_end_within_bounds(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "logs" / "child.log")
    descriptor = log.open_for_child()
    os.write(descriptor, b"".join(b"line %d\n" % number for number in range(1000)))
    log.trim(limit_bytes=500)
    os.write(descriptor, b"after\n")
    os.close(descriptor)
    assert log.path.read_text(encoding="utf-8") == "after\n"
    kept = (tmp_path / "logs" / "child.log.1").read_text(encoding="utf-8")
    assert len(kept) == 500
    assert kept.endswith("line 999\n")


def test_only_what_was_logged_since_the_start_is_shown(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "child.log")
    log.path.write_text("old\n", encoding="utf-8")
    since = log.size()
    with log.path.open("a", encoding="utf-8") as child:
        child.writelines(f"line {number}\n" for number in range(100))
    assert log.tail(2, since=since) == "line 98\nline 99"
    assert "old" not in log.tail(1000, since=since)
    assert log.tail(since=log.size() + 1).endswith("line 99")


def test_the_redis_that_is_found_is_new_enough() -> None:
    assert (redis_version(find_redis_server()) or (0, 0)) >= (6, 2)


def test_the_redis_of_the_system_wins_if_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, broken = (tmp_path / name for name in ("old", "new", "broken"))
    for folder, said in (
        (broken, "exit 127"),
        (old, "echo 'Redis server v=5.0.14 sha=0'"),
        (new, "echo 'Redis server v=7.0.15 sha=0'"),
    ):
        folder.mkdir()
        (folder / "redis-server").write_text(f"#!/bin/sh\n{said}\n", encoding="utf-8")
        (folder / "redis-server").chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken}:{old}:{new}")
    assert find_redis_server() == new / "redis-server"


def test_the_front_end_is_built_again_only_if_its_sources_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_end, "PROJECT", tmp_path)
    for name in (
        "lumiku_web/page.py",
        "lumiku_web/local_stack/child.py",
        "lumiku_web/local_stack/page_address.py",
        "assets/logo.svg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first", encoding="utf-8")
    for name in ("rxconfig.py", "requirements.txt", "reflex.lock/package.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("first", encoding="utf-8")
    first = front_end.fingerprint()
    (tmp_path / "lumiku_web/local_stack/child.py").write_text("second", encoding="utf-8")
    assert front_end.fingerprint() == first
    for name in ("lumiku_web/page.py", "assets/logo.svg", "rxconfig.py", "requirements.txt", "reflex.lock/package.json"):
        (tmp_path / name).write_text("second", encoding="utf-8")
        assert front_end.fingerprint() != first
        (tmp_path / name).write_text("first", encoding="utf-8")
    assert front_end.fingerprint() == first
