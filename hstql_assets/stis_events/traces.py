"""Turn intervals across the spectrum into rows of high-resolution pixels."""

import numpy as np

HIGH, LOW = 2048, 1024  # pixels on a side

Rows = tuple[np.ndarray, np.ndarray]  # first, and the one after the last, shape (columns,)


def rows_between(lower: np.ndarray, upper: np.ndarray) -> Rows:
    """Find the high-resolution rows whose centre is in an interval.

    Parameters
    ----------
    lower, upper : numpy.ndarray, shape (columns,)
        Low-resolution rows, counted from 1, where whole numbers are centres. The first belongs to
        the interval, the second does not.

    Returns
    -------
    first, end : numpy.ndarray of int, shape (columns,)
        High-resolution rows from 0; `end` is the one after the last. Rows off the detector are
        left out, and there is none where a limit is no number.
    """
    is_real = np.isfinite(lower) & np.isfinite(upper)
    # The row i = h - 1 has its centre at (i + 1.5) / 2.
    edges = [np.ceil(2 * np.where(is_real, limit, 0.0) - 1.5) for limit in (lower, upper)]
    first, end = (np.clip(edge, 0, HIGH).astype(np.int64) for edge in edges)
    return np.where(is_real, first, 0), np.where(is_real, np.maximum(first, end), 0)


def overlap(first: Rows, second: Rows) -> Rows:
    """Return the rows that are in both.

    Parameters
    ----------
    first, second : tuple of two numpy.ndarray of int, shape (columns,)
        High-resolution rows, as `rows_between` returns them.
    """
    start = np.maximum(first[0], second[0])
    return start, np.maximum(start, np.minimum(first[1], second[1]))


def height(rows: Rows) -> np.ndarray:
    """Return the number of high-resolution rows in each column, shape (columns,)."""
    return np.asarray(rows[1] - rows[0])


def find_zones(centres: np.ndarray) -> list[Rows]:
    """Share the rows out between orders: each goes to the nearest, up to half the separation.

    Parameters
    ----------
    centres : numpy.ndarray, shape (orders, columns)
        Low-resolution rows of the traces, counted from 1; NaN where there is none.

    Returns
    -------
    list of rows
        One per order. A single order has all rows where it has a trace. Beyond the outermost
        traces the zone is as wide as towards the next trace.
    """
    if len(centres) == 1:
        everywhere = np.where(np.isfinite(centres[0]), 0.0, np.nan)
        return [rows_between(everywhere, everywhere + LOW + 1)]
    by_row = np.argsort(centres, axis=0)  # NaN last
    ordered = np.take_along_axis(centres, by_row, axis=0)
    middle = (ordered[1:] + ordered[:-1]) / 2
    nothing = np.full((1, centres.shape[1]), np.nan)
    lower, upper = np.vstack([nothing, middle]), np.vstack([middle, nothing])
    lower = np.where(np.isnan(lower), 2 * ordered - upper, lower)
    upper = np.where(np.isnan(upper), 2 * ordered - lower, upper)
    limits = np.empty((2, *centres.shape))
    np.put_along_axis(limits[0], by_row, lower, axis=0)
    np.put_along_axis(limits[1], by_row, upper, axis=0)
    return [rows_between(*limits[:, k]) for k in range(len(centres))]
