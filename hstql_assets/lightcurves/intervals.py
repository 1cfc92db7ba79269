"""Put intervals of time in order, and cut them with each other."""

import numpy as np


def add_seconds(intervals_s: np.ndarray) -> float:
    """Add up the lengths of intervals, s, shape (n, 2)."""
    return float(np.diff(intervals_s, axis=1).sum())


def tidy(intervals_s: np.ndarray) -> np.ndarray:
    """Sort intervals, s, shape (n, 2), join those that touch and leave out those of no length."""
    kept: list[list[float]] = []
    for start, stop in sorted(map(tuple, np.maximum(intervals_s, 0.0).tolist())):
        if not stop > start:
            continue
        if kept and start <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], stop)
        else:
            kept.append([start, stop])
    return np.array(kept, dtype=np.float64).reshape(-1, 2)


def intersect(first_s: np.ndarray, second_s: np.ndarray) -> np.ndarray:
    """Return the intervals that are in both.

    Parameters
    ----------
    first_s, second_s : numpy.ndarray, shape (n, 2) and (m, 2)
        Start and stop, s; tidy, as the result is.
    """
    # Of each of the first those of the second that it meets, n + m pairs at most.
    begin = np.searchsorted(second_s[:, 1], first_s[:, 0], side="right")
    end = np.searchsorted(second_s[:, 0], first_s[:, 1], side="left")
    counts = np.maximum(end - begin, 0)
    one = np.repeat(np.arange(len(first_s)), counts)
    other = np.arange(counts.sum()) + np.repeat(begin - np.cumsum(counts) + counts, counts)
    starts = np.maximum(first_s[one, 0], second_s[other, 0])
    stops = np.minimum(first_s[one, 1], second_s[other, 1])
    return tidy(np.column_stack([starts, stops]))
