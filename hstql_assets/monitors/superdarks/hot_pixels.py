"""Tell hot pixels by a threshold that falls with the distance from the amplifier.

Charge that is lost on its way lets a hot pixel far from the amplifier look colder. Since 2020 the
threshold of the institute's superdarks is lowered, so that every row has as many hot pixels as
those at the amplifier: by steps of 50 rows, with a cubic through them.
"""

import numpy as np
from numpy.typing import NDArray

LEAST_STEPS = 5  # of rows, for a cubic


def find_thresholds(
    rates: NDArray[np.float32], highest: float, lowest: float, step: int
) -> NDArray[np.float64]:
    """Return the threshold of each row, electrons/s.

    Parameters
    ----------
    rates : ndarray, shape (rows, columns)
        Dark current, electrons/s, not finite where it is not known; the first row is next to the
        amplifier.
    highest, lowest : float
        At the amplifier, and below which it never falls, electrons/s.
    step : int
        Rows that are counted together.
    """
    rows = len(rates)
    known = np.where(np.isfinite(rates), rates, -np.inf)
    blocks = [known[first : first + step] for first in range(0, rows, step)]
    if len(blocks[-1]) < step:
        blocks.pop()
    if len(blocks) < LEAST_STEPS:
        return np.full(rows, highest)
    wanted = int(np.count_nonzero(blocks[0] > highest))
    if not 0 < wanted < blocks[0].size:
        return np.full(rows, highest)
    steps = [
        float(np.partition(block.ravel(), block.size - wanted)[block.size - wanted])
        for block in blocks
    ]
    middle = (np.arange(len(blocks)) + 0.5) * step / rows
    # As far above as below, or the scatter of counts would lower the cubic.
    near = np.clip(steps, lowest, 2.0 * highest - lowest)
    cubic = np.polynomial.Polynomial.fit(middle, near, 3)
    return np.asarray(np.clip(cubic((np.arange(rows) + 0.5) / rows), lowest, highest))
