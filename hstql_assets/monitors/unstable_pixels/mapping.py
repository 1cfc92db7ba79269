"""Make a map of the unstable pixels from a stack of darks, some rows at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.images.layout import Area
from hstql_assets.monitors.unstable_pixels.mixture import (
    add_floor,
    average,
    find_restless,
    fit_mixture,
    take_middle,
)
from hstql_assets.monitors.unstable_pixels.selection import UnstableSelection

UNSTABLE = 32  # of DQ, as in the tables of bad pixels of the infrared detector
NOT_JUDGED = 4
RATES = ("share", "rate", "rate_error", "off_rate", "off_spread")
COUNTS = ("frames", "flags")
MOST_BLOCK = 1 << 22  # rates of a block, pixels times darks

Floats = NDArray[np.float32]
Floats64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PixelMap:
    """What a window says of each pixel; arrays of shape (rows, columns), row 0 is the lowest.

    Attributes
    ----------
    share : ndarray of float32
        Of the darks in which the pixel is off, 0 to 1; 0 where it is steady, NaN if not judged.
    rate, rate_error : ndarray of float32
        Of the quiet pixel [electron/s].
    off_rate, off_spread : ndarray of float32
        Mean and sigma when it is off [electron/s]; NaN where it is steady.
    frames : ndarray of int32
        Darks that say something of it.
    flags : ndarray of int32
        32 unstable; 4 not judged, for too few darks say something.
    regions : mapping of str to Area
        The pixels of each amplifier.
    """

    share: Floats
    rate: Floats
    rate_error: Floats
    off_rate: Floats
    off_spread: Floats
    frames: NDArray[np.int32]
    flags: NDArray[np.int32]
    regions: Mapping[str, Area]

    @property
    def is_unstable(self) -> NDArray[np.bool_]:
        """Which pixels are."""
        return np.asarray((self.flags & UNSTABLE) != 0)

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Which pixels enough darks say something of."""
        return np.asarray((self.flags & NOT_JUDGED) == 0)


class Stack:
    """Rates and errors of darks, kept in a file, for a year of them takes gigabytes.

    Parameters
    ----------
    path : Path
        Of the file; it is made.
    darks : int
        How many there are at most.
    shape : tuple of int
        Rows and columns of each.
    regions : mapping of str to Area
        The pixels of each amplifier.
    """

    def __init__(
        self, path: Path, darks: int, shape: tuple[int, int], regions: Mapping[str, Area]
    ) -> None:
        self.shape, self.regions = shape, regions
        self._kept = np.memmap(path, np.float32, "w+", shape=(2, darks, *shape))
        self._levels: list[dict[str, float]] = []

    def __len__(self) -> int:
        return len(self._levels)

    def add(self, rates: Floats, errors: Floats) -> None:
        """Add a dark: rates and errors, shape (rows, columns) [electron/s]; NaN for nothing."""
        place = len(self._levels)
        self._kept[0, place], self._kept[1, place] = rates, errors
        own = {name: area.cut(rates) for name, area in self.regions.items()}
        self._levels.append(
            {name: _median(pixels[np.isfinite(pixels)]) for name, pixels in own.items()}
        )

    def read(self, rows: slice) -> tuple[Floats64, Floats64]:
        """Return rates and errors of some rows, shape (darks, pixels) [electron/s].

        What an amplifier has more than usual in a dark, by medians, is taken off its pixels.
        """
        rates, errors = (
            self._kept[plane, : len(self), rows].astype(np.float64) for plane in (0, 1)
        )
        for name, area in self.regions.items():
            low, high = max(area.row, rows.start), min(area.end_row, rows.stop)
            own = np.array([level[name] for level in self._levels])
            if low < high and np.isfinite(own).any():
                part = rates[:, low - rows.start : high - rows.start, area.column : area.end_column]
                part -= np.nan_to_num(own - np.nanmedian(own))[:, None, None]
        return rates.reshape(len(self), -1), errors.reshape(len(self), -1)


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else float("nan")


def map_pixels(stack: Stack, selection: UnstableSelection) -> PixelMap:
    """Return the map of a stack.

    A dark goes up and down as a whole, by 0.007 electron/s and more (WFC3 Data Handbook 7.4), so
    the level of each is taken off first.
    """
    rows, columns = stack.shape
    planes: dict[str, NDArray[Any]] = {
        name: np.full(stack.shape, np.nan, np.float32) for name in RATES
    }
    planes |= {name: np.zeros(stack.shape, np.int32) for name in COUNTS}
    step = max(MOST_BLOCK // max(len(stack) * columns, 1), 1)
    for start in range(0, rows, step):
        block = slice(start, min(start + step, rows))
        for name, own in judge(*stack.read(block), selection).items():
            planes[name][block] = own.reshape(-1, columns)
    return PixelMap(**planes, regions=stack.regions)


def judge(
    rates: Floats64, errors: Floats64, selection: UnstableSelection
) -> dict[str, NDArray[Any]]:
    """Return the planes of a map, each of shape (pixels,), by name.

    Parameters
    ----------
    rates, errors : ndarray, shape (darks, pixels)
        Electrons/s; NaN where a dark says nothing.
    selection : UnstableSelection
    """
    frames = np.count_nonzero(np.isfinite(rates), axis=0)
    is_judged = frames >= selection.least_frames
    middle = take_middle(rates)
    with_floor = add_floor(errors, middle, selection.floor_e_per_s, selection.floor_share)
    rate, rate_error = average(rates, with_floor)
    off_rate, off_spread = np.full((2, len(frames)), np.nan)
    share = np.where(is_judged, 0.0, np.nan)
    flags = np.where(is_judged, 0, NOT_JUDGED)
    chosen = np.flatnonzero(is_judged & find_restless(rates, with_floor, middle))
    fit = fit_mixture(rates[:, chosen], with_floor[:, chosen], selection.lowest_spread_e_per_s)
    is_off = (
        (np.rint(fit.share * frames[chosen]) >= selection.least_off_frames)
        & (fit.share >= selection.least_share)
        & (fit.gain >= selection.least_gain)
    )
    own = chosen[is_off]
    flags[own] |= UNSTABLE
    for into, values in ((share, fit.share), (rate, fit.rate), (rate_error, fit.rate_error),
                         (off_rate, fit.off_rate), (off_spread, fit.off_spread)):  # fmt: skip
        into[own] = values[is_off]
    found = share, rate, rate_error, off_rate, off_spread, frames, flags
    return dict(zip((*RATES, *COUNTS), found, strict=True))
