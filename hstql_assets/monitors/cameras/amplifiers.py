"""Tell which pixels of an image which amplifier read, and the overscan that it read with them.

WFC and UVIS: A upper left, B upper right, C lower left, D lower right, two on each chip (ACS Data
Handbook 1.2, WFC3 Data Handbook 2.2); HRC has them on its one chip, and is read by C alone. IR goes
round: A upper left, B lower left, C lower right, D upper right (quadrants 1 to 4; calwf3 has them
so where it computes errors).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hstql_assets.images.detectors import Detector
from hstql_assets.images.layout import Area, Layout

WHOLE = "all"  # where there is no amplifier, or the header names none of the chip
LEFT, RIGHT, UPPER, LOWER, ALL_ROWS = "left", "right", "upper", "lower", "all rows"

_TWO_CHIPS = {
    1: {"A": (ALL_ROWS, LEFT), "B": (ALL_ROWS, RIGHT)},
    2: {"C": (ALL_ROWS, LEFT), "D": (ALL_ROWS, RIGHT)},
}
_CORNERS: dict[str, Mapping[int, Mapping[str, tuple[str, str]]]] = {
    "WFC": _TWO_CHIPS,
    "UVIS": _TWO_CHIPS,
    "HRC": {1: {"A": (UPPER, LEFT), "B": (UPPER, RIGHT), "C": (LOWER, LEFT), "D": (LOWER, RIGHT)}},
    "IR": {1: {"A": (UPPER, LEFT), "B": (LOWER, LEFT), "C": (LOWER, RIGHT), "D": (UPPER, RIGHT)}},
}
# In raw files of HRC the columns that are read first are up to 43 counts above the others; the last
# third agree within half a count.
SHARE_OF_OVERSCAN = 3


@dataclass(frozen=True)
class Region:
    """What one amplifier read.

    Attributes
    ----------
    amplifier : str
        A to D, or `all`.
    light : Area
        Pixels that see light.
    overscan : Area or None
        The third of the physical overscan or reference columns on its side that is next to them;
        None if there is none.
    """

    amplifier: str
    light: Area
    overscan: Area | None = None


def find_regions(
    detector: Detector, layout: Layout, chip: int, ccd_amp: str, binning: tuple[int, int] = (1, 1)
) -> tuple[Region, ...]:
    """Return what each amplifier read of an image.

    Parameters
    ----------
    detector : Detector
    layout : Layout
        Of the image.
    chip : int
        CCDCHIP.
    ccd_amp : str
        CCDAMP, the amplifiers in use, such as ABCD; an amplifier alone on a chip read all of it.
    binning : tuple of int
        BINAXIS1 and BINAXIS2.

    Returns
    -------
    tuple of Region
        In the order of their names; without those of which a subarray has no pixel.
    """
    named = ccd_amp.strip().upper()
    named = named if set(named) <= set("ABCD") else ""  # not N/A
    corners = {
        name: corner
        for name, corner in _CORNERS.get(detector.name, {}).get(chip, {}).items()
        if name in named
    }
    if not corners and len(layout.science) > 1:
        corners = dict(_CORNERS[detector.name][chip])
    if not corners:
        return (Region(WHOLE, _join(layout)),)
    middle = _find_middle(detector, layout, binning)
    regions = (
        Region(name, light, _find_overscan(layout, light, corner[1]))
        for name, corner in sorted(corners.items())
        if (light := _cut(layout, middle, corner, list(corners.values()))).size
    )
    return tuple(regions)


def _join(layout: Layout) -> Area:
    """Return everything that sees light, as one rectangle."""
    first, last = layout.science[0], layout.science[-1]
    return Area(first.row, first.end_row, first.column, last.end_column)


def _find_middle(detector: Detector, layout: Layout, binning: tuple[int, int]) -> tuple[int, int]:
    """Return row and column of the image where the upper and the right half begin."""
    area = layout.science[0]
    row = area.row + detector.rows // binning[1] // 2 - layout.row
    column = area.column + detector.columns // binning[0] // 2 - layout.column
    return row, column


def _cut(
    layout: Layout,
    middle: tuple[int, int],
    corner: tuple[str, str],
    others: list[tuple[str, str]],
) -> Area:
    """Return the pixels of an amplifier: up to the middle where another one read beyond it."""
    rows, side = corner
    whole = _join(layout)
    row, end_row, column, end_column = whole.row, whole.end_row, whole.column, whole.end_column
    if any(other[0] != rows for other in others):
        edge = min(max(middle[0], row), end_row)
        row, end_row = (edge, end_row) if rows == UPPER else (row, edge)
    if any(other == (rows, RIGHT if side == LEFT else LEFT) for other in others):
        if len(layout.science) > 1:  # with virtual overscan between the halves
            half = layout.science[0 if side == LEFT else -1]
            return Area(row, end_row, half.column, half.end_column)
        edge = min(max(middle[1], column), end_column)
        column, end_column = (column, edge) if side == LEFT else (edge, end_column)
    return Area(row, end_row, column, end_column)


def _find_overscan(layout: Layout, light: Area, side: str) -> Area | None:
    first, last = layout.science[0].column, layout.science[-1].end_column
    for area in layout.physical:
        used = -(-area.shape[1] // SHARE_OF_OVERSCAN)
        if side == LEFT and area.end_column <= first:
            return Area(light.row, light.end_row, area.end_column - used, area.end_column)
        if side == RIGHT and area.column >= last:
            return Area(light.row, light.end_row, area.column, area.column + used)
    return None
