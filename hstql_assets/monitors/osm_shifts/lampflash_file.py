"""Read the flashes of the lamp from a lampflash file, numbered as they came.

CalCOS writes a row for each segment or stripe and each flash: FUVA, FUVA, FUVB, FUVB, or NUVA,
NUVB, NUVC, NUVA and so on. So the number of a flash is not the number of its row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import LARGEST_INTEGER, finite
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import FitsStream, find_table
from hstql_resources.fits.tables import TableLayout

SEGMENTS = {"FUV": ("FUVA", "FUVB"), "NUV": ("NUVA", "NUVB", "NUVC")}
# The times of one flash are means over its events, so they differ by less than it lasts, which is
# 6 to 30 s. The next flash comes minutes later.
SAME_FLASH_S = 60.0
NEEDED = ("SEGMENT", "TIME", "SHIFT_DISP", "SHIFT_XDISP")


@dataclass(frozen=True)
class Flash:
    """What one segment or stripe shows of one flash.

    Attributes
    ----------
    segment : str
        FUVA, FUVB, NUVA, NUVB or NUVC.
    number : int
        Of the flash in its exposure, from 1.
    time_s : float
        TIME: mean time of its events since EXPSTART, s.
    shift_disp, shift_xdisp : float or None
        SHIFT_DISP and SHIFT_XDISP, pixel; None if they are no finite numbers.
    is_found : bool or None
        SPEC_FOUND; None if the table has no such column.
    """

    segment: str
    number: int
    time_s: float
    shift_disp: float | None
    shift_xdisp: float | None
    is_found: bool | None


@dataclass(frozen=True, eq=False)
class LampFile:
    """A lampflash file.

    Attributes
    ----------
    detector : str
        FUV or NUV.
    opt_elem, lamptab, wcptab : str or None
    cenwave, fppos, life_adj, proposal_id : int or None
    exp_start_mjd : float or None
        EXPSTART, MJD UTC.
    flashes : tuple of Flash
        By number, then segment; one at least.
    spectrum : ndarray, shape (elements,)
        GROSS of the first row, counts/s; empty if the table has no such numbers.
    """

    detector: str
    opt_elem: str | None
    cenwave: int | None
    fppos: int | None
    life_adj: int | None
    proposal_id: int | None
    exp_start_mjd: float | None
    lamptab: str | None
    wcptab: str | None
    flashes: tuple[Flash, ...]
    spectrum: NDArray[np.float64]


def read_lampflash(path: Path) -> LampFile:
    """Read a lampflash file of COS, plain or gzipped.

    Raises
    ------
    FitsError
        If it is no whole FITS file with a table LAMPFLASH of the columns that are needed, or has no
        flash, an unknown segment, or a flash without a time.
    """
    with FitsStream(path) as stream:
        extensions = stream.extensions()
        primary = next(extensions).header
        lamps = find_table(extensions, "LAMPFLASH")
        layout, records = stream.rows(lamps, *NEEDED)
    detector = text(primary, "DETECTOR", "")
    return LampFile(
        detector=detector,
        opt_elem=text(primary, "OPT_ELEM", "") or None,
        cenwave=_whole(primary, "CENWAVE"),
        fppos=_whole(primary, "FPPOS"),
        life_adj=_whole(primary, "LIFE_ADJ"),
        proposal_id=_whole(primary, "PROPOSID"),
        exp_start_mjd=_read_start(lamps.header),
        lamptab=text(primary, "LAMPTAB", "") or None,
        wcptab=text(primary, "WCPTAB", "") or None,
        flashes=_read_flashes(detector, layout, records),
        spectrum=_read_spectrum(layout, records),
    )


def number_flashes(segments: Sequence[str], times_s: Sequence[float]) -> list[int]:
    """Return which flash of the exposure each row belongs to, from 1, shape (n,).

    Rows belong to one flash if their times are within `SAME_FLASH_S` of the first of it and no
    segment is there twice. A segment that missed a flash is then still numbered like the others.

    Parameters
    ----------
    segments, times_s : sequence of str and of float, shape (n,)
        Times are finite, in any order.
    """
    numbers = [0] * len(segments)
    seen: set[str] = set()
    current, begin_s = 0, -math.inf
    for row in sorted(range(len(segments)), key=lambda row: (times_s[row], segments[row])):
        if times_s[row] - begin_s > SAME_FLASH_S or segments[row] in seen:
            current, begin_s, seen = current + 1, times_s[row], set()
        seen.add(segments[row])
        numbers[row] = current
    return numbers


def _read_flashes(detector: str, layout: TableLayout, records: np.ndarray) -> tuple[Flash, ...]:
    """Read the flashes from the rows of the table, shape (rows,)."""
    if not len(records):
        raise FitsError("has 0 rows of LAMPFLASH", "No flashes")
    segments = _read_segments(layout, records)
    known = SEGMENTS.get(detector, ())
    odd = next((segment for segment in segments if segment not in known), None)
    if odd is not None:
        raise FitsError(
            f"has a flash of segment '{odd}' of detector '{detector}'", "Unknown segment"
        )
    times_s, along, across = (
        layout.numbers(records, name, 1)[:, 0].astype(np.float64) for name in NEEDED[1:]
    )
    timeless = int(np.count_nonzero(~np.isfinite(times_s)))
    if timeless:
        raise FitsError(f"has {timeless} of {len(segments)} flashes without a time", "No time")
    found = _read_found(layout, records)
    numbers = number_flashes(segments, times_s.tolist())
    flashes = [
        Flash(segment, number, float(time_s), finite(x), finite(y), is_found)
        for segment, number, time_s, x, y, is_found in zip(
            segments, numbers, times_s, along, across, found, strict=True
        )
    ]
    return tuple(sorted(flashes, key=lambda flash: (flash.number, flash.segment)))


def _read_segments(layout: TableLayout, records: np.ndarray) -> list[str]:
    """Read the segments of rows of the table, shape (rows,)."""
    names = layout.column(records, "SEGMENT")
    if names.dtype.kind != "S" or names.ndim != 1:
        raise FitsError("has no text in the column SEGMENT")
    return [name.decode("ascii", "replace").strip() for name in names]


def _read_found(layout: TableLayout, records: np.ndarray) -> list[bool | None]:
    """Read whether the lamp was found from rows of the table, shape (rows,)."""
    if "SPEC_FOUND" not in (layout.record.names or ()):
        return [None] * len(records)
    values = layout.column(records, "SPEC_FOUND")
    if values.ndim != 1:
        return [None] * len(records)
    return [{ord("T"): True, ord("F"): False}.get(value) for value in values.tolist()]


def _read_spectrum(layout: TableLayout, records: np.ndarray) -> NDArray[np.float64]:
    """Read GROSS, counts/s, shape (elements,), of the first of rows, shape (rows,)."""
    if "GROSS" not in (layout.record.names or ()):
        return np.empty(0)
    try:
        return np.asarray(layout.numbers(records[:1], "GROSS")[0], dtype=np.float64)
    except FitsError:  # it is only drawn
        return np.empty(0)


def _read_start(header: Header) -> float | None:
    try:
        return finite(number(header, "EXPSTART"))
    except FitsError:
        return None


def _whole(header: Header, keyword: str) -> int | None:
    """Return a whole number; None if it is none, or more than a column of the database holds."""
    try:
        value = integer(header, keyword)
    except FitsError:
        return None
    return value if abs(value) <= LARGEST_INTEGER else None
