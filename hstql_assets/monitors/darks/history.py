"""Hold what the trend of dark rates is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CELL_DEG = 5
SUN_CELL_DEG = 10
YEAR_DAYS = 365.25
HALF_YEAR, LAST_YEAR, EARLIER = 0, 1, 2  # ages of a stretch, counted from the newest exposure


@dataclass(frozen=True)
class DarkRows:
    """What the database has; rows as the statements of `read` return them.

    Attributes
    ----------
    exposures : sequence
        One for each file and region.
    cells : sequence
        One for each detector and cell of the map of the Earth.
    sun_cells : sequence
        The same relative to the sub-solar point, outside of the anomaly.
    histogram : sequence
        How many full stretches, outside of the anomaly, have so many counts; by detector and age.
    """

    exposures: Sequence[Any] = ()
    cells: Sequence[Any] = ()
    sun_cells: Sequence[Any] = ()
    histogram: Sequence[Any] = ()
