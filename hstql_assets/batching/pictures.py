"""Draw series as one line of text for the user interface: a picture that takes a hundred bytes.

It shows shape, not numbers; the full figures are in `plots`. An event of Dagster holds it for ever,
so no image goes there: what was drawn lies in a file, and the event has its path.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

COLUMNS = 48
GAP, BLOCKS = "\u00b7", "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"  # from 1/8 to full


@dataclass(frozen=True)
class Picture:
    """A line of blocks with a caption.

    Attributes
    ----------
    line : str
        A column of the series by each character.
    caption : str
        What is to be seen, with units.
    """

    line: str
    caption: str


def draw_steps(
    values: np.ndarray, caption: str, reduce: Callable[[np.ndarray], Any] = np.mean
) -> Picture:
    """Draw a series from zero, or its lowest value if that is less, to its highest.

    Parameters
    ----------
    values : ndarray, shape (n,)
        One value per bin. A column without a finite one is a dot.
    caption : str
        What the values are.
    reduce : callable
        Makes one number of the bins of a column: np.max where a narrow peak is what counts.
    """
    if not len(values):
        return Picture("", caption)
    scale = float(np.max(np.abs(values), where=np.isfinite(values), initial=0.0)) or 1.0
    columns = np.array_split(values / scale, min(len(values), COLUMNS))
    seen = [column[np.isfinite(column)] for column in columns]
    heights = np.array([reduce(column) if column.size else np.nan for column in seen])
    finite = heights[np.isfinite(heights)]
    low, high = min(0.0, finite.min(initial=0.0)), finite.max(initial=0.0)
    levels = np.nan_to_num((heights - low) / ((high - low) or 1.0)) * (len(BLOCKS) - 1)
    line = "".join(
        BLOCKS[round(level)] if is_seen else GAP
        for level, is_seen in zip(levels, np.isfinite(heights), strict=True)
    )
    return Picture(line, caption)
