"""Choose the rows of the detector that are summed into a spectrum, and into its background.

The geometry of an extraction; the sums are in `extraction`.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hstql_resources.archive.simulated.cos.instrument import Algorithm, Readout, Stripe


@dataclass(frozen=True)
class Zone:
    """First and last row of the sum, for every element of an x1d row; int, shape (n,)."""

    lower: NDArray[np.int64]
    upper: NDArray[np.int64]

    @property
    def height(self) -> NDArray[np.int64]:
        """Number of rows, shape (n,)."""
        return self.upper - self.lower + 1


def trace_box(row: NDArray[np.floating], height: int) -> Zone:
    """Return a box `height` rows high about rows [pixel], shape (elements of an x1d row,).

    CalCOS rounds half up: the first row is `floor(row - height // 2 + 0.5)`
    (`ccos.extractband`, CalCOS 3.6.2).
    """
    lower = np.floor(row - height // 2 + 0.5).astype(np.int64)
    return Zone(lower, lower + height - 1)


@cache
def trace_source(readout: Readout, stripe: Stripe, algorithm: Algorithm) -> Zone:
    """Return the rows of the source: the box, or limits that vary slowly with the column.

    In the TWOZONE case they lie 2.6 to 3.0 Gaussian widths away from the spectrum, before
    rounding.
    """
    if algorithm == "BOXCAR":
        return trace_box(_trace_rows(readout, stripe), stripe.height)
    fraction = readout.table_columns / readout.columns
    half = stripe.sigma * (2.8 + 0.2 * np.cos(3.0 * np.pi * fraction))
    lower, upper = (np.floor(stripe.row + side * half + 0.5) for side in (-1, 1))
    return Zone(lower.astype(np.int64), upper.astype(np.int64))


def trace_inner(zone: Zone, algorithm: Algorithm) -> Zone:
    """Return the inner zone: the middle half of the rows, or all of a box."""
    margin = zone.height // 4 if algorithm == "TWOZONE" else 0
    return Zone(zone.lower + margin, zone.upper - margin)


def trace_backgrounds(readout: Readout, stripe: Stripe) -> list[Zone]:
    """Return the two background boxes, which follow the slope of the spectrum.

    Their rows hold in the middle of the detector, that of the spectrum in the middle of the
    x1d row: not the same column on the NUV detector, and CalCOS means it so.
    """
    rise = stripe.slope * (readout.table_columns - readout.columns // 2)
    return [trace_box(row + rise, stripe.background_height) for row in stripe.background_rows]


@cache
def enclosed_fraction(
    readout: Readout, stripe: Stripe, algorithm: Algorithm, widening: float = 1.0
) -> NDArray[np.float64]:
    """Return the fraction of a Gaussian profile within the rows of the source, column by column.

    Parameters
    ----------
    widening : float
        Width of the profile over the width of a star's.
    """
    zone, middle = trace_source(readout, stripe, algorithm), _trace_rows(readout, stripe)
    sigma = stripe.sigma * widening
    fraction: NDArray[np.float64] = ndtr((zone.upper + 0.5 - middle) / sigma) - ndtr(
        (zone.lower - 0.5 - middle) / sigma
    )
    fraction.flags.writeable = False  # it is the same in all exposures
    return fraction


def _trace_rows(readout: Readout, stripe: Stripe) -> NDArray[np.floating]:
    return stripe.row + stripe.slope * (readout.table_columns - readout.middle)
