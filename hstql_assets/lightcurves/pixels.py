"""Positions as pixels, and what a table holds for them: fast, for every event passes here."""

import numpy as np


def nearest_pixel(position: np.ndarray, pixels: int) -> np.ndarray:
    """Pixel of each position; -1 or `pixels` for one outside of 0 to `pixels` - 1."""
    # fmax and fmin, because a NaN has to go outside the image too.
    pixel: np.ndarray = np.fmax(position, -1.0)
    np.fmin(pixel, pixels, out=pixel)
    pixel += 0.5
    np.floor(pixel, out=pixel)
    return pixel.astype(np.intp)


def look_up(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Entries of a table by flat index, all within it: fast, because nothing is checked."""
    entries: np.ndarray = table.ravel().take(place, mode="clip")
    return entries
