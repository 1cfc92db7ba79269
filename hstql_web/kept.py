"""Keep what takes seconds to count: it is counted beside the pages, and anew when it is old."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_log = logging.getLogger(__name__)
_PATIENCE_S = 0.3  # of the first page; of a small home all is counted by then
_AGAIN_S = 60.0  # after a count that did not succeed
_MOST_KEPT = 500
Value = TypeVar("Value")


@dataclass
class _Entry(Generic[Value]):
    value: Value | None = None
    state: Hashable = None
    due: float = 0.0
    thread: threading.Thread | None = None


class Kept(Generic[Value]):
    """What was counted last, by what it is of.

    Parameters
    ----------
    kept_s : float
        For how long at least, s.
    share : float
        For how many times as long as the count took, at least.
    patience_s : float
        How long is waited for a count where there is none of this state, s.
    """

    def __init__(self, kept_s: float, share: float = 0.0, patience_s: float = _PATIENCE_S) -> None:
        self._kept_s, self._share, self._patience_s = kept_s, share, patience_s
        self._lock = threading.Lock()
        self._entries: dict[Hashable, _Entry[Value]] = {}

    def find(
        self, key: Hashable, count: Callable[[], Value], state: Hashable = None
    ) -> Value | None:
        """Return what is kept, and have it counted where it is old; None if it is not done yet.

        Parameters
        ----------
        key : Hashable
            What it is of, and who may see it.
        count : callable
            Counts it in a transaction of its own.
        state : Hashable
            What is another one as soon as a count would be another one, where that is known.
        """
        with self._lock:
            if len(self._entries) > _MOST_KEPT:
                self._entries.clear()
            entry = self._entries.setdefault(key, _Entry())
            is_old = time.monotonic() >= entry.due or entry.state != state
            if entry.thread is None and is_old:
                arguments = (entry, count, state)
                entry.thread = threading.Thread(target=self._fill, args=arguments, daemon=True)
                entry.thread.start()
            thread = entry.thread
        if thread is not None and (entry.value is None or entry.state != state):
            thread.join(self._patience_s)
        return entry.value

    def _fill(self, entry: _Entry[Value], count: Callable[[], Value], state: Hashable) -> None:
        started, kept_s = time.monotonic(), _AGAIN_S
        try:
            entry.value, entry.state = count(), state
            kept_s = max(self._kept_s, self._share * (time.monotonic() - started))
        except (DBAPIError, PoolTimeoutError) as error:
            _log.warning("It could not be counted: %s", error)
        finally:
            with self._lock:
                entry.due, entry.thread = time.monotonic() + kept_s, None
