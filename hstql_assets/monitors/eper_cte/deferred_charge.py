"""Measure the charge that trails behind the last row of a flat into the overscan.

Rows are in the order in which they are read: the last row of light is followed by the first of
the overscan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLIP = 5.0  # robust deviations of a row: hits of cosmic rays are beyond
FEWEST_COLUMNS = 16


@dataclass(frozen=True)
class DeferredCharge:
    """What trails behind the last row, counts per column.

    Attributes
    ----------
    bias : float
        Mean of the overscan beyond the trail.
    signal, signal_error : float
        Mean of the last row above the bias.
    deferred, deferred_error : float
        Sum of the trail above the bias.
    columns : int
        How many were used.
    """

    bias: float
    signal: float
    signal_error: float
    deferred: float
    deferred_error: float
    columns: int

    def find_inefficiency(self, transfers: int) -> tuple[float, float]:
        """Return the loss per transfer and its error.

        The trail over the signal of the last row and the number of transfers (Janesick 2001,
        Scientific Charge-Coupled Devices, section 5.2.3.2).
        """
        lost = self.deferred / (self.signal * transfers)
        share = np.hypot(
            self.deferred_error / self.deferred if self.deferred else 0.0,
            self.signal_error / self.signal,
        )
        if not self.deferred:
            return 0.0, self.deferred_error / (self.signal * transfers)
        return float(lost), float(abs(lost) * share)


def measure_deferred(last_row: Floats, overscan: Floats, trail_rows: int) -> DeferredCharge | None:
    """Measure the trail of one amplifier; None for fewer than 16 columns, or no row beyond it.

    A column with a pixel that is no number is left out.

    Parameters
    ----------
    last_row : ndarray, shape (columns,)
        The row of light that is read last [counts].
    overscan : ndarray, shape (rows, columns)
        What is read after it [counts].
    trail_rows : int
        Rows of the overscan that the trail is summed over; those beyond show the bias.

    Notes
    -----
    Each column has its bias taken off, so that columns that differ do no harm. The scatter of the
    rows beyond the trail has the noise of pixels in it and that which the pixels of a row share;
    the error of the sum is from it, and from the photons of the trail by the scatter of its rows.
    As much as is in the last quarter of the trail may be beyond it; that is an error, too.
    """
    beyond = len(overscan) - trail_rows
    is_known = np.isfinite(last_row) & np.isfinite(overscan).all(axis=0)
    last_row, overscan = last_row[is_known], overscan[:, is_known]
    if overscan.shape[1] < FEWEST_COLUMNS or beyond < 2:
        return None
    far = _hide_hits(overscan[trail_rows:])
    with np.errstate(invalid="ignore"):
        bias = np.nanmean(far, axis=0)
    used = np.isfinite(bias)
    light = last_row[used] - bias[used]
    means, errors = _average(_hide_hits(overscan[:trail_rows, used] - bias[used]))
    far_means, _ = _average(far[:, used] - bias[used])
    scatter = float(far_means.std(ddof=1))
    # The bias is the mean of the rows beyond, and in every row of the trail.
    variance = float(np.sum(np.maximum(errors, scatter) ** 2))
    variance += (trail_rows * scatter) ** 2 / beyond
    variance += float(means[-max(trail_rows // 4, 1) :].sum()) ** 2
    (signal,), (signal_error,) = _average(_hide_hits(light[np.newaxis]))
    return DeferredCharge(
        bias=float(bias[used].mean()),
        signal=float(signal),
        signal_error=float(np.hypot(signal_error, scatter)),
        deferred=float(means.sum()),
        deferred_error=float(np.sqrt(variance)),
        columns=int(np.count_nonzero(used)),
    )


def _hide_hits(rows: Floats) -> Floats:
    """Return rows, shape (rows, columns), NaN where a pixel is far from its row."""
    middle = np.median(rows, axis=1, keepdims=True)
    rest = rows - middle
    sigma = 1.4826 * np.median(np.abs(rest), axis=1, keepdims=True)
    return np.where(np.abs(rest) <= CLIP * np.maximum(sigma, 1.0), rows, np.nan)


def _average(rows: Floats) -> tuple[Floats, Floats]:
    """Return mean and error of the mean of each row, shape (rows,)."""
    number = np.isfinite(rows).sum(axis=1)
    return np.nanmean(rows, axis=1), np.nanstd(rows, axis=1, ddof=1) / np.sqrt(number)
