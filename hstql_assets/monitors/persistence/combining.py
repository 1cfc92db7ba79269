"""Put together what the exposures before one leave in it: of each pixel the largest, no sum.

The traps that one exposure has filled are not filled again by the next, so that sums would be too
high; the largest is what the institute's software takes, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.persistence.frames import IrFrame
from hstql_assets.monitors.persistence.models import Model

LEVELS = (0.01, 0.03, 0.1)  # electrons/s, which pixels are counted above
UNKNOWN = 8  # of the mask; its other bits are 1, 2, 4 for the levels
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Cause:
    """An exposure before that was used.

    Attributes
    ----------
    rootname, filename : str
    exposure_s, delay_s : float
        Its exposure time, and the time from its end to the middle of the one that suffers, s.
    is_external : bool
        Whether it is of another visit.
    remark : str or None
        What is odd about it.
    """

    rootname: str
    filename: str
    exposure_s: float
    delay_s: float
    is_external: bool
    remark: str | None = None


@dataclass(frozen=True, eq=False)
class Stimulus:
    """The charge that an exposure left.

    Attributes
    ----------
    cause : Cause
        The exposure.
    charge : ndarray of float32, shape (rows, columns)
        Electrons, NaN where not known.
    row, column : int
        Where on the detector it lies.
    """

    cause: Cause
    charge: Floats
    row: int
    column: int


@dataclass(frozen=True, eq=False)
class Persistence:
    """What is left in an exposure; all arrays of its shape, (rows, columns).

    Attributes
    ----------
    rates : ndarray of float32
        Electrons/s of the exposure that leaves most.
    external : ndarray of float32
        The same of those of other visits.
    source : ndarray of int16
        Which of `causes` leaves most, from 1; 0 for none.
    is_unknown : ndarray of bool
        Where one of the exposures has no number, for it is a subarray, too.
    causes : tuple of Cause
        The exposures that were used.
    shares : tuple of float
        The share of pixels with more than the lowest level from each of them alone.
    """

    rates: Floats
    external: Floats
    source: NDArray[np.int16]
    is_unknown: NDArray[np.bool_]
    causes: tuple[Cause, ...]
    shares: tuple[float, ...]

    @property
    def mask(self) -> NDArray[np.uint8]:
        """1, 2, 4 where it is above 0.01, 0.03, 0.1 electrons/s, 8 where it is not known."""
        found: NDArray[np.uint8] = self.is_unknown.astype(np.uint8) * np.uint8(UNKNOWN)
        for bit, level in enumerate(LEVELS):
            found |= (self.rates > level).astype(np.uint8) << np.uint8(bit)
        return found


def combine(
    frame: IrFrame, stimuli: Iterable[Stimulus], model: Model, spatial: Floats | None = None
) -> Persistence:
    """Return what exposures leave in another one.

    Parameters
    ----------
    frame : IrFrame
        The one that suffers.
    stimuli : iterable of Stimulus
        One after the other, so that all need not be in memory.
    model : Model
        How charge becomes persistence.
    spatial : ndarray of float32, optional
        What the result is multiplied by, of the shape of the frame.
    """
    shape = frame.rates.shape
    rates, external = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    source, is_unknown = np.zeros(shape, np.int16), np.zeros(shape, np.bool_)
    causes: list[Cause] = []
    shares: list[float] = []
    for one in stimuli:
        causes.append(one.cause)
        own, theirs = _overlap(frame, one)
        if rates[own].shape != shape:
            is_outside = np.ones(shape, np.bool_)
            is_outside[own] = False
            is_unknown |= is_outside
        found = model.predict(one.charge[theirs], one.cause.delay_s, one.cause.exposure_s)
        if spatial is not None:
            found *= spatial[own]
        is_missing = np.isnan(found)
        if is_missing.any():
            is_unknown[own] |= is_missing
            found[is_missing] = 0.0
        shares.append(float(np.count_nonzero(found > LEVELS[0]) / rates.size))
        source[own][found > rates[own]] = len(causes)
        np.maximum(rates[own], found, out=rates[own])
        if one.cause.is_external:
            np.maximum(external[own], found, out=external[own])
    return Persistence(rates, external, source, is_unknown, tuple(causes), tuple(shares))


def find_shares(values: Floats, levels: Iterable[float]) -> list[float]:
    """Return the share of all pixels that are above each level."""
    return [float(np.count_nonzero(values > level) / values.size) for level in levels]


def _overlap(
    frame: IrFrame, one: Stimulus
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:  # fmt: skip
    """Return what the two have in common of the detector, as rows and columns of each."""
    pairs = []
    for start, size, other, length in (
        (frame.row, frame.rates.shape[0], one.row, one.charge.shape[0]),
        (frame.column, frame.rates.shape[1], one.column, one.charge.shape[1]),
    ):
        first, last = max(start, other), min(start + size, other + length)
        last = max(first, last)
        pairs.append((slice(first - start, last - start), slice(first - other, last - other)))
    return (pairs[0][0], pairs[1][0]), (pairs[0][1], pairs[1][1])
