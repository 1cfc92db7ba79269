"""Sum waves over irregular times at any frequencies: sum_j y_j exp(i omega_k t_j).

By the non-uniform fast Fourier transform of the third type where finufft is installed, else term by
term. The transform needs memory in proportion to the time covered times the highest frequency, so
long series are cut where nothing was measured, and the sums of the parts are added.
"""

import numpy as np

from hstql_assets.statistics.periodogram import has_finufft

ACCURACY = 1e-9
# Radians of the highest frequency over one part: memory and time stay those of the waves.
MOST_RADIANS = 1e5
# Terms that are computed at once without finufft, 16 bytes each.
MOST_TERMS = 2_000_000
FEW_TERMS = 20_000  # faster term by term


def sum_waves(times_s: np.ndarray, values: np.ndarray, omega: np.ndarray) -> np.ndarray:
    """Return sum_j values_j exp(i omega_k times_j) for each k.

    Parameters
    ----------
    times_s : numpy.ndarray, shape (n,)
        Times, s, ascending.
    values : numpy.ndarray, shape (n,)
        Real values.
    omega : numpy.ndarray, shape (m,)
        Angular frequencies, rad/s.

    Returns
    -------
    numpy.ndarray of complex, shape (m,)
        To within 1e-9 of the sum of the absolute values.
    """
    if not has_finufft() or len(times_s) * len(omega) <= FEW_TERMS:
        return _sum_terms(times_s, values, omega)
    import finufft  # an extra, see `has_finufft`

    total = np.zeros(len(omega), dtype=np.complex128)
    for part in _parts(times_s, MOST_RADIANS / np.max(np.abs(omega))):
        middle = 0.5 * (times_s[part.start] + times_s[part.stop - 1])
        strengths = values[part].astype(np.complex128)
        sums = finufft.nufft1d3(
            times_s[part] - middle, strengths, omega, eps=ACCURACY, isign=1, nthreads=1
        )
        total += sums * np.exp(1j * omega * middle)
    return total


def _parts(times_s: np.ndarray, longest_s: float) -> list[slice]:
    """Cut times, s, shape (n,), into as few parts as possible, each no longer than `longest_s`."""
    parts, start = [], 0
    while start < len(times_s):
        stop = int(np.searchsorted(times_s, times_s[start] + longest_s, side="right"))
        parts.append(slice(start, stop))
        start = stop
    return parts


def _sum_terms(times_s: np.ndarray, values: np.ndarray, omega: np.ndarray) -> np.ndarray:
    """Sum term by term, in shapes and units as `sum_waves` does."""
    total = np.zeros(len(omega), dtype=np.complex128)
    size = max(MOST_TERMS // max(len(omega), 1), 1)
    for start in range(0, len(times_s), size):
        block = slice(start, start + size)
        total += np.exp(1j * np.outer(omega, times_s[block])) @ values[block]
    return total
