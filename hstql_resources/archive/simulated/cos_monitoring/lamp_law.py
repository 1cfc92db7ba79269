"""Move the spectrum of the lamp as the simulated mechanisms do: the truth of its shifts.

The shift of a segment is the FP-POS, a place that the mechanism comes back to with some scatter,
a steady change over the years, and a drift that dies out after each move.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.instrument import Detector
from hstql_resources.archive.simulated.cos_monitoring.epochs import FIRST_MJD, YEAR_DAYS
from hstql_resources.archive.simulated.instrument_data import load_data

FPOFFSETS = (-2, -1, 0, 1)


@dataclass(frozen=True)
class Law:
    """How the lamp of one setting moves.

    Attributes
    ----------
    fp_pixel_shifts : mapping of str to tuple of float
        FP_PIXEL_SHIFT of each segment at FPOFFSET -2, -1, 0, 1 [pixel]; from real LAMPTABs.
    offsets : mapping of str to float
        Where each segment lies on 2019-01-01, FP-POS apart [pixel].
    per_year : float
        Steady change along the dispersion [pixel/yr].
    drift, drift_time_s : float
        How far it drifts along the dispersion after a move [pixel], and its time constant [s].
    drift_across : float
        The same across the dispersion [pixel].
    return_scatter : float
        Standard deviation of the place that a move ends at [pixel].
    noise : float
        Standard deviation of a measured shift [pixel].
    search_offset, search_range : int
        Middle and half of the range that is searched [pixel], as in real WCPTABs.
    """

    opt_elem: str
    cenwave: int
    fp_pixel_shifts: Mapping[str, tuple[float, float, float, float]]
    offsets: Mapping[str, float]
    per_year: float
    drift: float
    drift_time_s: float
    drift_across: float
    return_scatter: float
    noise: float
    search_offset: int
    search_range: int

    @property
    def segments(self) -> tuple[str, ...]:
        """Segments or stripes."""
        return tuple(self.offsets)

    def fp_pixel_shift(self, segment: str, fppos: int) -> float:
        """Return what of a shift is the FP-POS [pixel]."""
        return self.fp_pixel_shifts[segment][FPOFFSETS.index(fppos - 3)]

    def drift_at(self, since_move_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the drift along the dispersion [pixel] at times since a move [s], shape (n,)."""
        return self.drift * -np.expm1(-since_move_s / self.drift_time_s)

    def drift_across_at(self, since_move_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the drift across the dispersion [pixel] at times since a move [s], shape (n,)."""
        return self.drift_across * -np.expm1(-since_move_s / self.drift_time_s)

    def place_at(self, segment: str, mjd: float) -> float:
        """Return where a segment lies [pixel] after a move at an MJD, FP-POS and scatter apart."""
        return self.offsets[segment] + self.per_year * (mjd - FIRST_MJD) / YEAR_DAYS


LAWS = load_data("cos_monitoring/lamp_law", dict[Detector, Law])
