"""Compare the bad pixels of a chip with those of the version before."""

from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.bad_pixel_tables.runs import Runs, apply_runs


@dataclass(frozen=True)
class Change:
    """How many pixels are bad that were not, and bad no more."""

    new: int
    gone: int


def compare_runs(runs: Runs, before: Runs, shape: tuple[int, int]) -> Change:
    """Return how the bad pixels of a detector, shape (rows, columns), differ from those before."""
    is_bad, was_bad = (apply_runs(one, shape) != 0 for one in (runs, before))
    return Change(
        int(np.count_nonzero(is_bad & ~was_bad)), int(np.count_nonzero(was_bad & ~is_bad))
    )
