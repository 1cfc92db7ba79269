"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections import Counter
from typing import TextIO

from tqdm import tqdm

from hstql_resources.archive import Fetched

LINES = 5  # how many plain lines a piece of work gets


class Transfer:
    """Counts files that come over the net, and shows how many and how fast.

    Parameters
    ----------
    stream : file
        Where to show it.
    """

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._bar: tqdm | None = None
        self._begun = 0.0
        self._done = self._faults = self._size_bytes = 0

    def add(self, fetched: Fetched, total: int) -> None:
        """Count one file of so many."""
        if self._done == 0:
            self._begin(total)
        self._done += 1
        self._faults += fetched.fault is not None
        self._size_bytes += fetched.size_bytes
        if self._bar is not None:
            self._bar.set_postfix_str(self._summary(), refresh=False)
            self._bar.update()
        if self._done == total:
            self._end(total)

    def _begin(self, total: int) -> None:
        self._begun = time.monotonic()
        self._faults = self._size_bytes = 0
        if self._stream.isatty():
            self._bar = tqdm(
                total=total, desc="  from the archive", unit="file", file=self._stream, leave=False
            )

    def _end(self, total: int) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._stream.write(f"  from the archive: {total} files, {self._summary()}\n")
        self._stream.flush()
        self._done = 0

    def _summary(self) -> str:
        seconds = max(time.monotonic() - self._begun, 1e-3)
        size_mb = self._size_bytes / 1e6
        lost = f", {self._faults} not to be had" if self._faults else ""
        return f"{size_mb:.1f} MB, {size_mb / seconds:.1f} MB/s{lost}"


class Progress:
    """Counts decided keys and shows them.

    Parameters
    ----------
    name : str
        What is being made.
    total : int
        How many keys there are.
    stream : file
        Where to show it.
    """

    def __init__(self, name: str, total: int, stream: TextIO = sys.stderr) -> None:
        self._name, self._total, self._stream = name, total, stream
        self._statuses: Counter[str] = Counter()
        self._bar = (
            tqdm(total=total, desc=name, unit="key", file=stream) if stream.isatty() else None
        )

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()

    def add(self, status: str) -> int:
        """Count one key; return how many are decided."""
        self._statuses[status] += 1
        done = self._statuses.total()
        if self._bar is not None:
            self._bar.set_postfix_str(self._summary(), refresh=False)
            self._bar.update()
        elif done == self._total or done * LINES // self._total > (done - 1) * LINES // self._total:
            self._stream.write(f"{self._name}: {done} of {self._total} ({self._summary()})\n")
            self._stream.flush()
        return done

    def _summary(self) -> str:
        return ", ".join(f"{number} {status}" for status, number in self._statuses.items())
