"""Keep how many exposures point into each cell of the sky, for the map.

To count a million takes a second or two: it is done beside the pages, and not for each of them.
What everybody may see is counted once for all; a person with proposals of their own has those
exposures added that the public does not see. Whoever sees all has a map of all.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hstql_resources.site.session import Site, Viewer
from hstql_web.queries.sky import Counts, count_cells, list_proposals

_log = logging.getLogger(__name__)
KEPT_S = 600.0
_PATIENCE_S = 0.3  # of the first page; a small home is counted by then
_MOST_KEPT = 500  # people
_PUBLIC = Viewer("")
Key = tuple[str, tuple[int, ...]]
EVERYBODY: Key = ("", ())


@dataclass
class _Entry:
    counts: Counts | None = None
    counted_at: float = 0.0
    thread: threading.Thread | None = None


class SkyCounts:
    """Counts by cell, for each person what they may see.

    Parameters
    ----------
    site : Site
        The tables.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._entries: dict[Key, _Entry] = {}

    def find(self, connection: Connection, viewer: Viewer) -> Counts | None:
        """Return counts of what a person may see, some minutes old; None if there are none yet.

        Parameters
        ----------
        connection : sqlalchemy.Connection
            Their transaction.
        viewer : Viewer
            Who they are.
        """
        if viewer.sees_all:
            # Seen by whoever sees all now: those from whom that was taken do not get here.
            return self._take(("all", ()), lambda: self._count(viewer))
        public = self._take(EVERYBODY, lambda: self._count(_PUBLIC))
        proposals = list_proposals(connection, viewer.name)
        if public is None or not proposals:
            return public
        own = self._take((viewer.name, proposals), lambda: self._count_own(viewer, proposals))
        return None if own is None else public + own

    def _count(self, viewer: Viewer) -> Counts:
        with self._site.open(viewer) as (connection, _):
            return count_cells(connection)

    def _count_own(self, viewer: Viewer, proposals: tuple[int, ...]) -> Counts:
        """Return what a person sees of their proposals and the public does not."""
        with self._site.open(viewer) as (connection, _):
            own = count_cells(connection, proposals)
        with self._site.open(_PUBLIC) as (connection, _):
            return own - count_cells(connection, proposals)

    def _take(self, key: Key, count: Callable[[], Counts]) -> Counts | None:
        """Return what is kept; have it counted beside the pages where there is none, or too old."""
        with self._lock:
            if len(self._entries) > _MOST_KEPT:
                self._entries.clear()
            entry = self._entries.setdefault(key, _Entry())
            is_old = time.monotonic() - entry.counted_at > KEPT_S
            if (entry.counts is None or is_old) and entry.thread is None:
                arguments = (entry, count)
                entry.thread = threading.Thread(target=self._fill, args=arguments, daemon=True)
                entry.thread.start()
            thread = entry.thread
        if entry.counts is None and thread is not None:
            thread.join(_PATIENCE_S)
        return entry.counts

    def _fill(self, entry: _Entry, count: Callable[[], Counts]) -> None:
        try:
            entry.counts, entry.counted_at = count(), time.monotonic()
        except (DBAPIError, PoolTimeoutError) as error:
            _log.warning("The sky could not be counted: %s", error)
        finally:
            entry.thread = None
