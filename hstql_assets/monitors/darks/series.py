"""Hold what the database has of dark rates, and arrange it by region, exposure by exposure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.darks.regions import rate, rate_error
from hstql_resources.columns import Columns

Floats = NDArray[np.float64]

CELL_DEG = 5
SUN_CELL_DEG = 10
YEAR_DAYS = 365.25
HALF_YEAR, LAST_YEAR, EARLIER = 0, 1, 2  # ages of a stretch, counted from the newest exposure


@dataclass(frozen=True)
class DarkRows:
    """What the database has; rows as the statements of `read` return them.

    Attributes
    ----------
    exposures : Columns or None
        A row for each file and region, NaN for NULL; None without any.
    cells : sequence
        One for each detector and cell of the map of the Earth.
    sun_cells : sequence
        The same relative to the sub-solar point, outside of the anomaly.
    histogram : sequence
        How many full stretches, outside of the anomaly, have so many counts; by detector and age.
    """

    exposures: Columns | None = None
    cells: Sequence[Any] = ()
    sun_cells: Sequence[Any] = ()
    histogram: Sequence[Any] = ()


@dataclass(frozen=True, eq=False)
class Series:
    """The exposures of a region outside of the anomaly, in order of time; arrays of shape (n,).

    Attributes
    ----------
    detector, region : str
    pixels : int
        Of the region.
    mjd : ndarray
        Middle of the live time, MJD UTC.
    counts, all_counts : ndarray
        With a good pulse height, and of any.
    live_s : ndarray
        Live time.
    temperature_c : ndarray
        NaN where it is not known.
    rootnames : tuple of str
    """

    detector: str
    region: str
    pixels: int
    mjd: Floats
    counts: Floats
    all_counts: Floats
    live_s: Floats
    temperature_c: Floats
    rootnames: tuple[str, ...]

    @property
    def rates(self) -> Floats:
        """Rates with a good pulse height [counts/s/pixel]."""
        return rate(self.counts, self.live_s, self.pixels)

    @property
    def errors(self) -> Floats:
        """Their 1-sigma errors."""
        return rate_error(self.counts, self.live_s, self.pixels)

    @property
    def all_rates(self) -> Floats:
        """Rates of any pulse height [counts/s/pixel]."""
        return rate(self.all_counts, self.live_s, self.pixels)

    @property
    def all_errors(self) -> Floats:
        """Their 1-sigma errors."""
        return rate_error(self.all_counts, self.live_s, self.pixels)

    def __len__(self) -> int:
        return len(self.mjd)

    def select(self, chosen: NDArray[np.bool_]) -> "Series":
        """Return the exposures chosen, a mask of shape (n,)."""
        return Series(
            self.detector, self.region, self.pixels, self.mjd[chosen], self.counts[chosen],
            self.all_counts[chosen], self.live_s[chosen], self.temperature_c[chosen],
            tuple(name for name, keep in zip(self.rootnames, chosen, strict=True) if keep),
        )  # fmt: skip

    def mean(self) -> tuple[float, float]:
        """Return rate and error of all exposures together [counts/s/pixel]."""
        sums = self.counts.sum(), self.live_s.sum(), self.pixels
        return float(rate(*sums)), float(rate_error(*sums))


def make_series(rows: DarkRows) -> dict[tuple[str, str], Series]:
    """Return the exposures by detector and region; those never outside of the anomaly are not in.

    Nor are those whose position is not known.
    """
    exposures = rows.exposures
    if exposures is None:
        return {}
    is_used = np.nan_to_num(exposures.numbers("live_s")) != 0.0
    parts = {
        (detector, region): is_used & is_one & (exposures["region"] == region)
        for detector in sorted(set(exposures["detector"]))
        for is_one in [exposures["detector"] == detector]
        for region in sorted(set(exposures["region"][is_one]))
    }
    return {key: _build(key, exposures.where(part)) for key, part in parts.items() if part.any()}


def _build(key: tuple[str, str], rows: Columns) -> Series:
    rows = rows.where(np.lexsort((rows["rootname"].astype(str), rows.numbers("mjd"))))
    names = ("mjd", "counts", "all_counts", "live_s", "temperature_c")
    return Series(
        detector=key[0],
        region=key[1],
        pixels=int(rows["pixels"][0]),
        rootnames=tuple(rows["rootname"]),
        **{name: rows.numbers(name) for name in names},
    )
