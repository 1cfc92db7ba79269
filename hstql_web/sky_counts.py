"""Keep how many exposures point into each cell of the sky, for the map.

To count a million takes a second or two: it is done beside the pages, and not for each of them.
What everybody may see is counted once for all; a person with proposals of their own has those
exposures added that the public does not see. Whoever sees all has a map of all.
"""

from sqlalchemy import Connection

from hstql_resources.site.session import Site, Viewer
from hstql_web.kept import Kept
from hstql_web.queries.sky import Counts, count_cells, list_proposals

_KEPT_S = 600.0
_PUBLIC = Viewer("")


class SkyCounts:
    """Counts by cell, for each person what they may see.

    Parameters
    ----------
    site : Site
        The tables.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: Kept[Counts] = Kept(_KEPT_S)

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
            return self._kept.find("all", lambda: self._count(viewer))
        public = self._kept.find("everybody", lambda: self._count(_PUBLIC))
        proposals = list_proposals(connection, viewer.name)
        if public is None or not proposals:
            return public
        own = self._kept.find((viewer.name, proposals), lambda: self._count_own(viewer, proposals))
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
