"""Name the data quality flags that ACS and WFC3 have alike.

ACS Data Handbook, table 3.4; WFC3 Data Handbook, table 3.3. Infrared images that are fitted to all
reads keep no flag of the hits that the fit has left out.
"""

import numpy as np

HOT = 16
UNSTABLE = 32  # a tail of charge in older files
WARM = 64
SATURATED = 256 | 2048  # full well, and analogue to digital
COSMIC_RAY = 4096 | 8192  # found by AstroDrizzle; by CALACS, or by calwf3
HOT_KINDS = HOT | UNSTABLE | WARM

STRIPS = 32


def has_flag(flags: np.ndarray, flag: int) -> np.ndarray:
    """Return where one of the bits of a flag, which may have several, is set; of any shape."""
    wide = flags if flags.dtype.itemsize > 1 else flags.astype(np.int16)
    return np.asarray((wide & wide.dtype.type(flag)) != 0)


def measure_share(is_set: np.ndarray) -> tuple[float, float]:
    """Return the share of pixels that are set, and its error from the scatter of strips.

    Hits cover several pixels each, so counting pixels would give too small an error. Strips of
    many rows cut few hits in two. The pixels are of shape (rows, columns).
    """
    rows = np.count_nonzero(is_set, axis=1) / is_set.shape[1]
    strips = np.array([strip.mean() for strip in np.array_split(rows, min(STRIPS, len(rows)))])
    if len(strips) < 2:
        return float(rows.mean()), float("nan")
    return float(rows.mean()), float(strips.std(ddof=1) / np.sqrt(len(strips)))
