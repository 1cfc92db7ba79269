"""Keep how often each anomaly was flagged, for as long as no flag is set or taken back.

With a hundred thousand flags a count takes half a second. People who may see the same share one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from hstql_resources.site.rows import AnyRow
from hstql_resources.site.session import Site, Viewer
from hstql_web.bars import BarChart, draw_bars
from hstql_web.kept import Kept
from hstql_web.queries.anomalies import count_flags, describe_sight, find_last_change
from hstql_web.queries.inventory import DayCount

_KEPT_S = 600.0  # exposures become public, and new ones come
_PATIENCE_S = 5.0  # what was before the last click would mislead


class FlagCount(NamedTuple):
    """How many exposures are flagged.

    Attributes
    ----------
    exposures : Counter of (str, str)
        By instrument and kind.
    charts : dict of str to BarChart or None
        By instrument, those of each kind and month of the exposure.
    """

    exposures: Counter[tuple[str | None, str]]
    charts: Mapping[str, BarChart | None]


class FlagCounts:
    """Counts for each kind of viewer.

    Parameters
    ----------
    site : Site
        The tables.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: Kept[FlagCount] = Kept(_KEPT_S, patience_s=_PATIENCE_S)

    def find(self, connection: Connection, viewer: Viewer) -> FlagCount | None:
        """Return counts of what a person may see; None if they cannot be counted at the moment.

        Parameters
        ----------
        connection : sqlalchemy.Connection
            Their transaction.
        viewer : Viewer
            Who they are.
        """
        sight, change = describe_sight(connection), find_last_change(connection)
        return self._kept.find(sight, lambda: self._count(viewer), change)

    def _count(self, viewer: Viewer) -> FlagCount:
        with self._site.open(viewer) as (connection, _):
            rows = count_flags(connection)
        exposures: Counter[tuple[str | None, str]] = Counter()
        for row in rows:
            exposures[row.instrument, row.kind] += row.exposures
        return FlagCount(exposures, _draw(rows))


def _draw(rows: Sequence[AnyRow]) -> dict[str, BarChart | None]:
    counts: dict[str, list[DayCount]] = {}
    for row in rows:
        one = DayCount(_read_month(row.month), row.kind.replace("_", " "), row.exposures)
        counts.setdefault(row.instrument or "", []).append(one)
    return {name: draw_bars(counts[name], finest="month") for name in sorted(counts)}


def _read_month(text: str | None) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None  # as an odd header has it
