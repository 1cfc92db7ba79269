"""Stretch values of pixels to grey levels.

The values between the 1st and the 99th percentile of the good pixels get most of the grey levels,
what is brighter gets the rest in logarithmic steps, so that stars and nuclei are no white blots.
Below the 99th percentile the scale is asinh (Lupton, Gunn and Szalay 1999, AJ 118, 1406), softened
at twice the distance from the 1st percentile to the median, which measures the noise: nearly linear
where most of an image is noise, and steep at the faint end where bright things fill it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PERCENTILES = (1.0, 99.0)
LOWER_SHARE = 0.8  # of the grey levels, for what is below the 99th percentile
SPARSE_SHARE = 0.5  # the same where that is one count or a few
NO_DATA = 128  # neutral grey
SAMPLE = 500_000  # pixels; a rank of 1 % is then known to 0.014 % (1 sigma) of all pixels
LEAST_GOOD = 0.01  # share of finite pixels; with fewer good ones the flags do not help

_LEAST_STEPS, _STEPS_PER_SOFTENING = 1024, 64
_MOST_STEEPNESS = 500.0
_MOST_REACH = 64.0  # (top - low) / (high - low); what is brighter is white
_BLOCK = 1 << 18  # pixels that fit the cache
_MOST = 1e300
_BYTES = 256


@dataclass(frozen=True)
class Limits:
    """The values that become black, and where the linear and the logarithmic part end.

    Attributes
    ----------
    low, high : float
        The percentiles.
    top : float
        What becomes white, at least `high`.
    steepness : float
        (high - low) over the softening.
    lower_share : float
        Share of the grey levels below `high`.
    """

    low: float
    high: float
    top: float
    steepness: float = 1.0
    lower_share: float = LOWER_SHARE

    @property
    def reach(self) -> float:
        """What is drawn, in units of (high - low)."""
        return min((self.top - self.low) / (self.high - self.low), _MOST_REACH)


@dataclass(frozen=True)
class Pixels:
    """The part of an image that is drawn.

    Attributes
    ----------
    values : ndarray, shape (rows, columns)
    flags : ndarray of int, same shape, or None
        0 is good.
    is_resampled : bool
        True if 0 stands for no data, as in drizzled images.
    """

    values: np.ndarray
    flags: np.ndarray | None = None
    is_resampled: bool = False


def find_limits(parts: Sequence[Pixels]) -> Limits | None:
    """Find the limits of the parts of one picture.

    Where nearly all good pixels have one value, as in an image of few counts, the limits are those
    of the others.

    Returns
    -------
    Limits or None
        None if no pixel is finite. `low` equals `top` if all have the same value.
    """
    total = sum(part.values.size for part in parts)
    step = _coprime_step(total // SAMPLE, [part.values.shape[1] for part in parts])
    sample = np.concatenate([take_good(part, step) for part in parts])
    if not sample.size and step > 1:
        sample = np.concatenate([take_good(part, 1) for part in parts])
    if not sample.size:
        return None
    low, median, high = _percentiles(sample)
    if low < high:
        steepness = (high - low) / max(2 * (median - low), (high - low) / _MOST_STEEPNESS)
        share = LOWER_SHARE if low < median else SPARSE_SHARE
        return Limits(low, high, _brightest(sample), steepness if low < median else 1.0, share)
    everything = np.concatenate([_take_all(part, step) for part in parts])
    others = everything[everything != low]
    if not others.size:
        return Limits(low, low, low)
    least, _, most = _percentiles(others)
    return Limits(min(low, least), max(high, most), _brightest(others), lower_share=SPARSE_SHARE)


def take_good(part: Pixels, step: int = 1) -> np.ndarray:
    """Return every `step`-th pixel that is finite and not flagged, shape (n,).

    Parameters
    ----------
    part : Pixels
        If fewer than `LEAST_GOOD` of its finite pixels are not flagged, its flags do not count.
    step : int
        In pixels, row by row.
    """
    if part.values.flags.c_contiguous and (part.flags is None or part.flags.flags.c_contiguous):
        values = part.values.reshape(-1)[::step]
        flags = None if part.flags is None else part.flags.reshape(-1)[::step]
    elif step > 1:
        rows, columns = np.divmod(np.arange(0, part.values.size, step), part.values.shape[1])
        values = part.values[rows, columns]
        flags = None if part.flags is None else part.flags[rows, columns]
    else:
        values = part.values.ravel()
        flags = None if part.flags is None else part.flags.ravel()
    if values.dtype.kind in "iu" and flags is None and not part.is_resampled:
        return values
    is_finite = np.isfinite(values)
    if part.is_resampled:
        is_finite &= values != 0
    is_good = is_finite if flags is None else is_finite & (flags == 0)
    if flags is not None and is_good.sum() < LEAST_GOOD * is_finite.sum():
        is_good = is_finite
    good: np.ndarray = values[is_good]
    return good


def _take_all(part: Pixels, step: int) -> np.ndarray:
    """Return all good pixels; some of an image that is a constant and has no memory of its own."""
    return take_good(part, 1 if any(part.values.strides) else step)


def stretch(part: Pixels, limits: Limits, out: np.ndarray) -> None:
    """Write grey levels of values into an array of the same shape, such as a part of a picture.

    Parameters
    ----------
    part : Pixels
    limits : Limits
        With `low` below `high`.
    out : ndarray of uint8, shape (rows, columns)
        Where to; `NO_DATA` where there is no value.
    """
    values = part.values
    if values.dtype.kind in "iu" and values.dtype.itemsize == 2:
        order = values.view(np.uint16)
        table = _table_of_integers(limits, values.dtype, int(order.max(initial=0)) + 1)
        if len(table) <= _BYTES:  # few counts: bytes for bytes is many times faster
            few = order.astype(np.uint8).tobytes().translate(table.tobytes().ljust(_BYTES))
            out[...] = np.frombuffer(few, np.uint8).reshape(order.shape)
        else:
            np.take(table, order, out=out, mode="clip")  # which, unlike "raise", needs no copy
        return
    if part.is_resampled:
        values = np.where(values == 0, np.nan, values)
    table, scale = _make_table(limits)
    rows = max(_BLOCK // values.shape[1], 1)
    for start in range(0, len(values), rows):
        entries = _find_entries(values[start : start + rows], limits.low, scale, len(table) - 1)
        out[start : start + rows] = table[entries]


def _percentiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return low percentile, median and high percentile of values, shape (n,)."""
    shares = PERCENTILES[0], 50.0, PERCENTILES[1]
    if values.dtype == np.uint16:
        return _percentiles_of_counts(np.bincount(values), shares)
    # Their difference must be a number, even of a damaged image.
    low, median, high = np.percentile(np.clip(values, -_MOST, _MOST, dtype=np.float64), shares)
    return float(low), float(median), float(high)


def _percentiles_of_counts(
    numbers: np.ndarray, shares: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return percentiles of whole numbers from 0 up, by how many there are of each, shape (m,)."""
    ends = np.cumsum(numbers)
    rank = np.array(shares) / 100 * (ends[-1] - 1)
    below, above = (np.searchsorted(ends, at(rank), side="right") for at in (np.floor, np.ceil))
    low, median, high = (below + (above - below) * (rank % 1)).tolist()
    return low, median, high


def _brightest(values: np.ndarray) -> float:
    """Return the greatest of the values, shape (n,), 1e300 at most."""
    return min(float(values.max()), _MOST)


def _coprime_step(wanted: int, widths: Sequence[int]) -> int:
    """Return a step near the wanted one that visits all columns, row by row."""
    step = max(wanted, 1)
    while step > 1 and any(np.gcd(step, width) != 1 for width in widths):
        step += 1
    return step


def _grey(steps: np.ndarray, limits: Limits) -> np.ndarray:
    """Return grey levels of values, shape (n,), in units of (high - low), from low."""
    reach = limits.reach
    lower = np.arcsinh(limits.steepness * np.clip(steps, 0.0, 1.0)) / np.arcsinh(limits.steepness)
    if reach > 1.0:
        upper = np.log(np.clip(steps, 1.0, reach)) / np.log(reach)
    else:
        upper = (steps >= 1.0).astype(steps.dtype)
    share = limits.lower_share
    grey: np.ndarray = np.round(255 * (share * lower + (1.0 - share) * upper)).astype(np.uint8)
    return grey


def _make_table(limits: Limits) -> tuple[np.ndarray, float]:
    """Return a table of grey levels from `low` up, and its entries per unit of value.

    Its last entry is for what has no value.
    """
    width = limits.high - limits.low
    steps = max(_LEAST_STEPS, round(_STEPS_PER_SOFTENING * limits.steepness))
    entries = np.arange(round(steps * limits.reach) + 2, dtype=np.float32)
    table = _grey(entries / np.float32(steps), limits)
    table[-1] = NO_DATA
    return table, steps / width


def _table_of_integers(limits: Limits, dtype: np.dtype[np.generic], size: int) -> np.ndarray:
    """Return the grey level of so many integers of 16 bits, by their bits."""
    values = np.arange(size, dtype=np.uint16).view(dtype).astype(float)
    return _grey((values - limits.low) / (limits.high - limits.low), limits)


def _find_entries(values: np.ndarray, low: float, scale: float, no_value: int) -> np.ndarray:
    """Return the entry of the table for each value, shape (rows, columns)."""
    kind = np.float32 if values.dtype.itemsize <= 2 or values.dtype == np.float32 else np.float64
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.subtract(values, low, dtype=kind)
        steps *= scale
        np.clip(steps, 0, no_value - 1, out=steps)
        np.fmin(steps, no_value, out=steps)  # which turns NaN into that entry
    entries: np.ndarray = steps.astype(np.int32)
    return entries
