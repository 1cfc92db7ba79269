"""Measure what two flats say: their ratio by chip, and the pattern that it has over the chip.

The lamp is another in each flat. What both chips have in common is taken for it and divided out; an
offset of the whole detector therefore cannot be told from the lamp.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.science.robust import ERROR_OF_MEDIAN, find_median, find_sigma

Floats = NDArray[np.float64]

BLOCKS = 8  # along each side of what an amplifier reads
FEWEST_PIXELS = 16  # that a block needs
LEAST_GOOD = 0.5  # of its pixels
CHIPS: Mapping[int, str] = {1: "AB", 2: "CD"}  # amplifiers of a chip, the left one first


@dataclass(frozen=True, eq=False)
class BlockRatios:
    """The ratio of two flats as one amplifier has it.

    Attributes
    ----------
    ratios, errors : ndarray, shape (8, 8)
        Median of each block, and its 1-sigma error; NaN where too few pixels are good.
    pixels : ndarray, shape (n,)
        Ratios of all good pixels.
    """

    ratios: Floats
    errors: Floats
    pixels: Floats


@dataclass(frozen=True, eq=False)
class ChipRatio:
    """What two flats say of a chip.

    Attributes
    ----------
    ratio, ratio_error : float
        Median of its pixels, before over after.
    normalised : float
        The same over `lamp_ratio`.
    lamp_ratio : float
        Median of the pixels of all chips.
    pattern, pattern_error : float
        Standard deviation of the blocks about their mean, without what noise makes of it; relative
        to `lamp_ratio`. 0 where noise explains all; the error then is what could be hidden in it.
    pattern_range : float
        Between the 5th and the 95th percentile of the blocks, noise included.
    ratios, errors : ndarray, shape (8, 16)
        Of the blocks, over `lamp_ratio`.
    pixels : int
        How many were used.
    """

    ratio: float
    ratio_error: float
    normalised: float
    lamp_ratio: float
    pattern: float
    pattern_error: float
    pattern_range: float
    ratios: Floats
    errors: Floats
    pixels: int

    @property
    def blocks(self) -> int:
        """How many blocks were used."""
        return int(np.isfinite(self.ratios).sum())


def measure_blocks(before: Floats, after: Floats, is_good: NDArray[np.bool_]) -> BlockRatios:
    """Divide two flats by blocks.

    Parameters
    ----------
    before, after : ndarray, shape (rows, columns)
        Counts without bias.
    is_good : ndarray of bool, shape (rows, columns)
        Pixels that are good in both.
    """
    good = is_good & (before > 0.0) & (after > 0.0)
    ratio = np.divide(before, after, out=np.full(before.shape, np.nan), where=good)
    ratios, errors = np.full((2, BLOCKS, BLOCKS), np.nan)
    strips = [np.array_split(np.arange(size), BLOCKS) for size in ratio.shape]
    for row, rows in enumerate(strips[0]):
        for column, columns in enumerate(strips[1]):
            if not rows.size or not columns.size:
                continue
            block = ratio[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            own = block[np.isfinite(block)]
            if own.size >= max(FEWEST_PIXELS, LEAST_GOOD * block.size):
                ratios[row, column], errors[row, column] = _measure_median(own)
    return BlockRatios(ratios, errors, ratio[good])


def measure_chips(amplifiers: Mapping[str, BlockRatios]) -> dict[int, ChipRatio]:
    """Return what each chip says, by CCDCHIP; without those that no amplifier has a block of."""
    known = {name: one for name, one in amplifiers.items() if np.isfinite(one.ratios).any()}
    if not known:
        return {}
    lamp = find_median(np.concatenate([one.pixels for one in known.values()]))
    return {
        chip: _measure_chip([known.get(name) for name in names], lamp)
        for chip, names in CHIPS.items()
        if any(name in known for name in names)
    }


def _measure_chip(parts: list[BlockRatios | None], lamp: float) -> ChipRatio:
    nothing = np.full((BLOCKS, BLOCKS), np.nan)
    ratios = np.hstack([nothing if one is None else one.ratios for one in parts]) / lamp
    errors = np.hstack([nothing if one is None else one.errors for one in parts]) / lamp
    pixels = np.concatenate([one.pixels for one in parts if one is not None])
    ratio, ratio_error = _measure_median(pixels)
    pattern, pattern_error = find_pattern(ratios[np.isfinite(ratios)], errors[np.isfinite(ratios)])
    low, high = np.nanpercentile(ratios, (5.0, 95.0))
    return ChipRatio(
        ratio, ratio_error, ratio / lamp, lamp, pattern, pattern_error, float(high - low), ratios,
        errors, pixels.size,
    )  # fmt: skip


def find_pattern(ratios: Floats, errors: Floats) -> tuple[float, float]:
    """Return the standard deviation of blocks beyond their noise, and its 1-sigma error.

    Parameters
    ----------
    ratios, errors : ndarray, shape (n,)

    Notes
    -----
    The variance of the blocks less the mean square of their errors, s^2, is without bias. Blocks
    are where they are: only the noise of e varies, by 2 e^4 + 4 e^2 s^2 over n.
    """
    number = len(ratios)
    if number < 2:
        return 0.0, float("nan")
    noise = float(np.mean(errors**2))
    square = float(np.var(ratios, ddof=1)) - noise
    spread = np.sqrt((2.0 * noise**2 + 4.0 * noise * max(square, 0.0)) / number)
    if square <= spread:
        return float(np.sqrt(max(square, 0.0))), float(np.sqrt(spread))
    return float(np.sqrt(square)), float(spread / (2.0 * np.sqrt(square)))


def _measure_median(values: Floats) -> tuple[float, float]:
    error = ERROR_OF_MEDIAN * find_sigma(values) / np.sqrt(values.size)
    return find_median(values), float(error)
