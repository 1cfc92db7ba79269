"""Combine the darks of a window into the images of a chip: dark current, error, flags.

A pixel that is not hot has the mean of all darks of its period (masterdark): those of the window,
and of the other windows that do not overlap. A hot one has the value that it has in the window:
without bright cosmic rays, or, if it is hit too often for these, with all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.superdarks.frames import Dark, read_blocks
from hstql_assets.monitors.superdarks.hot_pixels import find_thresholds
from hstql_assets.monitors.superdarks.rejection import FOR_CURRENT, FOR_HOT, Sums, sum_frames
from hstql_assets.monitors.superdarks.selection import DarkSelection
from hstql_assets.monitors.superdarks.stability import find_unstable

BAD, HOT, UNSTABLE, WARM = 4, 16, 32, 64  # of DQ
MOST_HIT = 1.0 / 3.0  # of the frames; a pixel that is hit in more varies
SURE = 0.5  # of the threshold
UPPER_CHIP = 1  # CCDCHIP of the one whose amplifiers are above it


@dataclass(frozen=True, eq=False)
class Stack:
    """What the darks of a window say of a chip.

    Attributes
    ----------
    lasting : ndarray of int16, shape (rows, columns)
        Flags that all darks have.
    current, hot, whole : Sums
        Without cosmic rays as for dark current; as for hot pixels; with all.
    is_unstable : ndarray of bool
        Where the darks differ by more than noise.
    flash : float
        Light of the post-flash that was taken off, electrons/s.
    """

    lasting: NDArray[np.int16]
    current: Sums
    hot: Sums
    whole: Sums
    is_unstable: NDArray[np.bool_]
    flash: float


@dataclass(frozen=True, eq=False)
class ChipDark:
    """The images of a chip of a superdark, all of shape (rows, columns), and what they amount to.

    Attributes
    ----------
    science, error : ndarray of float32
        Electrons/s.
    flags : ndarray of int16
        16 hot; 64 warm; 32 unstable; 4 dead, or no dark is left that says anything; and those that
        all darks have.
    thresholds : ndarray, shape (rows,)
        Above which a pixel is hot, electrons/s.
    median : float
        Of the pixels without flag, electrons/s.
    bad : int
        Number of pixels that no dark says anything of.
    dead : int or None
        Number of dead pixels; None without a post-flash, which tells them.
    flash : float
        Light of the post-flash that was taken off, electrons/s.
    """

    science: NDArray[np.float32]
    error: NDArray[np.float32]
    flags: NDArray[np.int16]
    thresholds: NDArray[np.float64]
    median: float
    bad: int
    dead: int | None
    flash: float

    @property
    def hot(self) -> int:
        """Number of hot pixels."""
        return self.count(HOT)

    def count(self, flag: int) -> int:
        """Return the number of pixels with a flag."""
        return int(np.count_nonzero(self.flags & flag))


def stack_darks(darks: Sequence[Dark], chip: int, selection: DarkSelection) -> Stack:
    """Sum the darks of a window for one chip, some rows at a time.

    Parameters
    ----------
    darks : sequence of Dark
        Of one set-up.
    chip : int
        CCDCHIP.
    selection : DarkSelection
    """
    read_noise_e = selection.read_noise_e
    shape = darks[0].science[chip].shape
    times = np.array([dark.dark_s for dark in darks], np.float32)
    variances = np.array([dark.variance(chip, read_noise_e) for dark in darks], np.float32)
    current, hot, whole = (
        Sums(*(np.empty(shape, np.float32) for _ in range(4))) for _ in range(3)
    )  # fmt: skip
    is_unstable = np.empty(shape, np.bool_)
    lasting = np.empty(shape, np.int16)
    for block in read_blocks(darks, chip):
        rows, own, values = block.rows, block.own, block.values
        lasting[rows] = block.lasting[own]
        every = Sums(
            values.sum(axis=0),
            *(np.full(values.shape[1:], one.sum()) for one in (times, variances, times)),
        )
        sums = sum_frames(values, block.is_out, times, variances, FOR_CURRENT, FOR_HOT)
        for into, one in zip((current, hot, whole), (*sums, every), strict=True):
            part = one.cut(own)
            into.charge[rows], into.time[rows] = part.charge, part.time
            into.noise[rows], into.own_time[rows] = part.noise, part.own_time
        near = values[:, own], block.is_out[:, own]
        is_unstable[rows] = find_unstable(
            *near, times, variances, selection.unstable_chance, selection.unstable_share
        )
    flash = sum(dark.flash_e(chip) for dark in darks) / float(times.sum())
    return Stack(lasting, current, hot, whole, is_unstable, flash)


def make_chip(
    stack: Stack, others: Sequence[Sums], chip: int, selection: DarkSelection, binning: int
) -> ChipDark:
    """Return the images of a chip.

    Parameters
    ----------
    stack : Stack
        What the window says.
    others : sequence of Sums
        What the rest of its period says, without pixels that were hot then.
    chip : int
        CCDCHIP.
    selection : DarkSelection
    binning : int
        Pixels of the detector in one of the image, along an axis.
    """
    is_never = stack.current.time == 0.0
    varies = stack.current.own_time <= (1.0 - MOST_HIT) * stack.whole.time
    own = np.where(varies, stack.whole.rate, stack.hot.rate)
    own_error = np.where(varies, stack.whole.error, stack.hot.error)
    # Cosmic rays too faint to be left out for hot pixels are out of the sum for the dark current.
    is_sure = varies | (stack.current.rate > SURE * selection.hot_e_per_s)
    sure = np.where(is_sure, own, np.float32(0.0))
    thresholds = _find_row_thresholds(stack, sure, chip, selection, binning)
    is_hot = (own > thresholds[:, None]) & is_sure
    master = _add([stack.current, *others])
    is_own = is_hot | (master.time == 0.0)
    science = np.where(is_own, own, master.rate)
    error = np.where(is_own, own_error, master.error)
    is_cold = ~(is_hot | is_never)
    is_above = science - _median(science[is_cold]) > selection.least_times * error
    is_warm = is_cold & is_above & (science > selection.warm_e_per_s)
    is_dead = is_cold & _tell_dead(science, error, stack.flash, selection)
    flags = is_hot * HOT | is_warm * WARM | (is_never | is_dead) * BAD
    flags = (flags | stack.is_unstable * UNSTABLE | stack.lasting).astype(np.int16)
    dead = int(is_dead.sum()) if stack.flash > 0.0 else None
    bad, median = int(is_never.sum()), _median(science[flags == 0])
    return ChipDark(science, error, flags, thresholds, median, bad, dead, stack.flash)


def _median(values: NDArray[np.float32]) -> float:
    return float(np.median(values)) if values.size else float("nan")


def _tell_dead(
    science: NDArray[np.float32],
    error: NDArray[np.float32],
    flash: float,
    selection: DarkSelection,
) -> NDArray[np.bool_]:
    """Return which pixels did not see the flash: without it they are as far below nothing."""
    lowest = np.minimum(-selection.dead_share * flash, -selection.least_times * error)
    return np.asarray((flash > 0.0) & (science < lowest))


def take_cold(stack: Stack, is_hot: NDArray[np.bool_]) -> Sums:
    """Return what a window says of the pixels that are not hot, for the masterdark of others."""
    own = stack.current
    planes = (own.charge, own.time, own.noise, own.time)
    return Sums(*(np.where(is_hot, np.float32(0.0), plane) for plane in planes))


def _find_row_thresholds(
    stack: Stack,
    own: NDArray[np.float32],
    chip: int,
    selection: DarkSelection,
    binning: int,
) -> NDArray[np.float64]:
    rate, error = stack.current.rate, stack.hot.error
    known = np.isfinite(rate)
    dark = float(np.median(rate[known])) if known.any() else 0.0
    noise = float(np.nanmedian(error)) if np.isfinite(error).any() else 0.0
    highest = selection.hot_e_per_s
    lowest = min(dark + selection.least_times * noise, highest)
    upward = own[::-1] if chip == UPPER_CHIP else own
    found = find_thresholds(upward, highest, lowest, max(selection.hot_rows // binning, 1))
    return found[::-1] if chip == UPPER_CHIP else found


def _add(sums: Sequence[Sums]) -> Sums:
    charge, time, noise = (np.zeros_like(sums[0].charge) for _ in range(3))
    for one in sums:
        charge += one.charge
        time += one.time
        noise += one.noise
    return Sums(charge, time, noise, time)
