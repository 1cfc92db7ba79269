"""Progress on a terminal of any width, and where there is none."""

import io
import os
import pty
import termios
from pathlib import Path

import pytest

from hstql_assets.commands.progress import Progress, Transfer, compose, open_terminal
from hstql_resources.archive import Fetched, Product

NAME = "cos/lightcurves, cos/lightcurve_statistics, cos/lightcurve_plots"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", range(1, 120))
@pytest.mark.parametrize("done", [0, 1, 12, 1000])
def test_a_line_is_never_longer_than_the_terminal(width: int, done: int) -> None:
    assert len(compose(NAME, done, 1000, 3661.0, "999 made, 1 bad", width)) <= width


def test_what_matters_stays() -> None:
    def line(width: int) -> str:
        return compose("cos/lightcurves", 12, 345, 4.0, "12 made", width)

    assert line(79) == "cos/lightcurves: 12/345, 3/s, 1:51 left, 12 made"
    assert line(39) == "cos/lightcurves: 12/345, 3/s, 1:51 left"
    assert line(33) == "cos/lig..: 12/345, 3/s, 1:51 left"
    assert line(31) == "cos/lightcurves: 12/345, 3/s"
    assert line(19) == "cos/light..: 12/345"
    assert compose(NAME, 7000, 8000, 7000.0, "", 39) == "cos/light..: 7000/8000, 1/s, 16:40 left"
    assert compose("a", 1, 10001, 1.0, "", 39) == "a: 1/10001, 1/s, 2:46:40 left"


def test_a_terminal_is_written_over_without_control_sequences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("hstql_assets.commands.progress.REDRAWN_AFTER_S", 0)
    stream = Terminal()
    progress = Progress(NAME, 3, stream)
    for _ in range(3):
        progress.add("made")
    progress.close()
    drawn = stream.getvalue().removesuffix("\n").split("\r")[1:]
    assert [len(line) for line in drawn] == [39] * 3
    assert all(line.isprintable() for line in drawn)
    assert "3/3" in drawn[-1]


def test_a_terminal_stays_one_when_the_stream_is_led_elsewhere(tmp_path: Path) -> None:
    """As Dagster does it with each step."""
    parent, child = pty.openpty()
    with os.fdopen(child, "w") as stream, open_terminal(stream) as terminal:
        termios.tcsetwinsize(child, (24, 33))
        with (tmp_path / "log").open("w") as log:
            os.dup2(log.fileno(), child)
        progress = Progress(NAME, 1, terminal)
        progress.add("made")
        progress.close()
        drawn = os.read(parent, 1000).decode()
    os.close(parent)
    assert drawn.startswith("\rcos/l")
    assert len(drawn.strip()) <= 32
    assert "1/1" in drawn


def test_a_stream_that_is_no_terminal_stays_as_it_is() -> None:
    for stream in (io.StringIO(), Terminal()):
        with open_terminal(stream) as same:
            assert same is stream


def test_elsewhere_there_are_a_few_plain_lines() -> None:
    stream = io.StringIO()
    progress = Progress("cos/lightcurves", 1000, stream)
    for _ in range(1000):
        progress.add("made")
    progress.close()
    lines = stream.getvalue().splitlines()
    assert lines[-1] == "cos/lightcurves: 1000 of 1000 (1000 made)"
    assert len(lines) == 5
    assert "\r" not in stream.getvalue()


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_a_transfer_ends_in_one_line_that_sums_it_up(kind: type[io.StringIO]) -> None:
    stream = kind()
    transfer = Transfer(stream)
    for number in range(2):
        product = Product("ld9m10ujq", f"ld9m10ujq_x1d{number}.fits")
        transfer.add(Fetched(product, Path("x"), size_bytes=500_000), 2)
    last = stream.getvalue().split("\r")[-1]
    assert last.startswith("  from the archive: 2 files, 1.0 MB, ")
