"""Keep what there is in all, counted anew beside the pages when it has become old.

At a million exposures a count takes some seconds of a processor: it is not made for each page, and
at most for a hundredth of the time. What is kept is of everything, and so for those alone who see
everything.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import text

from hstql_resources.site.opening import Opened
from hstql_resources.site.session import Viewer
from hstql_web.bars import BarChart, draw_bars
from hstql_web.kept import Kept
from hstql_web.queries.inventory import (
    DayCount,
    TableCount,
    count_exposures,
    count_files,
    count_rows,
    measure_database,
)

_KEPT_S = 60.0  # at least
_SHARE = 100  # a count is kept for so many times as long as it took
_LIMIT_S = 600


class TypeCount(NamedTuple):
    """How many files there are of a type, and how large they are together, bytes."""

    filetype: str
    files: int
    size_bytes: int


@dataclass(frozen=True)
class Inventory:
    """What there is.

    Attributes
    ----------
    counted_at : datetime
        When it was counted, UTC.
    types : list of TypeCount
        Files by type, that with the most first; without those set aside.
    growth : BarChart or None
        Files by type, of exposures that had come until then.
    exposures : dict of str to BarChart or None
        By instrument, those of each detector.
    tables : list of TableCount
        That with the most rows first.
    database_bytes : int
        Of all tables.
    history_bytes : int
        Of those of Dagster.
    """

    counted_at: datetime
    types: list[TypeCount]
    growth: BarChart | None
    exposures: dict[str, BarChart | None]
    tables: list[TableCount]
    database_bytes: int
    history_bytes: int


class Stock:
    """The last count, and who makes the next one.

    Parameters
    ----------
    opened : Opened
        What is counted.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._kept: Kept[Inventory] = Kept(_KEPT_S, _SHARE)

    def read(self) -> Inventory | None:
        """Return the last count, None if the first one is not done yet."""
        return self._kept.find("all", self._count)

    def _count(self) -> Inventory:
        everything = Viewer(self._opened.owner, is_local=True)
        with self._opened.site.open(everything) as (connection, _):
            # All rows are read, and so in the order in which they lie there.
            for setting in (
                f"statement_timeout = '{_LIMIT_S}s'",
                "work_mem = '64MB'",
                "enable_mergejoin = off",
                "random_page_cost = 4",
            ):
                connection.execute(text(f"SET LOCAL {setting}"))
            files = count_files(connection)
            exposures = sorted(count_exposures(connection).items())
            return Inventory(
                datetime.now(UTC),
                _add_types(files),
                draw_bars(files, adds_up=True),
                {name: draw_bars(counts, finest="month") for name, counts in exposures},
                count_rows(connection),
                measure_database(connection),
                self._opened.history.measure(),
            )


def _add_types(files: Sequence[DayCount]) -> list[TypeCount]:
    numbers: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for one in files:
        numbers[one.kind] += one.number
        sizes[one.kind] += one.size_bytes
    return [TypeCount(kind, number, sizes[kind]) for kind, number in numbers.most_common()]
