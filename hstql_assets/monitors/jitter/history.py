"""Hold the pointing in all exposures as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.columns import Columns
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


def arrange_jitter(rows: Columns) -> JitterHistory:
    """Return the rows as arrays in order of time; NaN for NULL."""
    rows = rows.where(np.lexsort((rows["exposure"].astype(str), rows.numbers("mjd"))))
    mjd = rows.numbers("mjd")
    return JitterHistory(
        exposures=tuple(rows["exposure"]),
        mjd=mjd,
        values={
            f"{axis}_{name}": rows.numbers(f"{axis}_{name}_arcsec")
            for axis in AXES
            for name in QUANTITIES
        },
        is_newest=mark_newest(mjd),
    )
