"""Hold temperatures and positions of all exposures as arrays."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.telemetry.measure import nominal_position
from hstql_assets.monitors.telemetry.snapshot import MECHANISMS, STEPS, TEMPERATURES
from hstql_resources.columns import Columns, Floats
from hstql_resources.times import mark_newest

NUMBERS = (*TEMPERATURES, *MECHANISMS, *STEPS)
BOX_PERCENT = 99.0
FEWEST_FOR_BOX = 10


@dataclass(frozen=True, eq=False)
class TelemetryHistory:
    """Exposures in order of time; every array has the shape (n,).

    Attributes
    ----------
    rootnames : tuple of str
    mjd : ndarray
        Start, MJD UTC; NaN if unknown.
    detectors : tuple of str
    life_adj : ndarray
        Lifetime position; NaN if unknown.
    values : dict of str to ndarray
        Columns of `telemetry`; NaN where unknown.
    shift : ndarray
        Position of the aperture across the dispersion less the nominal one [motor steps].
    is_newest : ndarray of bool
        Of the last days of the data.
    """

    rootnames: tuple[str, ...]
    mjd: NDArray[np.float64]
    detectors: tuple[str | None, ...]
    life_adj: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]]
    shift: NDArray[np.float64]
    is_newest: NDArray[np.bool_]

    def detector_is(self, detector: str | None) -> NDArray[np.bool_]:
        """Tell which exposures are of a detector; of an unknown one for None."""
        if detector in ("FUV", "NUV"):
            return self._by_detector[detector]
        return ~(self._by_detector["FUV"] | self._by_detector["NUV"])

    @cached_property
    def _by_detector(self) -> dict[str, NDArray[np.bool_]]:
        return {
            name: np.array([one == name for one in self.detectors], dtype=np.bool_)
            for name in ("FUV", "NUV")
        }


def arrange_telemetry(rows: Columns) -> TelemetryHistory:
    """Return the rows as arrays, NaN for NULL."""
    values = {name: rows.numbers(name) for name in NUMBERS}
    mjd, life_adj = rows.numbers("mjd"), rows.numbers("life_adj")
    return TelemetryHistory(
        rootnames=tuple(rows["rootname"]),
        mjd=mjd,
        detectors=tuple(rows["detector"]),
        life_adj=life_adj,
        values=values,
        shift=values["aperture_y_steps"] - _find_nominal(rows, life_adj),
        is_newest=mark_newest(mjd),
    )


def _find_nominal(rows: Columns, life_adj: Floats) -> Floats:
    """Return where the aperture should be in each exposure; each kind is looked up once."""
    keys = list(zip(rows["detector"], rows["aperture"], life_adj.tolist(), strict=True))
    known = {
        key: nominal_position(*key[:2], None if np.isnan(key[2]) else int(key[2]))
        for key in set(keys)
    }
    return np.array([known[key] for key in keys], dtype=np.float64)


def central_box(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the limits of the central 99 % of values; None for less than ten.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN is left out.
    """
    finite = values[np.isfinite(values)]
    if finite.size < FEWEST_FOR_BOX:
        return None
    outside = (100.0 - BOX_PERCENT) / 2.0
    low, high = np.percentile(finite, (outside, 100.0 - outside))
    return float(low), float(high)
