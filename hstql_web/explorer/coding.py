"""Pack values into 16 bits, such that the browser stretches them as it likes.

A code stands for zero + step x SOFTENING x sinh((code - CENTRE) / SOFTENING); 0 for no value. Near
the median of the image codes are an eighth of its noise apart, so that most of them have few bits
to be sent; far from it they are a part in SOFTENING of the distance, and what is a billion times
its noise away has the last code. Low bytes go before high ones, as gzip likes it.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_web.explorer.pyramid import Pyramid

SOFTENING = 2048.0
CENTRE = 0x8080  # so that the high byte of most values is the same
CODES_PER_NOISE = 8
PERCENTILES = (0.1, 1.0, 5.0, 50.0, 95.0, 99.0, 99.5, 99.9)
_MEDIAN = PERCENTILES.index(50.0)
_LAST = 0xFFFF
_LEAST_STEP = 1e-30  # of single precision
_REACH = SOFTENING * np.sinh((_LAST - 1 - CENTRE) / SOFTENING)  # in steps
_GZIP, _MEMORY, _LEVEL = 31, 9, 1


@dataclass(frozen=True)
class Coding:
    """How the values of an image are packed.

    Attributes
    ----------
    zero : float
        The value of the code CENTRE.
    steps : tuple of float
        What codes beside it are apart, by level: means have less noise.
    """

    zero: float
    steps: tuple[float, ...]

    def encode(self, values: NDArray[Any], level: int) -> NDArray[np.uint16]:
        """Return the codes of values of any shape; what is infinite gets the last one."""
        is_fine = values.dtype.itemsize == 8 or self.steps[level] < _LEAST_STEP
        kind = np.float64 if is_fine else np.float32
        with np.errstate(over="ignore", invalid="ignore"):
            steps = np.subtract(values, self.zero, dtype=kind)
            steps /= kind(self.steps[level] * SOFTENING)
            codes = np.rint(np.arcsinh(steps) * kind(SOFTENING)) + CENTRE
            codes = np.where(np.isnan(codes), 0, np.clip(codes, 1, _LAST))
        return codes.astype(np.uint16)

    def decode(self, codes: NDArray[np.uint16], level: int) -> NDArray[np.float64]:
        """Return the values as the browser has them, NaN where there is none."""
        shares = (codes.astype(np.float64) - CENTRE) / SOFTENING
        values = self.zero + self.steps[level] * SOFTENING * np.sinh(shares)
        return np.where(codes == 0, np.nan, values)

    def precision(self, value: float) -> float:
        """Return how far a decoded value of level 0 can be from that in the file."""
        distance = (value - self.zero) / (self.steps[0] * SOFTENING)
        return self.steps[0] / 2 * float(np.hypot(1, distance)) * 1.01 + 1e-6 * abs(value)


def choose_coding(image: Pyramid) -> Coding:
    """Return how an image is packed, by its noise and the range of its values."""
    sample = image.sample.astype(np.float64)
    finite = sample[np.isfinite(sample)]
    zero = float(np.median(finite)) if finite.size else 0.0
    ends = np.percentile(finite, (0.1, 99.9)) if finite.size else np.zeros(2)
    least = float(np.abs(ends - zero).max()) / _REACH
    step = max(_measure_noise(sample) / CODES_PER_NOISE, least) or 1.0
    return Coding(zero, tuple(step / 2**level for level in range(len(image.levels) + 1)))


def _measure_noise(sample: NDArray[np.float64]) -> float:
    """Return the scatter from pixel to pixel; where most are alike, the least of the jumps."""
    with np.errstate(invalid="ignore", over="ignore"):
        jumps = np.abs(np.diff(sample, axis=1))
    jumps = jumps[np.isfinite(jumps)]
    if not jumps.size:
        return 0.0
    noise = 1.4826 * float(np.median(jumps)) / np.sqrt(2.0)
    others = jumps[jumps > 0]
    return noise or (float(np.percentile(others, 10)) if others.size else 0.0)


def find_percentiles(image: Pyramid) -> list[float | None]:
    """Return least value, percentiles and greatest value of an image; None if it has none.

    Where nearly all pixels have one value, as in an image of few counts, those of the others as
    they are when the image is seen as a whole: means, among which a single count is bright.
    """
    finite = image.sample[np.isfinite(image.sample)].astype(np.float64)
    if not finite.size:
        return [None] * (len(PERCENTILES) + 2)
    inner = np.percentile(finite, PERCENTILES)
    median = float(inner[_MEDIAN])
    whole = (image.levels[-1] if image.levels else finite).astype(np.float64)
    others = whole[np.isfinite(whole) & (whole != median)]
    if inner[1] == inner[-2] and others.size:
        inner = np.percentile(others, PERCENTILES)
        inner[: _MEDIAN + 1] = np.minimum(inner[: _MEDIAN + 1], median)
        inner[_MEDIAN:] = np.maximum(inner[_MEDIAN:], median)
        inner[_MEDIAN] = median
    return [image.least, *(float(one) for one in inner), image.most]


def pack(codes: NDArray[np.uint16]) -> bytes:
    """Return codes as the low bytes, row by row, then the high ones, gzipped."""
    planes = np.ascontiguousarray(codes).view(np.uint8).reshape(-1, 2).T
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP, _MEMORY, zlib.Z_RLE)
    return packer.compress(planes.tobytes()) + packer.flush()
