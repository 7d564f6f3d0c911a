"""Progress: a bar on a terminal, a line now and then in a log, nothing when told to be quiet."""

import io

import pytest

from tailormade import progress as module
from tailormade.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_nothing_for_short_work_in_a_log(capsys):
    with Progress("fit", 10, "steps") as progress:
        progress.advance(10, "done")
    assert capsys.readouterr() == ("", "")


def test_a_line_now_and_then_in_a_log(capsys, clock):
    with Progress("fit", 100, "steps") as progress:
        progress.advance(10)
        clock[0] += 20
        progress.advance(10, "epoch 1")
        clock[0] += 1
        progress.advance(5)
        clock[0] += 19
        progress.advance(15)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "fit 20/100 steps, 1 steps/s, 80 s left  epoch 1",
        "fit 40/100 steps, 1 steps/s, 60 s left  epoch 1",
    ]


def test_nothing_when_told_to_be_quiet(capsys, clock):
    with Progress("fit", 100, "steps", enabled=False) as progress:
        clock[0] += 60
        progress.advance(50)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Progress("sample", 40, "rows") as progress:
        progress.advance(10)
        progress.advance(10, "half of it")
    shown = terminal.getvalue()
    assert all(word in shown for word in ("sample", "20/40", "rows/s", "half of it"))


def test_a_quiet_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Progress("sample", 40, "rows", enabled=False) as progress:
        progress.advance(40)
    assert terminal.getvalue() == ""


def test_a_bar_ends_when_the_work_fails(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with pytest.raises(RuntimeError), Progress("sample", 40, "rows") as progress:
        raise RuntimeError
    assert progress._bar.finished or not progress._bar.live.is_started
