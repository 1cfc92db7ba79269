"""Show how a command goes on: what, how many of how many, how fast, how long still.

On a terminal that is one line, as long as the terminal is wide at that moment, and written over
with nothing but a carriage return; elsewhere a few plain lines.
"""

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from hstql_assets.orchestration.planning import Step
from hstql_resources.archive import Fetched

LINES = 5  # how many plain lines a piece of work gets
REDRAWN_AFTER_S = 0.1
USUAL_WIDTH = 80  # cells, of a terminal that does not tell
LEAST_NAME = 8  # letters of a name that are left of it


@contextlib.contextmanager
def open_terminal(stream: TextIO) -> Iterator[TextIO]:
    """Open the terminal that a stream is, apart; anything else stays as it is.

    Dagster takes the standard streams for the log of each step, and what it hands on is no
    terminal any more.
    """
    try:
        descriptor = os.dup(stream.fileno()) if stream.isatty() else None
    except (OSError, ValueError):  # not of this system, but a terminal all the same
        descriptor = None
    if descriptor is None:
        yield stream
        return
    with os.fdopen(descriptor, "w", encoding=stream.encoding, errors="replace") as terminal:
        yield terminal


def compose(name: str, done: int, total: int, seconds: float, notes: str, width: int) -> str:
    """Return a line of progress that fits; what matters least is left out, and a name shortened.

    Parameters
    ----------
    name : str
        What is being made.
    done, total : int
        How many of how many.
    seconds : float
        How long it has taken.
    notes : str
        What came of it.
    width : int
        Cells that there are.
    """
    rate = done / max(seconds, 1e-3)
    left = [f"{_clock((total - done) / rate)} left"] if 0 < done < total else []
    parts = [f"{done}/{total}", f"{rate:.3g}/s" if rate < 100 else f"{rate:.0f}/s", *left, notes]
    while len(parts) > 1 and len(", ".join(parts)) + 2 + min(LEAST_NAME, len(name)) > width:
        parts.pop()
    tail = ", ".join(part for part in parts if part)
    space = width - len(tail) - 2
    if len(name) > space:
        name = f"{name[: space - 2]}.." if space > 2 else ""
    return (f"{name}: {tail}" if name else tail)[:width]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Line:
    """A line that says how far something is; nothing is written where there is no terminal.

    Parameters
    ----------
    name : str
        What is being made.
    total : int
        How many there are.
    stream : file
        Where to show it.
    """

    def __init__(self, name: str, total: int, stream: TextIO) -> None:
        self._name, self._total, self._stream = name, total, stream
        self._begun = time.monotonic()
        self._drawn = -REDRAWN_AFTER_S
        self._width = 0
        self.is_shown = stream.isatty()

    def draw(self, done: int, notes: str) -> None:
        """Write the line anew, unless that was done a moment ago."""
        now = time.monotonic()
        if not self.is_shown or (now - self._drawn < REDRAWN_AFTER_S and done < self._total):
            return
        self._drawn = now
        self._width = _width_of(self._stream) - 1  # with its last cell a terminal begins a line
        text = compose(self._name, done, self._total, now - self._begun, notes, self._width)
        self._write(f"\r{text.ljust(self._width)}")

    def end(self) -> None:
        """Let the line stand, if there is one, and begin the next."""
        if self._width:
            self._write("\n")

    def clear(self) -> None:
        """Make room for something else in its place."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _width_of(stream: TextIO) -> int:
    with contextlib.suppress(OSError, ValueError):
        if (columns := os.get_terminal_size(stream.fileno()).columns) > 1:
            return columns
    columns_set = os.environ.get("COLUMNS", "")
    return int(columns_set) if columns_set.isdecimal() and int(columns_set) > 1 else USUAL_WIDTH


class Progress:
    """Counts decided keys and shows them.

    Parameters
    ----------
    name : str
        What is being made.
    total : int
        How many keys there are.
    stream : file, optional
        Where to show it; standard error if None.
    """

    def __init__(self, name: str, total: int, stream: TextIO | None = None) -> None:
        self._name, self._total, self._stream = name, total, stream or sys.stderr
        self._statuses: Counter[str] = Counter()
        self._line = Line(name.strip(), total, self._stream)

    def close(self) -> None:
        """End the line."""
        self._line.end()

    def add(self, status: str) -> int:
        """Count one key; return how many are decided."""
        self._statuses[status] += 1
        done = self._statuses.total()
        summary = ", ".join(f"{number} {name}" for name, number in self._statuses.items())
        self._line.draw(done, summary)
        is_due = done * LINES // self._total > (done - 1) * LINES // self._total
        if not self._line.is_shown and (done == self._total or is_due):
            self._stream.write(f"{self._name}: {done} of {self._total} ({summary})\n")
            self._stream.flush()
        return done


class Steps:
    """The progress of one step after the other; `stream` is where to show it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._progress: Progress | None = None
        self._runs: Progress | None = None

    def begin(self, step: Step) -> None:
        """Begin the next step of a plan."""
        self.close()
        total = len(step.keys) * len(step.assets)
        self._progress = Progress(", ".join(step.assets), total, self._stream)

    def add(self, _asset: str, outcome_status: str) -> None:
        """Count one decided key."""
        if self._progress is not None:
            self._progress.add(outcome_status)

    def add_calibrated(self, status: str, total: int) -> None:
        """Count one run of a calibration pipeline of so many."""
        if self._runs is None:
            self._runs = Progress("  calibrated here", total, self._stream)
        if self._runs.add(status) == total:
            self._runs.close()
            self._runs = None

    def close(self) -> None:
        """End the step."""
        if self._progress is not None:
            self._progress.close()
            self._progress = None


class Transfer:
    """Counts files that come over the net, and shows how many and how fast.

    Parameters
    ----------
    stream : file, optional
        Where to show it; standard error if None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._line: Line | None = None
        self._begun = 0.0
        self._done = self._faults = self._size_bytes = 0

    def add(self, fetched: Fetched, total: int) -> None:
        """Count one file of so many."""
        if self._line is None:
            self._line = Line("from the archive", total, self._stream)
            self._begun = time.monotonic()
            self._done = self._faults = self._size_bytes = 0
        self._done += 1
        self._faults += fetched.fault is not None
        self._size_bytes += fetched.size_bytes
        self._line.draw(self._done, self._summary())
        if self._done == total:
            self._line.clear()
            self._line = None
            self._stream.write(f"  from the archive: {total} files, {self._summary()}\n")
            self._stream.flush()

    def _summary(self) -> str:
        seconds = max(time.monotonic() - self._begun, 1e-3)
        size_mb = self._size_bytes / 1e6
        lost = f", {self._faults} not to be had" if self._faults else ""
        return f"{size_mb:.1f} MB, {size_mb / seconds:.1f} MB/s{lost}"
