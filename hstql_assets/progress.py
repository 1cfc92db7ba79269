"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

import sys
from collections import Counter
from typing import TextIO

from tqdm import tqdm

LINES = 5  # how many plain lines a piece of work gets


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

    def add(self, status: str) -> None:
        """Count one key."""
        self._statuses[status] += 1
        done = self._statuses.total()
        if self._bar is not None:
            self._bar.set_postfix_str(self._summary(), refresh=False)
            self._bar.update()
        elif done == self._total or done * LINES // self._total > (done - 1) * LINES // self._total:
            self._stream.write(f"{self._name}: {done} of {self._total} ({self._summary()})\n")
            self._stream.flush()

    def _summary(self) -> str:
        return ", ".join(f"{number} {status}" for status, number in self._statuses.items())
