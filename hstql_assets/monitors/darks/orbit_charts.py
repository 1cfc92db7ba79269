"""Chart dark rates on maps of the Earth, and relative to the Sun."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.darks.regions import AXIS_LABEL, MILLIONTHS, rate
from hstql_assets.monitors.darks.series import CELL_DEG, SUN_CELL_DEG
from hstql_assets.pages.charts import Axis, Boxes, Chart, Colour, Image
from hstql_assets.science.orbit_position import (
    SAA_NORTH_DEG,
    SAA_WEST_DEG,
    SAA_WEST_OF_SECOND_MONITOR_DEG,
)

HIGHEST_LATITUDE_DEG = 35  # the orbit reaches 28.5
FARTHEST_NORTH_DEG = 60  # of the Sun, which reaches 23.4
LEAST_FOR_LOG = 3.0
LEAST_SHARE = 0.5  # of the median: lower is a cell of few counts

Floats = NDArray[np.float64]


def draw_map(detector: str, cells: Sequence[Any]) -> Chart:
    """Return the mean rate of each cell of 5 degrees, with the anomaly.

    The cells are those of `DarkRows.cells` of this detector.
    """
    rates = _grid(cells, CELL_DEG, HIGHEST_LATITUDE_DEG, 90)
    image = Image(rates, 0.0, 360.0, -HIGHEST_LATITUDE_DEG, HIGHEST_LATITUDE_DEG)
    return Chart(
        f"dark_map_{detector.lower()}",
        f"{detector}: dark rate below the telescope",
        Axis("longitude (deg east)", limits=(0.0, 360.0)),
        Axis("latitude (deg)", limits=(-HIGHEST_LATITUDE_DEG, HIGHEST_LATITUDE_DEG)),
        (
            image,
            _outline(SAA_WEST_DEG, "left out of the trend", "#c82828"),
            _outline(SAA_WEST_OF_SECOND_MONITOR_DEG, "narrower cut, from 260", "#e08a28"),
        ),
        f"Mean of {sum(cell.live_s for cell in cells):,.0f} s in cells of {CELL_DEG} degrees, all "
        "years. White: no exposure was there.",
        _colour(rates, is_log=True),
    )


def draw_sun_map(detector: str, cells: Sequence[Any]) -> Chart:
    """Return the mean rate by the place relative to the sub-solar point, without the anomaly.

    The cells are those of `DarkRows.sun_cells` of this detector.
    """
    rates = _grid(cells, SUN_CELL_DEG, FARTHEST_NORTH_DEG, 180)
    image = Image(rates, 0.0, 360.0, -FARTHEST_NORTH_DEG, FARTHEST_NORTH_DEG)
    return Chart(
        f"dark_sun_map_{detector.lower()}",
        f"{detector}: dark rate relative to the sub-solar point, without the anomaly",
        Axis("longitude east of the sub-solar point (deg)", limits=(0.0, 360.0)),
        Axis("latitude less that of the Sun (deg)",
             limits=(-FARTHEST_NORTH_DEG, FARTHEST_NORTH_DEG)),
        (image,),
        f"Mean of {sum(cell.live_s for cell in cells):,.0f} s in cells of {SUN_CELL_DEG} degrees. "
        "The Sun is in the zenith at 0 and 360, and below the feet at 180.",
        _colour(rates, is_log=False),
    )  # fmt: skip


def _grid(cells: Sequence[Any], size_deg: int, highest_deg: int, origin_deg: int) -> Floats:
    """Return rates in millionths by latitude and longitude, (rows, columns); NaN for no time."""
    rows, columns = 2 * highest_deg // size_deg, 360 // size_deg
    rates = np.full((rows, columns), np.nan)
    for cell in cells:
        row = cell.y - (origin_deg - highest_deg) // size_deg
        if 0 <= row < rows and cell.live_s:
            rates[row, cell.x % columns] = MILLIONTHS * rate(cell.counts, cell.live_s, cell.pixels)
    return rates


def _colour(rates: Floats, *, is_log: bool) -> Colour:
    """Return colours over all rates, but for those of a few counts; even ones if they are close.

    The rates are of shape (rows, columns), in 10^-6 counts/s/pixel.
    """
    known = rates[np.isfinite(rates)]
    if not known.size or not np.median(known) > 0.0:
        return Colour(AXIS_LABEL, 0.1, 10.0, is_log)
    low = max(float(known.min()), LEAST_SHARE * float(np.median(known)))
    high = max(float(known.max()), 1.1 * low)
    return Colour(AXIS_LABEL, low, high, is_log and high > LEAST_FOR_LOG * low)


def _outline(west_deg: float, label: str, colour: str) -> Boxes:
    edges = (west_deg, 360.0, -HIGHEST_LATITUDE_DEG, SAA_NORTH_DEG)
    left, right, bottom, top = (np.array([edge]) for edge in edges)
    return Boxes(left, right, bottom, top, label, colour)
