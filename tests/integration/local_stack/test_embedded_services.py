"""PostgreSQL and Redis as the tests and `make run` start them: what they refuse, survive and leave alone."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from lumiku_web.local_stack.failures import StartFailedError
from lumiku_web.local_stack.places import Places
from lumiku_web.local_stack.services import EmbeddedServices, embedded_services
from tests.integration.local_stack.stand_in import PROJECT, alive, clean_environment, wait_until

HOLD_SERVICES = """
import signal, sys
from pathlib import Path
from lumiku_web.local_stack.services import embedded_services
with embedded_services(Path(sys.argv[1]), durable=True, keep=True) as services:
    print(services.postgres.pid, services.redis.pid, services.database_url, flush=True)
    signal.pause()
"""


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def ask(url: str, question: str) -> object:
    with connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def ping(services: EmbeddedServices) -> bool:
    with redis.Redis.from_url(services.redis_url) as connection:
        return bool(connection.ping())


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Generator[EmbeddedServices]:
    with embedded_services(tmp_path_factory.mktemp("services") / "data") as running:
        yield running


def test_each_role_gets_its_own_connection(services: EmbeddedServices) -> None:
    assert ask(services.database_url, "SELECT current_user") == "lumiku_app"
    assert ask(services.owner_url, "SELECT current_user") == "lumiku_owner"
    assert ask(services.superuser_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    assert ask(services.superuser_url, "SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname LIKE 'lumiku%'") is False


def test_the_role_that_runs_makes_no_tables(services: EmbeddedServices) -> None:
    with connect(services.database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (id int)")


def test_a_wrong_password_is_refused(services: EmbeddedServices) -> None:
    wrong = services.database_url.replace("lumiku_app:", "lumiku_app:x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(wrong)


def test_the_database_speaks_utf8_and_knows_capitals(services: EmbeddedServices) -> None:
    assert ask(services.database_url, "SHOW server_encoding") == "UTF8"
    assert ask(services.database_url, "SELECT lower('ÄÖÜ É')") == "äöü é"


def test_neither_listens_on_the_network(services: EmbeddedServices) -> None:
    assert ask(services.superuser_url, "SHOW listen_addresses") == ""
    with redis.Redis.from_url(services.redis_url) as connection:
        assert connection.config_get("port") == {"port": "0"}
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_socket_paths_are_short_and_private(services: EmbeddedServices) -> None:
    folder = Path(services.database_url.rpartition("host=")[2])
    sockets = [folder / ".s.PGSQL.5432", Path(services.redis_url.removeprefix("unix://"))]
    for path in sockets:
        assert path.is_socket()
        assert len(os.fsencode(path)) < 100
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_passwords_are_private(services: EmbeddedServices) -> None:
    password = services.database_url.split(":")[2].partition("@")[0]
    secrets = services.postgres.log.path.parents[1] / "secrets"
    holders = [path for path in secrets.iterdir() if password in path.read_text(encoding="utf-8")]
    assert [path.name for path in holders] == ["postgres.json"]
    assert stat.S_IMODE(holders[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert password not in services.postgres.log.path.read_text(encoding="utf-8")


def test_each_can_be_stopped_and_started_again(services: EmbeddedServices) -> None:
    for server in (services.redis, services.postgres):
        server.stop()
        assert not server.answers()
        server.start()
        assert server.answers()
    assert ping(services)
    assert ask(services.database_url, "SELECT 1") == 1


def test_each_can_be_killed_and_started_again(services: EmbeddedServices) -> None:
    for server in (services.redis, services.postgres):
        server.kill()
        assert server.exit_status == -signal.SIGKILL
        server.start()
    assert ping(services)
    assert ask(services.database_url, "SELECT 1") == 1


def test_what_was_committed_survives_kill_9(tmp_path: Path) -> None:
    with embedded_services(tmp_path / "data", durable=True) as services:
        with connect(services.owner_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with redis.Redis.from_url(services.redis_url) as connection:
            connection.set("kept", 42)
        wait_until(lambda: b"kept" in _append_only_file(tmp_path / "data" / "redis"), "Redis has written it down")
        services.postgres.kill()
        services.redis.kill()
        services.postgres.start()
        services.redis.start()
        assert ask(services.owner_url, "SELECT answer FROM kept") == 42
        with redis.Redis.from_url(services.redis_url) as connection:
            assert connection.get("kept") == b"42"


def _append_only_file(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*.aof*") if path.is_file())


def test_killed_with_its_servers_running_it_leaves_no_orphan_and_the_data_are_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_SERVICES, str(folder)],
        cwd=PROJECT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        postgres, server, url = holder.stdout.readline().split()
        with connect(url) as connection:
            assert connection.info.backend_pid
        holder.kill()
    wait_until(lambda: not alive(int(postgres)) and not alive(int(server)), "both servers ended with their supervisor")
    with embedded_services(folder) as services:
        assert services.database_url == url
        assert ask(url, "SELECT 1") == 1


def test_a_lock_file_with_a_strangers_process_id_is_no_obstacle(tmp_path: Path) -> None:
    """After a restart of the machine the old id may belong to anybody, here to this test."""
    with embedded_services(tmp_path / "data") as services:
        services.postgres.kill()
        lock = services.postgres.cluster / "postmaster.pid"
        lines = lock.read_text(encoding="utf-8").splitlines()
        lock.write_text("\n".join([str(os.getpid()), *lines[1:], ""]), encoding="utf-8")
        services.postgres.start()
        assert ask(services.database_url, "SELECT 1") == 1


def test_a_part_of_a_killed_postgres_that_lingers_is_ended(tmp_path: Path) -> None:
    """It keeps the shared memory, beside which no new server starts."""
    with embedded_services(tmp_path / "data") as services:
        part = psutil.Process(services.postgres.pid).children()[0]
        part.suspend()
        services.postgres.kill()
        services.postgres.start()
        assert not part.is_running()
        assert ask(services.database_url, "SELECT 1") == 1


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    places = Places(tmp_path / "data")
    with embedded_services(places.data_dir) as services:
        folder = Path(services.database_url.rpartition("host=")[2])
        services.postgres.stop()
        services.postgres.log.path.write_text("", encoding="utf-8")
        for path in folder.iterdir():
            path.unlink()
        folder.chmod(0o777)
        with pytest.raises(StartFailedError, match="isn't a private folder of ours"):
            services.postgres.start()
        folder.chmod(0o700)


def test_a_socket_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    with embedded_services(tmp_path / "data") as services:
        folder = Path(services.redis_url.removeprefix("unix://")).parent
        services.redis.stop()
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder.symlink_to(tmp_path)
        with pytest.raises(StartFailedError, match="isn't a private folder of ours"):
            services.redis.start()
        folder.unlink()


def test_two_on_one_folder_are_refused(tmp_path: Path) -> None:
    with (
        embedded_services(tmp_path / "data"),
        pytest.raises(StartFailedError, match="already runs"),
        embedded_services(tmp_path / "data"),
    ):
        pytest.fail("both run")


def test_nothing_is_left_outside_the_folder(tmp_path: Path) -> None:
    with embedded_services(tmp_path / "data") as services:
        sockets = [Path(services.database_url.rpartition("host=")[2]), Path(services.redis_url.removeprefix("unix://")).parent]
        cluster = services.postgres.cluster
    assert not any(folder.exists() for folder in sockets)
    assert cluster.is_relative_to(tmp_path) or not cluster.parent.exists()


def test_a_moved_data_folder_keeps_its_data(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with embedded_services(first, keep=True) as services, connect(services.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first.rename(second)
    with embedded_services(second) as services:
        assert ask(services.owner_url, "SELECT answer FROM kept") == 42


def test_a_server_that_does_not_come_up_shows_its_log(tmp_path: Path) -> None:
    with embedded_services(tmp_path / "data") as services:
        services.postgres.stop()
        (services.postgres.cluster / "PG_VERSION").write_text("12\n", encoding="utf-8")
        with pytest.raises(StartFailedError, match="PostgreSQL ended while it started") as failure:
            services.postgres.start()
        assert "database files are incompatible" in failure.value.details
        assert not services.postgres.running
