"""Hold where the stims were in all exposures, one value for each file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.columns import Columns
from hstql_resources.times import latest_of, mark_newest

SEGMENTS = ("FUVA", "FUVB")
COORDINATES = ("stim1_x", "stim1_y", "stim2_x", "stim2_y")


@dataclass(frozen=True, eq=False)
class StimHistory:
    """The files of one segment in order of time; every array has the shape (n,).

    Attributes
    ----------
    segment : str
    rootnames : tuple of str
    mjd : ndarray
        Start of the exposure, MJD UTC; NaN if unknown.
    means : dict of str to ndarray
        Mean column and row of both stims over the exposure [pixel], as in `COORDINATES`; NaN where
        a stim was never found.
    errors : dict of str to ndarray
        1-sigma errors of the means [pixel].
    spreads : dict of str to ndarray
        Standard deviation over the stretches of time [pixel]; NaN for less than two.
    windows : ndarray of int
        Stretches of time in which at least `FEWEST_DUE` pulses of each stim were due.
    missing : ndarray of int
        Those of them in which a stim was not found.
    displaced : ndarray of int
        Those of them in which a stim was found out of its box, or at the edge of it.
    temperature_c : ndarray
        Of the amplifier of the segment [Celsius]; NaN if unknown.
    is_newest : ndarray of bool
        Of the last days of the data of both segments.
    """

    segment: str
    rootnames: tuple[str, ...]
    mjd: NDArray[np.float64]
    means: dict[str, NDArray[np.float64]]
    errors: dict[str, NDArray[np.float64]]
    spreads: dict[str, NDArray[np.float64]]
    windows: NDArray[np.int64]
    missing: NDArray[np.int64]
    displaced: NDArray[np.int64]
    temperature_c: NDArray[np.float64]
    is_newest: NDArray[np.bool_]

    @property
    def largest_spread(self) -> NDArray[np.float64]:
        """The largest of the four standard deviations [pixel]; NaN where there is none."""
        spreads = np.array([self.spreads[name] for name in COORDINATES])
        filled = np.where(np.isnan(spreads), -np.inf, spreads).max(axis=0)
        return np.where(np.isneginf(filled), np.nan, filled)

    @property
    def is_missing(self) -> NDArray[np.bool_]:
        """Whether a stim was missing all through, though there were events and pulses due."""
        lost: NDArray[np.bool_] = (self.windows > 0) & (self.missing == self.windows)
        return lost

    @property
    def is_displaced(self) -> NDArray[np.bool_]:
        """Whether a stim was out of its box, or at an edge, in most of the exposure."""
        most: NDArray[np.bool_] = 2 * self.displaced > self.windows
        return most

    def stretch(self, axis: str) -> NDArray[np.float64]:
        """Return the distance of stim 2 from stim 1 along x or y [pixel]."""
        return self.means[f"stim2_{axis}"] - self.means[f"stim1_{axis}"]

    def midpoint(self, axis: str) -> NDArray[np.float64]:
        """Return the middle between both stims along x or y [pixel]."""
        middle: NDArray[np.float64] = (
            self.means[f"stim1_{axis}"] + self.means[f"stim2_{axis}"]
        ) / 2.0
        return middle

    def error_of_both(self, axis: str) -> NDArray[np.float64]:
        """Return the error of the stretch, twice that of the midpoint [pixel]."""
        return np.hypot(self.errors[f"stim1_{axis}"], self.errors[f"stim2_{axis}"])


def arrange_history(rows: Columns, segment: str) -> StimHistory:
    """Return the rows of one segment as arrays, NaN for NULL."""
    mine = rows.where(rows["segment"] == segment)
    mjd = mine.numbers("mjd")
    return StimHistory(
        segment=segment,
        rootnames=tuple(mine["rootname"]),
        mjd=mjd,
        means={name: mine.numbers(name) for name in COORDINATES},
        errors={name: mine.numbers(f"{name}_error") for name in COORDINATES},
        spreads={name: mine.numbers(f"{name}_spread") for name in COORDINATES},
        windows=mine.numbers("windows").astype(np.int64),
        missing=mine.numbers("missing").astype(np.int64),
        displaced=mine.numbers("displaced").astype(np.int64),
        temperature_c=mine.numbers("temperature_c"),
        is_newest=mark_newest(mjd, latest=latest_of(rows.numbers("mjd"))),
    )
