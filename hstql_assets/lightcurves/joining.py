"""Join neighbouring time bins until each has a signal to noise that was asked for."""

from collections.abc import Callable, Sequence

import numpy as np

from hstql_assets.lightcurves.extraction import BinSums
from hstql_assets.lightcurves.rates import Signal
from hstql_assets.lightcurves.time_bins import TimeBins
from hstql_assets.science.steady_blocks import find_steady_blocks

Measure = Callable[[Sequence[BinSums], TimeBins], Signal]


def join_to_target(
    sums: Sequence[BinSums], bins: TimeBins, measure: Measure, target: float
) -> tuple[TimeBins, Signal]:
    """Join bins until counts are `target` times their expected error, or only one bin is left.

    Parameters
    ----------
    sums : sequence of BinSums
        Of each file, in the bins.
    bins : TimeBins
        Fine ones.
    measure : callable
        Returns the signal of all files in some bins.
    target : float
        Signal to noise of each bin.

    Notes
    -----
    A bin ends where the target is to be expected, by the rate of its stretch (`steady_blocks`): one
    that ended with the event that reaches the target would be too bright. What falls short by
    chance, or by the errors of joined bins, is then joined with its neighbour.
    """
    signal = measure(sums, bins)
    starts = _find_starts(signal, bins.exposure_s, target)
    while True:
        joined = bins.join(starts)
        signal = measure([one.join(starts) for one in sums], joined)
        low = np.flatnonzero(~_is_reached(signal, target))
        if len(starts) == 1 or not len(low):
            return joined, signal
        # A bin goes to the one after it, the last to the one before; of two low neighbours one.
        first = low[np.append(True, np.diff(low) > 1)]
        starts = np.delete(starts, np.minimum(first + 1, len(starts) - 1))


def _is_reached(signal: Signal, target: float) -> np.ndarray:
    return np.asarray(signal.gross - signal.background >= target * np.sqrt(signal.variance)) & (
        signal.variance > 0
    )


def _find_starts(signal: Signal, live_s: np.ndarray, target: float) -> np.ndarray:
    """Return where joined bins begin, shape (m,), by rates and errors that are expected."""
    blocks = find_steady_blocks(signal.gross, live_s)
    in_block, block_s = np.bincount(blocks, signal.gross), np.bincount(blocks, live_s)
    rate = np.divide(in_block, block_s, out=np.zeros_like(block_s), where=block_s > 0)
    expected = rate[blocks] * live_s - signal.background
    starts, counts, variance = [0], 0.0, 0.0
    each = zip(expected.tolist(), signal.variance.tolist(), strict=True)
    for i, (more, more_variance) in enumerate(each):
        counts, variance = counts + more, variance + more_variance
        if counts > 0 and counts * counts >= target * target * variance:
            starts.append(i + 1)
            counts = variance = 0.0
    # What follows the last that reached it belongs to that one.
    return np.array(starts[:-1] or starts)
