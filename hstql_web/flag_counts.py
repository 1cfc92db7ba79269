"""Keep how often each anomaly was flagged, for as long as no flag is set or taken back.

With a hundred thousand flags a count takes half a second. People who may see the same share one.
"""

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from hstql_resources.site.rows import AnyRow
from hstql_web.queries.anomalies import count_flags, describe_sight, find_last_change

KEPT_S = 600.0  # exposures become public, and new ones come
_MOST_KEPT = 100


class _Kept(NamedTuple):
    change: tuple[object, ...]
    counted_at: float
    counts: Sequence[AnyRow]


class FlagCounts:
    """Counts by instrument, kind and month, for each kind of viewer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[object, ...], _Kept] = {}

    def find(self, connection: Connection) -> Sequence[AnyRow]:
        """Return the counts of what the person may see whose transaction it is, as they are now."""
        key = (connection.engine.url, *describe_sight(connection))
        change, now = find_last_change(connection), time.monotonic()
        kept = self._kept.get(key)
        if kept is None or kept.change != change or now > kept.counted_at + KEPT_S:
            kept = _Kept(change, now, count_flags(connection))
            with self._lock:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = kept
        return kept.counts


FLAG_COUNTS = FlagCounts()
