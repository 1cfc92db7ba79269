"""Read from reference files how much of a shift is the FP-POS, and what was searched.

LAMPTAB has the spectrum of the lamp at each FP-POS, and how far that is from FP-POS 3; CalCOS adds
it to what it measures (`calcos.findshift1`). WCPTAB has the range that it searches.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from hstql_assets.monitors.osm_shifts.lampflash_file import LampFile
from hstql_resources.archive import RetrievalError
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import table_layout
from hstql_resources.references import References

FPPOS_OF_ZERO = 3  # the FPPOS at which FPOFFSET is 0
BLOCK_ROWS = 64
Shifts = dict[tuple[str, str, int, int | None], frozenset[float]]
Ranges = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Reading:
    """What could be had from the reference files of an exposure.

    Attributes
    ----------
    fp_pixel_shifts : dict
        Pixels of the shift that are the FP-POS, by segment; those that are not known are missing.
    search_offset, search_range : float or None
        Middle and half of the range that was searched, FP-POS apart, pixel.
    complaints : tuple of str
        What is missing and why, a sentence for each file or segment.
    """

    fp_pixel_shifts: dict[str, float]
    search_offset: float | None
    search_range: float | None
    complaints: tuple[str, ...]


class NotAtHand(Exception):  # noqa: N818, no fault of the exposure
    """A reference file, or a row of it, that is not there; one sentence says which."""


def read_references(lamp: LampFile, references: References) -> Reading:
    """Look up an exposure in its LAMPTAB and WCPTAB.

    Whatever is not there or not clear, or that the archive does not give, is left out and named:
    the shifts as measured need none of it.
    """
    complaints: list[str] = []
    shifts: dict[str, float] = {}
    search: tuple[float | None, float | None] = (None, None)
    try:
        table = _read_shifts(_find(references, "LAMPTAB", lamp.lamptab))
    except NotAtHand as problem:
        complaints.append(str(problem))
    else:
        shifts = _look_up_shifts(table, lamp, complaints)
    try:
        search = look_up_range(_read_ranges(_find(references, "WCPTAB", lamp.wcptab)), lamp)
    except NotAtHand as problem:
        complaints.append(str(problem))
    return Reading(shifts, *search, tuple(complaints))


def _look_up_shifts(table: Shifts, lamp: LampFile, complaints: list[str]) -> dict[str, float]:
    """Return FP_PIXEL_SHIFT of each segment that has one; say of the others why not."""
    shifts: dict[str, float] = {}
    for segment in sorted({flash.segment for flash in lamp.flashes}):
        try:
            shifts[segment] = look_up_shift(table, lamp, segment)
        except NotAtHand as problem:
            complaints.append(str(problem))
    return shifts


def look_up_shift(table: Shifts, lamp: LampFile, segment: str) -> float:
    """Return FP_PIXEL_SHIFT of a segment, pixel; FPOFFSET is FPPOS - 3.

    Raises
    ------
    NotAtHand
        If no row fits, or several that differ.
    """
    where = f"of {segment}, {lamp.opt_elem}, {lamp.cenwave}"
    if lamp.opt_elem is None or lamp.cenwave is None or lamp.fppos is None:
        raise NotAtHand(f"The header does not say which row {where} in LAMPTAB is meant.")
    offset = lamp.fppos - FPPOS_OF_ZERO
    found = table.get((segment, lamp.opt_elem, lamp.cenwave, offset))
    if found is None and offset == 0:  # a table without FPOFFSET is of FP-POS 3
        found = table.get((segment, lamp.opt_elem, lamp.cenwave, None))
    if found is None:
        raise NotAtHand(f"LAMPTAB {lamp.lamptab} has no row {where}, FPOFFSET {offset}.")
    if len(found) > 1:
        raise NotAtHand(
            f"LAMPTAB {lamp.lamptab} has {len(found)} different FP_PIXEL_SHIFT {where}, "
            f"FPOFFSET {offset}."
        )
    return next(iter(found))


def look_up_range(table: Ranges, lamp: LampFile) -> tuple[float, float]:
    """Return middle and half of the range that was searched, pixel; NotAtHand without one row."""
    if lamp.opt_elem not in table:
        raise NotAtHand(f"WCPTAB {lamp.wcptab} has not exactly one row of {lamp.opt_elem}.")
    return table[lamp.opt_elem]


def _find(references: References, keyword: str, value: str | None) -> Path:
    if value is None or value == "N/A":
        raise NotAtHand(f"The header names no {keyword}.")
    try:
        path = references.find(value)
    except RetrievalError as error:
        raise NotAtHand(f"{keyword} {value} could not be fetched: {error}") from None
    if path is None:
        raise NotAtHand(f"{keyword} {value} is not at hand.")
    return path


def _read_shifts(path: Path) -> Shifts:
    return _cache_shifts(path, path.stat().st_mtime_ns)


def _read_ranges(path: Path) -> Ranges:
    return _cache_ranges(path, path.stat().st_mtime_ns)


# A LAMPTAB of FUV has 16 MB of spectra; a worker meets the same one in exposure after exposure.
@lru_cache(maxsize=32)
def _cache_shifts(path: Path, _: int) -> Shifts:
    """Return FP_PIXEL_SHIFT by segment, grating, wavelength and FPOFFSET.

    A table without FPOFFSET has None for it; one without FP_PIXEL_SHIFT has templates at each
    FP-POS, so that no part of a shift is the FP-POS (`calcos.wavecal`).
    """
    columns = _read_columns(
        path, ("SEGMENT", "OPT_ELEM", "CENWAVE"), ("FPOFFSET", "FP_PIXEL_SHIFT")
    )
    rows = len(columns["CENWAVE"])
    offsets = columns["FPOFFSET"].tolist() if "FPOFFSET" in columns else [None] * rows
    shifts = columns["FP_PIXEL_SHIFT"].tolist() if "FP_PIXEL_SHIFT" in columns else [0.0] * rows
    found = defaultdict(set)
    keys = (*(map(_decode, columns[name]) for name in ("SEGMENT", "OPT_ELEM")), columns["CENWAVE"])
    for segment, grating, wavelength, offset, shift in zip(*keys, offsets, shifts, strict=True):
        if np.isfinite(shift):
            found[segment, grating, int(wavelength), offset].add(float(shift))
    return {key: frozenset(values) for key, values in found.items()}


@lru_cache(maxsize=32)
def _cache_ranges(path: Path, _: int) -> Ranges:
    """Return middle and half of the range by grating; where SEARCH_OFFSET is missing it is 0."""
    columns = _read_columns(path, ("OPT_ELEM", "XC_RANGE"), ("SEARCH_OFFSET",))
    gratings = [_decode(name) for name in columns["OPT_ELEM"]]
    halves = columns["XC_RANGE"].tolist()
    offsets = columns.get("SEARCH_OFFSET", np.zeros(len(halves))).tolist()
    return {
        grating: (float(offset), float(half))
        for grating, offset, half in zip(gratings, offsets, halves, strict=True)
        if gratings.count(grating) == 1 and np.isfinite(offset) and np.isfinite(half)
    }


def _read_columns(
    path: Path, needed: tuple[str, ...], wanted: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Return columns of the first table of a reference file, without the rest of its rows."""
    try:
        with FitsStream(path) as stream:
            table = _first_table(stream)
            layout = table_layout(table.header)
            layout.require(*needed)
            names = [*needed, *(name for name in wanted if name in (layout.record.names or ()))]
            blocks = [
                {name: layout.column(block, name).copy() for name in names}
                for block in stream.blocks(table, layout, BLOCK_ROWS)
            ]
    except (FitsError, OSError) as error:
        raise NotAtHand(f"The reference file {path.name} {error}.") from None
    if not blocks:
        raise NotAtHand(f"The reference file {path.name} has no rows.")
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


def _first_table(stream: FitsStream) -> Extension:
    table = next(islice(stream.extensions(), 1, None), None)
    if table is None:
        raise FitsError("has no table")
    return table


def _decode(name: bytes) -> str:
    return name.decode("ascii", "replace").strip()
