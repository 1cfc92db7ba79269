"""Describe the simulated FUV-MAMA, pixel by pixel: flat fields, bad pixels, background.

What the reference files say and what the detector does is the same here, so that the right
calibration restores the truth.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.stis.instrument import PIXELS

DETECTOR = "FUV-MAMA"
DEAD_TIME_S = 3.4e-7  # TAU of the MLINTAB
BACKGROUND_RATE = 5.0e-5  # count/s per lo-res pixel, after the flat field; a bad day of a real one
SERIOUS_FLAGS = 31743  # SDQFLAGS of real spectra: all but 1024

EDGE = 4
HOT = 16
BAD_IN_REFERENCE = 512
BLEMISH = 1024  # not serious

ANY = "ANY"


@dataclass(frozen=True)
class BadPixels:
    """A run of flagged pixels, as a row of a BPIXTAB has it; pixels are lo-res, from 1.

    Attributes
    ----------
    opt_elem : str
        The grating it is true for, or `ANY`.
    pix1, pix2 : int
        Column and row of the first pixel.
    length, axis : int
        How many pixels, along columns (1) or rows (2).
    value : int
        The flag.
    """

    opt_elem: str
    pix1: int
    pix2: int
    length: int
    axis: int
    value: int


HOT_SPOT = BadPixels(ANY, 620, 430, 3, 2, HOT)
HOT_RATE = 0.5  # count/s of each of its pixels
BAD_PIXELS = (
    BadPixels(ANY, 1, 1, PIXELS, 1, EDGE),
    HOT_SPOT,
    BadPixels("G140L", 300, 392, 40, 1, BAD_IN_REFERENCE),
    BadPixels("G140L", 480, 393, 60, 1, BLEMISH),
    BadPixels("E140M", 480, 365, 80, 1, BAD_IN_REFERENCE),
    # Most of the spectrum, if the mode is not looked at.
    *(BadPixels("G140M", 200, row, 600, 1, BAD_IN_REFERENCE) for row in range(386, 402)),
)


@cache
def pixel_flat() -> NDArray[np.float32]:
    """Return the response of every pixel, shape (1024, 1024): different from its neighbours'."""
    y, x = np.ogrid[:PIXELS, :PIXELS]
    flat = 1.0 + 0.05 * np.sin(2.4 * x + 0.3) * np.cos(1.7 * y)
    return flat.astype(np.float32)


@cache
def low_order_flat() -> NDArray[np.float32]:
    """Return the smooth part of the response, shape (1024, 1024): 5 % above 1 at the spectra."""
    y, x = np.ogrid[:PIXELS, :PIXELS]
    across = np.cos(2.0 * np.pi * (y - 420.0) / (2.0 * PIXELS))
    along = 1.0 + 0.3 * np.cos(2.0 * np.pi * x / PIXELS)
    return (1.0 + 0.06 * across * along).astype(np.float32)


@cache
def flat_field() -> NDArray[np.float64]:
    """Return the efficiency of every pixel, shape (1024, 1024): both flat fields."""
    return pixel_flat().astype(np.float64) * low_order_flat()


def lo_res(hi_res_pixel: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the lo-res pixels, from 1, that hi-res pixels, from 1, are in; shape (n,)."""
    return (hi_res_pixel.astype(np.int64) + 1) // 2


def map_flags(opt_elem: str) -> NDArray[np.int16]:
    """Return the flags of every pixel in a mode, shape (1024, 1024)."""
    flags = np.zeros((PIXELS, PIXELS), dtype=np.int16)
    for run in BAD_PIXELS:
        if run.opt_elem not in (ANY, opt_elem):
            continue
        first_x, first_y = run.pix1 - 1, run.pix2 - 1
        if run.axis == 1:
            flags[first_y, first_x : first_x + run.length] |= run.value
        else:
            flags[first_y : first_y + run.length, first_x] |= run.value
    return flags
