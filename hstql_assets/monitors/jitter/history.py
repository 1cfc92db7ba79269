"""Hold the pointing in all exposures as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_resources.times import mark_newest

AXES = ("v2", "v3")
QUANTITIES = ("mean", "rms", "range")


@dataclass(frozen=True, eq=False)
class JitterHistory:
    """Exposures in order of time; every array has the shape (n,).

    Attributes
    ----------
    exposures : tuple of str
        Their rootnames.
    mjd : ndarray
        Start, MJD UTC; NaN if unknown.
    values : dict of str to ndarray
        Such as `v2_rms` [arcsec].
    is_newest : ndarray of bool
        Of the last days of the data.
    """

    exposures: tuple[str, ...]
    mjd: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]]
    is_newest: NDArray[np.bool_]

    @property
    def worst_rms(self) -> NDArray[np.float64]:
        """The larger of the RMS along V2 and V3 [arcsec]."""
        return np.maximum(self.values["v2_rms"], self.values["v3_rms"])


def arrange_jitter(rows: Sequence[Any]) -> JitterHistory:
    """Return the rows as arrays in order of time; NaN for NULL."""
    ordered = sorted(rows, key=lambda row: (row.mjd is None, row.mjd or 0.0, row.exposure))

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([getattr(row, name) for row in ordered], dtype=np.float64)

    mjd = numbers("mjd")
    return JitterHistory(
        exposures=tuple(row.exposure for row in ordered),
        mjd=mjd,
        values={
            f"{axis}_{name}": numbers(f"{axis}_{name}_arcsec")
            for axis in AXES
            for name in QUANTITIES
        },
        is_newest=mark_newest(mjd),
    )
