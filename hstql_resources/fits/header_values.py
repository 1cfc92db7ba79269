"""Read one value where all that is not of the kind wanted counts as none, as NULL in the database.

Where that would be a fault of the file `keywords` reads instead. No header is known here.
"""

import math
from numbers import Real

# Keywords whose values are words of a short list, in capitals; some files have other letters.
CAPITALS = frozenset(
    {
        "DETECTOR", "EXPFLAG", "EXPTYPE", "EXTENDED", "IMAGETYP", "INSTRUME", "OBSMODE", "OBSTYPE",
        "OPT_ELEM", "SCLAMP", "SEGMENT", "XTRCTALG",
    }
)  # fmt: skip
LARGEST_INTEGER = 2**31 - 1  # of a column of whole numbers of the database


def finite(value: object) -> float | None:
    """Return a value as a finite number; None if it is none. True and False are no numbers."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def whole(value: object, largest: int = LARGEST_INTEGER) -> int | None:
    """Return a value as a whole number; None if it is none, or its size is beyond the largest."""
    number = finite(value)
    if number is None or not number.is_integer() or abs(number) > largest:
        return None
    return int(number)


def words(value: object) -> str | None:
    """Return a text without blanks around it; None if it is none, or nothing is left."""
    return value.strip() or None if isinstance(value, str) else None
