"""Describe the columns of rows that leave the database.

Units are read from what the comment of a column says at its end, such as "Live time, s".
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

# As comments write them, and as the Virtual Observatory does (VOUnits 1.1).
UNITS = {
    "m": "m", "s": "s", "d": "d", "Hz": "Hz", "bytes": "byte",
    "kbyte": "kbyte", "deg": "deg", "arcsec": "arcsec",
    "arcsec/yr": "arcsec/yr", "Angstrom": "Angstrom", "pixel": "pixel", "pixels": "pixel",
    "counts": "count", "counts/s": "count/s", "counts/s/pixel": "count/(s.pixel)",
    "counts squared": "count**2", "electrons": "electron", "electrons/s": "electron/s",
    "electrons/count": "electron/count", "electron/DN": "electron/adu",
    "count": "count", "count/s": "count/s",
    "erg/(s*cm**2*angstrom)": "erg/(s.cm**2.Angstrom)",
    "erg/s/cm2/Angstrom": "erg/(s.cm**2.Angstrom)", "erg/s/cm2": "erg/(s.cm**2)",
    "erg/cm2": "erg/cm**2",
}  # fmt: skip


class Short(int):
    """The kind of a column of whole numbers that is said to have 32 bits."""


class Column(NamedTuple):
    """A column of what is written.

    Attributes
    ----------
    name : str
        Its name.
    about : str
        What it holds, with its unit.
    kind : type
        int, `Short`, float, bool, or str for all else.
    ucd, utype : str
        What the Virtual Observatory calls it; empty if nothing.
    """

    name: str
    about: str
    kind: type
    ucd: str = ""
    utype: str = ""

    @property
    def unit(self) -> str | None:
        """Its unit, as the Virtual Observatory writes it; None if it has none."""
        if self.kind not in (int, float):
            return None
        ends = (part.rpartition(", ")[2].strip() for part in self.about.split(";"))
        return next((UNITS[end] for end in ends if end in UNITS), None)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: a time as text, and None for what is no number."""
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def tell_apart(columns: Sequence[str]) -> list[str]:
    """Return names of columns; the second of one name is called `name_2`, and so on."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names or (number > 1 and name in columns):
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names
