"""Tell where the stims of a segment are looked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.stream import FitsStream

COLUMNS, ROWS = 16384, 1024
# The first and the last row hold what is out of range: CalCOS leaves them out (`findStim`).
FIRST_ROW, LAST_ROW = 1, ROWS - 2
# Without a BRFTAB. Stims were seen 45 columns and 11 rows from where BRFTAB has them.
HALF_WIDTHS = (100, 30)
# Where fewer pulses were due, a stim that is not there says nothing.
FEWEST_DUE = 20.0
# How far a stim may be from its place across the dispersion. The spectra are further away.
REACH_ROWS = 250


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels, limits included, and where the stim should be in it.

    Attributes
    ----------
    left, right, bottom, top : int
        Columns and rows, zero-indexed.
    x, y : float
        Where the stim should be [pixel].
    """

    left: int
    right: int
    bottom: int
    top: int
    x: float
    y: float

    @classmethod
    def around(cls, x: float, y: float, half_x: float, half_y: float) -> "Box":
        """Return the box around a place, cut at the edges of the detector.

        Parameters
        ----------
        x, y, half_x, half_y : float
            The place, and half the width and height of the box [pixel].

        Raises
        ------
        ValueError
            If nothing of it is on the detector.
        """
        left, right = max(round(x - half_x), 0), min(round(x + half_x), COLUMNS - 1)
        bottom, top = max(round(y - half_y), FIRST_ROW), min(round(y + half_y), LAST_ROW)
        if left > right or bottom > top:
            raise ValueError(f"has a stim at column {x:g}, row {y:g}, off the detector")
        return cls(left, right, bottom, top, x, y)


@dataclass(frozen=True)
class StimBoxes:
    """Both boxes of a segment, and where they are from.

    Attributes
    ----------
    first, second : Box
        Of stim 1, on the left, and stim 2, on the right.
    source : str
        The reference file, `header` or `constants`.
    """

    first: Box
    second: Box
    source: str

    def surroundings(self) -> "StimBoxes":
        """Return all of the detector where a stim may be taken for the one of each box."""
        quarter = COLUMNS / 4.0
        first, second = (
            replace(Box.around(middle, box.y, quarter, REACH_ROWS), x=box.x)
            for box, middle in ((self.first, quarter), (self.second, 3.0 * quarter))
        )
        return StimBoxes(first, second, self.source)


# What BRFTAB x1u1459il has, as headers of 2011 to 2017 repeat it.
CONSTANTS = {
    "FUVA": ((389.0, 984.0), (16000.0, 33.0)),
    "FUVB": ((389.0, 987.0), (15996.0, 38.0)),
}


def boxes_of_constants(segment: str) -> StimBoxes:
    """Return the boxes of FUVA or FUVB where neither a BRFTAB nor the header has them."""
    first, second = CONSTANTS[segment]
    return StimBoxes(
        Box.around(*first, *HALF_WIDTHS), Box.around(*second, *HALF_WIDTHS), "constants"
    )


def boxes_of_header(header: Mapping[str, Any], segment: str) -> StimBoxes | None:
    """Return the boxes around where CalCOS expected the stims; None if the header does not say.

    CalCOS writes the places of BRFTAB as STIMA0LX, STIMA0LY, STIMA0RX and STIMA0RY (STIMB0... for
    FUVB), and -999 or -1 if it has not looked.
    """
    names = (f"STIM{segment[-1]}0{end}" for end in ("LX", "LY", "RX", "RY"))
    found = [header.get(name) for name in names]
    values = [float(one) for one in found if isinstance(one, int | float) and one > 0]
    if len(values) < len(found):
        return None
    x1, y1, x2, y2 = values
    try:
        first, second = Box.around(x1, y1, *HALF_WIDTHS), Box.around(x2, y2, *HALF_WIDTHS)
    except ValueError:
        return None
    return StimBoxes(first, second, "header")


@lru_cache(maxsize=32)
def boxes_of_reference(path: Path, segment: str) -> StimBoxes:
    """Return the boxes that a BRFTAB has for a segment.

    The row is the one of the segment; XWIDTH and YWIDTH are half widths, as in CalCOS
    (`timetag.findStim`).

    Raises
    ------
    FitsError
        If it is no BRFTAB, or does not have one row for the segment.
    OSError
        If it cannot be read.
    """
    columns = ("SX1", "SY1", "SX2", "SY2", "XWIDTH", "YWIDTH")
    with FitsStream(path) as stream:
        table = next((one for one in stream.extensions() if "TFIELDS" in one.header), None)
        if table is None:
            raise FitsError("has no table")
        layout, records = stream.rows(table, "SEGMENT", *columns)
    segments = [bytes(name).decode("ascii", "replace").strip("\0 ") for name in records["SEGMENT"]]
    if segments.count(segment) != 1:
        raise FitsError(f"has {segments.count(segment)} rows for {segment}")
    row = segments.index(segment)
    values = (float(layout.numbers(records, name, 1)[row, 0]) for name in columns)
    x1, y1, x2, y2, half_x, half_y = values
    try:
        first, second = Box.around(x1, y1, half_x, half_y), Box.around(x2, y2, half_x, half_y)
    except (ValueError, OverflowError) as error:
        raise FitsError(str(error)) from None
    return StimBoxes(first, second, path.name.removesuffix(".gz"))
