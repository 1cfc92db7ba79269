"""Leave cosmic rays out of a stack of darks, and sum what remains.

As calwf3 combines exposures (WFC3 Data Handbook 3.4.5): a pixel is compared with what is expected
of it, first the median of all frames, then the mean of those that are left. It is out if it is
above by so many sigma, and so are its neighbours within a radius, if they are above by a part of
that. The parameters are those of the two tables that the institute's darks are made with.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

CLOSEST = 2.0  # pixels around a hit that are left out, too
HALO = 6  # rows around a block that change what is left out in it

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rejection:
    """How cosmic rays are told.

    Attributes
    ----------
    sigmas : tuple of float
        One for each pass.
    radius : float
        Within which the neighbours of a hit are looked at, pixels.
    grown : float
        Within which the neighbours of a hit are left out whatever they are, pixels.
    share : float
        Of the sigmas, for neighbours.
    """

    sigmas: tuple[float, ...]
    radius: float
    grown: float
    share: float = 0.5555


# For the dark current; and for hot pixels, whose own noise is not to be taken for hits.
FOR_CURRENT = Rejection((6.5, 5.5, 4.5), 2.1, CLOSEST)
FOR_HOT = Rejection((40.0, 39.0, 38.0), 0.5, 0.0)


@dataclass(frozen=True, eq=False)
class Sums:
    """What is left of a stack of frames; all of shape (rows, columns).

    Attributes
    ----------
    charge : ndarray
        Sum over the frames that are left, electrons.
    time : ndarray
        Sum of their exposure times, s; 0 where none is left.
    noise : ndarray
        Sum of their variances without the dark current, electrons squared.
    own_time : ndarray
        As `time`, with what is out only because there is a hit beside it.
    """

    charge: Floats
    time: Floats
    noise: Floats
    own_time: Floats

    def cut(self, rows: slice) -> "Sums":
        """Return some of the rows."""
        return Sums(self.charge[rows], self.time[rows], self.noise[rows], self.own_time[rows])

    @property
    def rate(self) -> Floats:
        """The dark current, electrons/s; NaN where no frame is left."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.charge / self.time, dtype=np.float32)

    @property
    def error(self) -> Floats:
        """1-sigma error of that, electrons/s; NaN where no frame is left."""
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = self.noise + np.maximum(self.charge, 0.0)
            return np.asarray(np.sqrt(variance) / self.time, dtype=np.float32)


def sum_frames(
    frames: Floats, is_out: Mask, times: Floats, variances: Floats, *rejections: Rejection
) -> list[Sums]:
    """Sum a stack of frames without cosmic rays, once for each way to tell them.

    Parameters
    ----------
    frames : ndarray, shape (frames, rows, columns)
        Electrons, without bias and post-flash.
    is_out : ndarray of bool, same shape
        What is left out before: saturated pixels.
    times, variances : ndarray, shape (frames,)
        Exposure times, s; variances of a pixel without dark current, electrons squared: those of
        the read noise and of the post-flash.
    rejections : Rejection
    """
    guess = _median_rate(frames, is_out, times)
    return [_sum(frames, is_out, times, variances, guess, one) for one in rejections]


def _median_rate(frames: Floats, is_out: Mask, times: Floats) -> Floats:
    """Return the median of the rates, electrons/s; of what is out the highest is taken."""
    rates = frames / times[:, None, None]
    rates[is_out] = np.inf
    middle = (len(frames) - 1) // 2  # the lower one of an even number: hits are above
    rates.partition(middle, axis=0)
    return np.asarray(rates[middle])


def _sum(
    frames: Floats,
    is_out: Mask,
    times: Floats,
    variances: Floats,
    guess: Floats,
    rejection: Rejection,
) -> Sums:
    for sigma in rejection.sigmas:
        is_hit = is_out.copy()
        for frame, time, variance, out, hit in zip(
            frames, times, variances, is_out, is_hit, strict=True
        ):
            expected = guess * time
            scaled = frame - expected
            with np.errstate(invalid="ignore"):
                scaled /= np.sqrt(variance + np.maximum(expected, 0.0))
                hit |= scaled > sigma
                if rejection.radius >= 1.0:
                    beside = spread(hit & ~out, rejection.radius)
                    hit |= beside & (scaled > sigma * rejection.share)
        sums = _add(frames, is_hit, times, variances)
        guess = sums.rate
    if rejection.grown:
        for out, hit in zip(is_out, is_hit, strict=True):
            hit |= spread(hit & ~out, rejection.grown)
        sums = replace(_add(frames, is_hit, times, variances), own_time=sums.time)
    return sums


def _add(frames: Floats, is_hit: Mask, times: Floats, variances: Floats) -> Sums:
    shape = frames.shape[1:]
    charge, time, noise = (np.zeros(shape, np.float32) for _ in range(3))
    for frame, hit, own_time, variance in zip(frames, is_hit, times, variances, strict=True):
        left = ~hit
        np.add(charge, frame, out=charge, where=left)
        time += left * own_time
        noise += left * variance
    return Sums(charge, time, noise, time)


def spread(mask: Mask, radius: float) -> Mask:
    """Return where a pixel of a mask, shape (rows, columns), is within a radius, pixels."""
    reach = int(radius)
    found = mask.copy()
    rows, columns = mask.shape
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if 0 < down * down + right * right <= radius * radius:
                to = slice(max(down, 0), rows + min(down, 0))
                across = slice(max(right, 0), columns + min(right, 0))
                of = slice(max(-down, 0), rows + min(-down, 0))
                along = slice(max(-right, 0), columns + min(-right, 0))
                found[to, across] |= mask[of, along]
    return found
