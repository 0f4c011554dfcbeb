"""When a worker says how it is, and in which words."""

from rq_workers.status import StatusLine, Told, sentence


def told(in_flight: int = 0, done: int = 0, lag_ms: float = 0.0) -> Told:
    return Told(50, in_flight, done, lag_ms)


def test_a_worker_in_which_nothing_happens_says_nothing() -> None:
    line = StatusLine()
    assert [line.due(told(), at) for at in (0.0, 1.0, 100.0)] == [None] * 3


def test_the_first_change_is_said_at_once_and_the_next_ones_after_half_a_minute() -> None:
    line = StatusLine()
    assert line.due(told(1), 100.0) == told(1)
    assert line.due(told(2), 101.0) is None
    assert line.due(told(3, 4), 129.9) is None
    assert line.due(told(2, 5), 130.0) == told(2, 5)
    assert line.due(told(2, 5), 200.0) is None


def test_the_worst_lag_since_the_last_line_is_said() -> None:
    line = StatusLine()
    assert line.due(told(1, lag_ms=1), 0.0) == told(1, lag_ms=1)
    assert line.due(told(1, lag_ms=90), 10.0) is None
    assert line.due(told(2, lag_ms=3), 40.0) == told(2, lag_ms=90)
    assert line.due(told(1, lag_ms=2), 80.0) == told(1, lag_ms=2)


def test_a_status_reads_like_a_sentence() -> None:
    assert sentence("worker 1", told(12, 340, 1.6)) == "worker 1 · busy 12 of 50 · 340 done · loop 2 ms"
    assert sentence("worker", told(0, 340, 0.2)) == "worker · idle · 340 done · loop 0 ms"
