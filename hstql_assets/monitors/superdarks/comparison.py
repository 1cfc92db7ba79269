"""Compare a superdark with the version before it, chip by chip."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.superdarks.combining import HOT, ChipDark


@dataclass(frozen=True)
class Change:
    """What is another in a chip than in the version before.

    Attributes
    ----------
    new_hot, gone_hot : int
        Pixels that became hot, and that are hot no more.
    median_difference : float
        Of the pixels that are hot in neither, electrons/s.
    bad_before : int
        Pixels of which that one knew nothing.
    """

    new_hot: int
    gone_hot: int
    median_difference: float
    bad_before: int


def compare_chip(
    chip: ChipDark, science: NDArray[np.float32], flags: NDArray[np.integer], bad: int
) -> Change:
    """Return how a chip differs from the images before, of the same shape.

    Parameters
    ----------
    chip : ChipDark
    science, flags : ndarray, shape (rows, columns)
        Of the version before: dark current, electrons/s, and data quality.
    bad : int
        Pixels of which that one knew nothing.
    """
    is_hot, was_hot = (chip.flags & HOT) != 0, (flags & HOT) != 0
    steady = chip.science[~(is_hot | was_hot)] - science[~(is_hot | was_hot)]
    return Change(
        int(np.count_nonzero(is_hot & ~was_hot)),
        int(np.count_nonzero(was_hot & ~is_hot)),
        float(np.median(steady)) if steady.size else 0.0,
        bad,
    )
