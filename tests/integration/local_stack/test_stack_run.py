"""`make run`, with stand-ins for what it runs: order, addresses, ends and restarts."""

import contextlib
import http.client
import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests.integration.local_stack.stand_in import STAND_IN_WORKER, Run, StandInProject, alive, unused_port, wait_until


def test_prints_the_address_when_the_page_answers(running: Run) -> None:
    assert f"Lumiku is at http://localhost:{running.port}" in running.said
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"the page"
    connection.close()


def test_says_what_each_step_is_and_how_long_it_took(running: Run) -> None:
    lines = running.said.splitlines()
    for step in ("PostgreSQL", "Redis", "schema and seed", "worker", "web"):
        assert any(line.strip().startswith(f"{step} .") and line.endswith(" s") for line in lines), step
    assert "starts so far: 1" in (running.data_dir / "logs" / "migrate.log").read_text(encoding="utf-8")


def test_as_many_workers_run_as_are_set_and_stop_with_the_rest(project: StandInProject) -> None:
    run = project.start_and_wait(LUMIKU_WORKER_PROCESSES="2")
    log = run.data_dir / "logs" / "worker.log"
    wait_until(lambda: "worker 1 is up" in log.read_text("utf-8") and "worker 2 is up" in log.read_text("utf-8"), "both are up")
    workers = [child.pid for child in psutil.Process(run.pid_of("worker")).children()]
    assert len(workers) == 2
    assert run.end() == 0
    assert not any(map(alive, workers))


def test_a_second_one_in_the_same_folder_says_where_the_first_runs(running: Run) -> None:
    second = StandInProject(running.data_dir.parent).start()
    assert second.process.wait(60) == 1
    where = f"at http://localhost:{running.port} (process {running.process.pid})"
    assert second.said.strip() == f"Lumiku already runs on this data folder, {where}."
    assert alive(running.process.pid)


@pytest.mark.parametrize("slug", ["postgres", "redis", "worker", "web"])
def test_a_child_that_dies_is_started_again(running: Run, slug: str) -> None:
    first, said_before = running.pid_of(slug), len(running.said)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: "answers again." in running.said[said_before:], f"{slug} is up again")
    assert "ended (killed by SIGKILL). Its log: " in running.said[said_before:]
    assert "It is started again in " in running.said[said_before:]
    assert alive(running.pid_of(slug))
    assert running.pid_of(slug) != first


def test_one_interrupt_stops_all_in_order(project: StandInProject) -> None:
    run = project.start_and_wait()
    family = run.family()
    assert len(family) >= 4
    assert run.end(signal.SIGINT) == 0
    stopped = [line.split(" stopped")[0].strip() for line in run.said.splitlines() if " stopped " in line]
    assert stopped[:2] == ["The web process", "The worker"]
    assert sorted(stopped[2:]) == ["PostgreSQL", "Redis"]
    assert run.said.splitlines()[-1] == "Lumiku has stopped."
    assert [pid for pid in family if alive(pid)] == []


def test_a_request_to_end_is_like_an_interrupt(project: StandInProject) -> None:
    run = project.start_and_wait()
    family = run.family()
    assert run.end(signal.SIGTERM) == 0
    assert [pid for pid in family if alive(pid)] == []


@pytest.mark.parametrize("slug", ["redis", "migrate", "web"])
def test_an_interrupt_while_it_starts_stops_what_was_started(project: StandInProject, slug: str) -> None:
    run = project.start()
    wait_until((project.data_dir / "run" / slug).exists, f"{slug} has begun")
    family = run.family()
    assert run.end(signal.SIGINT) == 0
    assert "Lumiku is at" not in run.said
    assert "Traceback" not in run.said
    assert [pid for pid in {*family, run.pid_of(slug)} if alive(pid)] == []


def test_a_second_interrupt_stops_at_once(project: StandInProject) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    project.change("rq_workers/single.py", deaf + STAND_IN_WORKER)
    run = project.start_and_wait()
    family = run.family()
    run.process.send_signal(signal.SIGINT)
    run.wait_for("The web process stopped")
    assert run.end(signal.SIGINT) == 130
    wait_until(lambda: not any(map(alive, family)), "nothing of it runs")


def test_a_child_that_keeps_dying_is_started_later_and_later(project: StandInProject) -> None:
    run = project.start_and_wait()
    project.change("rq_workers/__main__.py", "import sys; sys.exit('the reason')")
    os.kill(run.pid_of("worker"), signal.SIGKILL)
    run.wait_for("It is started again in 4 s.")
    steps = [line.partition(". Its log")[0].strip() for line in run.said.splitlines()]
    first = steps.index("The worker ended (killed by SIGKILL)")
    assert steps[first : first + 6] == [
        "The worker ended (killed by SIGKILL)",
        "It is started again in 1 s.",
        "The worker ended while it started (exit status 1)",
        "It is started again in 2 s.",
        "The worker ended while it started (exit status 1)",
        "It is started again in 4 s.",
    ]
    assert "the reason" in (run.data_dir / "logs" / "worker.log").read_text(encoding="utf-8")
    assert run.end() == 0


def test_a_start_that_fails_shows_the_end_of_the_log_and_leaves_nothing(project: StandInProject) -> None:
    project.change("lumiku_web/cli.py", "import sys; sys.exit('there is no such column')")
    run = project.start()
    assert run.process.wait(60) == 1
    assert "there is no such column" in run.said
    assert "The migration failed (exit status 1)." in run.said
    assert "Traceback" not in run.said
    for slug in ("postgres", "redis"):
        assert not alive(run.pid_of(slug))


def test_killed_it_leaves_no_orphan_and_starts_again_on_the_same_data(project: StandInProject) -> None:
    first = project.start_and_wait()
    family = first.family()
    first.process.kill()
    first.process.wait(60)
    second = project.start_and_wait()
    wait_until(lambda: not any(map(alive, family)), "nothing of the first run is left")
    assert "starts so far: 2" in (second.data_dir / "logs" / "migrate.log").read_text(encoding="utf-8")


def test_all_killed_at_once_it_starts_again_on_the_same_data(project: StandInProject) -> None:
    """As a power cut does it, with the lock files of the servers left behind."""
    first = project.start_and_wait()
    family = first.family()
    for pid in (first.process.pid, *family):
        with contextlib.suppress(ProcessLookupError):  # some end by themselves when the first one is gone
            os.kill(pid, signal.SIGKILL)
    first.process.wait(60)
    wait_until(lambda: not any(map(alive, family)), "all are gone")
    second = project.start_and_wait()
    assert "starts so far: 2" in (second.data_dir / "logs" / "migrate.log").read_text(encoding="utf-8")


def test_a_taken_port_is_said_and_another_used(project: StandInProject) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody_else:
        taken = somebody_else.getsockname()[1]
        run = project.start_and_wait(LUMIKU_PORT=str(taken))
        assert f"Port {taken} is taken by another program; Lumiku uses " in run.said
        assert f"Lumiku is at http://localhost:{taken}\n" not in run.said


def test_a_public_origin_is_the_address(project: StandInProject) -> None:
    run = project.start_and_wait(LUMIKU_PUBLIC_ORIGIN="https://studio.example")
    assert "Lumiku is at https://studio.example\n" in run.said


def test_a_malformed_setting_stops_it_with_one_sentence(project: StandInProject) -> None:
    run = project.start(LUMIKU_WORKER_CONCURRENCY="many")
    assert run.process.wait(60) == 2
    assert len(run.said.splitlines()) == 1
    assert "LUMIKU_WORKER_CONCURRENCY" in run.said
    assert not project.data_dir.exists()


def test_a_postgresql_of_ones_own_that_does_not_answer_is_said(project: StandInProject) -> None:
    run = project.start(DATABASE_URL=f"postgresql://somebody:secret@127.0.0.1:{unused_port()}/lumiku")
    assert run.process.wait(60) == 1
    assert "PostgreSQL at DATABASE_URL doesn't let us in: " in run.said
    assert "secret" not in run.said
    assert not (project.data_dir / "run" / "postgres").exists()


def test_a_redis_of_ones_own_that_does_not_answer_is_said(project: StandInProject) -> None:
    run = project.start(REDIS_URL=f"redis://127.0.0.1:{unused_port()}/0")
    assert run.process.wait(60) == 1
    assert "Redis at REDIS_URL doesn't let us in: " in run.said
    assert not (project.data_dir / "run" / "redis").exists()


def test_servers_of_ones_own_replace_the_embedded_ones(project: StandInProject, tmp_path: Path) -> None:
    others = project.start("services", LUMIKU_DATA_DIR=str(tmp_path / "others"))
    others.wait_for("export REDIS_URL=")
    lines = [line.removeprefix("export ") for line in others.said.splitlines() if line.startswith("export ")]
    settings = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    run = project.start_and_wait(**settings)
    assert "your PostgreSQL" in run.said
    assert "your Redis" in run.said
    assert {path.name for path in (run.data_dir / "run").iterdir()} == {"lock", "migrate", "web", "worker"}
    assert run.end() == 0
    assert others.end() == 0


def test_the_command_line_is_explained(project: StandInProject) -> None:
    run = project.start("walk")
    assert run.process.wait(60) == 2
    assert "run | services | build" in run.said
