"""Measure bias level and read noise in overscan: pixels that were read, but see no light."""

from dataclasses import dataclass

import numpy as np

from hstql_assets.science.robust import SIGMA_PER_DEVIATION, find_median

VARIANCE_OF_ROUNDING = 1 / 12  # of numbers rounded to whole ones (Sheppard 1898)
CLIP = 5.0  # standard deviations; of Gaussian noise that leaves out one pixel in two million
ROUNDS = 3
FEWEST_PIXELS = 16


@dataclass(frozen=True)
class Overscan:
    """What overscan pixels say, in counts.

    Attributes
    ----------
    pixels : int
        How many were used.
    level, level_error : float
        Mean after clipping, and its error from the scatter of the means of rows, which also sees
        noise that the pixels of a row share.
    noise, noise_error : float
        Standard deviation about the means of the columns, rounding taken off, and its error.
    """

    pixels: int
    level: float
    level_error: float
    noise: float
    noise_error: float


def measure_overscan(values: np.ndarray) -> Overscan | None:
    """Measure level and noise.

    None for fewer than 16 pixels, two rows, or no more pixels than columns.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Overscan pixels of one amplifier, counts. Hits of cosmic rays and NaN are left out.
    """
    is_whole = values.dtype.kind in "iu"
    levelled, level, is_used = _level(values.astype(np.float64))
    pixels = int(np.count_nonzero(is_used))
    freedom = pixels - values.shape[1]
    if levelled is None or pixels < FEWEST_PIXELS or len(values) < 2 or freedom < 1:
        return None
    used = np.where(is_used, levelled, 0.0)
    variance = float(np.sum(used**2)) / freedom
    noise = float(np.sqrt(max(variance - VARIANCE_OF_ROUNDING * is_whole, 0.0)))
    numbers = is_used.sum(axis=1)
    means = used.sum(axis=1)[numbers > 0] / numbers[numbers > 0]
    return Overscan(
        pixels=pixels,
        level=level,
        level_error=float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else noise,
        noise=noise,
        noise_error=variance / float((noise or 1.0) * np.sqrt(2 * freedom)),
    )


def measure_read_noise(last: np.ndarray, before: np.ndarray) -> tuple[float, float] | None:
    """Measure the noise of one read, counts, and its error, from two of the same reference pixels.

    None for too few pixels. The pixels of the infrared detector differ from each other by far
    more than their noise; the difference of two reads has that no longer.

    Parameters
    ----------
    last, before : ndarray, shape (rows, columns)
        Reference pixels of one amplifier in two reads, counts.
    """
    is_whole = last.dtype.kind in "iu"
    kind = np.int64 if is_whole else np.float64
    found = measure_overscan(last.astype(kind) - before.astype(kind))
    if found is None:
        return None
    # Both reads were rounded.
    noise = float(np.sqrt(max(found.noise**2 - VARIANCE_OF_ROUNDING * is_whole, 0.0) / 2))
    return noise, found.noise_error / float(np.sqrt(2))


def _level(values: np.ndarray) -> tuple[np.ndarray | None, float, np.ndarray]:
    """Take the mean off each column; return the rest, the mean of all, and what was not clipped.

    Arrays are of shape (rows, columns), counts.
    """
    is_used = np.isfinite(values)
    if np.count_nonzero(is_used) < FEWEST_PIXELS:
        return None, 0.0, is_used
    rest, level = values, 0.0
    for number in range(ROUNDS):
        columns = _middle_of_columns(values, is_used, use_median=number == 0)
        rest = values - columns
        seen = rest[is_used]
        sigma = _first_sigma(seen) if number == 0 else float(seen.std())
        with np.errstate(invalid="ignore"):
            is_used = np.isfinite(values) & (np.abs(rest) <= CLIP * sigma)
    columns = _middle_of_columns(values, is_used, use_median=False)
    level = float(values[is_used].mean())
    return values - columns, level, is_used


def _middle_of_columns(values: np.ndarray, is_used: np.ndarray, *, use_median: bool) -> np.ndarray:
    """Return the middle of each column, shape (columns,), of arrays of shape (rows, columns)."""
    columns = (column[used] for column, used in zip(values.T, is_used.T, strict=True))
    middle = np.median if use_median else np.mean
    return np.array([middle(column) if column.size else np.nan for column in columns])


def _first_sigma(values: np.ndarray) -> float:
    """Return a deviation that hits do not change, a count at least; values of shape (n,), count."""
    return max(SIGMA_PER_DEVIATION * find_median(np.abs(values)), 1.0)
