"""Place values along an axis, choose round numbers for its ticks, and write them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
PLAIN = (1e-3, 1e6)  # ticks as long as these are written without a power of ten
NARROWEST = 1e-9  # of the larger end: axes that are shorter have no ticks that differ
HUGEST = 1e300
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Ticks:
    """Where ticks are, and what is written at them.

    Attributes
    ----------
    values : tuple of float
    labels : tuple of str
        As many; empty where nothing is written.
    power : int
        The numbers written are to be multiplied by ten to this power.
    """

    values: tuple[float, ...]
    labels: tuple[str, ...]
    power: int = 0


@dataclass(frozen=True)
class Scale:
    """The values from one end of an axis to the other, low below high.

    Attributes
    ----------
    low, high : float
    is_log : bool
        Then both are above 0.
    """

    low: float
    high: float
    is_log: bool = False

    def place(self, values: Floats | float) -> Floats:
        """Return where values stand, any shape: 0 at the low end, 1 at the high one."""
        ends = np.array([self.low, self.high])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.is_log:
                ends, values = np.log(ends), np.log(values)
            # Halves, for the difference of the ends may be too much for a number.
            share = (np.asarray(values) / 2 - ends[0] / 2) / (ends[1] / 2 - ends[0] / 2)
        return np.asarray(share, np.float64)

    def find_ticks(self, most: int) -> Ticks:
        """Return about so many ticks at most."""
        return _find_log_ticks(self, most) if self.is_log else _find_ticks(self, most)


def fit_scale(low: float, high: float, is_log: bool = False) -> Scale:
    """Return the scale between two ends, made wider if it has no length, or is not finite."""
    if not np.isfinite([low, high]).all() or (is_log and low <= 0):
        return Scale(0.1, 1.0, True) if is_log else Scale(-1.0, 1.0)
    low, high = (float(np.clip(end, -HUGEST, HUGEST)) for end in sorted((low, high)))
    least = NARROWEST * max(abs(low), abs(high))
    if high - low <= least:
        space = 0.1 * abs(high) or 1.0
        return Scale(low / 2, high * 2, True) if is_log else Scale(low - space, high + space)
    return Scale(low, high, is_log)


def raise_digits(number: int) -> str:
    """Return a whole number as an exponent is written."""
    return str(number).translate(_RAISED)


def _find_ticks(scale: Scale, most: int) -> Ticks:
    length = scale.high - scale.low
    rough = length / most if np.isfinite(length) else scale.high / most * 2
    decade = 10.0 ** np.floor(np.log10(rough))
    step = next(decade * step for step in STEPS if decade * step >= rough * (1 - 1e-9))
    first, last = np.ceil(scale.low / step - 1e-9), np.floor(scale.high / step + 1e-9)
    numbers = np.arange(first, last + 1)
    values = numbers * step
    largest = float(np.abs(values).max(initial=0.0))
    is_plain = largest == 0.0 or (largest >= PLAIN[0] and largest < PLAIN[1])
    power = 0 if is_plain else int(np.floor(np.log10(largest) + 1e-9))
    unit = step / 10.0**power
    # Of 2.5 and its like the second digit is needed, too.
    decimals = next(n for n in range(20) if n == 19 or _is_whole(unit * 10.0**n))
    labels = tuple(_write(number * unit, decimals) for number in numbers.tolist())
    return Ticks(tuple(values.tolist()), labels, power)


def _is_whole(value: float) -> bool:
    return value > 0.5 and abs(value - round(value)) < 1e-6 * value


def _write(value: float, decimals: int) -> str:
    text = f"{value + 0.0:.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text) else text.removeprefix("-")


def _find_log_ticks(scale: Scale, most: int) -> Ticks:
    """Return powers of ten, and between them 2 and 5, or all digits, where there is room."""
    low, high = np.log10([scale.low, scale.high])
    decades = high - low
    each = 1 if decades <= most else int(np.ceil(decades / most))
    first, last = int(np.floor(low)), int(np.ceil(high))
    wanted = (1, 2, 5) if decades * 3 <= most else (1,)
    values, labels = [], []
    for power in range(first, last + 1):
        for digit in range(1, 10):
            value = digit * 10.0**power
            if not scale.low * (1 - 1e-9) <= value <= scale.high * (1 + 1e-9):
                continue
            is_written = digit in wanted and power % each == 0
            if is_written or each == 1:
                values.append(value)
                labels.append(_write_power(digit, power) if is_written else "")
    return Ticks(tuple(values), tuple(labels))


def _write_power(digit: int, power: int) -> str:
    if -3 <= power < 5:
        return f"{digit * 10.0**power:.{max(-power, 0)}f}"
    times = f"{digit}\N{MULTIPLICATION SIGN}" if digit > 1 else ""
    return f"{times}10{raise_digits(power)}"
