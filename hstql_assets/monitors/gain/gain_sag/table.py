"""Write the gain-sag reference file GSAGTAB: which pixels CalCOS marks with flag 8192, since when.

What CalCOS 3.6.2 reads (`cosutil.getDQArrays`, `cosutil.findGSagExtn`): of the extensions with the
SEGMENT of the exposure that with its HVLEVELA or HVLEVELB, else that with the next higher level; of
its rows those with DATE no later than EXPSTART. Events whose XCORR and YCORR round to one of the DX
columns from LX and the DY rows from LY on get DQ.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.gain_images import COLUMN_PIXELS, ROW_PIXELS
from hstql_resources.fits.writing import Card, Column, primary_hdu, table_hdu, write_hdus

LEVELS = (0, 100, *range(142, 179))  # of the high voltage, commanded
SEGMENTS = ("FUVA", "FUVB")
GAIN_SAG = 8192  # DQ_GAIN_SAG_HOLE of CalCOS
BLUE_MODES = "BETWEEN 1055 1097"  # CENWAVE
# Between the two spectra of the blue modes (unbinned row): what is lost there is not theirs.
BLUE_BOUNDARY = {"FUVA": 493, "FUVB": 557}
BLUE_PADDING = 4
FILETYPE = "GAIN SAG REFERENCE TABLE"

COLUMNS = (
    Column("DATE", "D", "d"),
    *(Column(name, "J", "pixel") for name in ("LX", "LY", "DX", "DY")),
    Column("DQ", "J"),
)
ROW = np.dtype([(one.name, one.kind) for one in COLUMNS])

Level = tuple[str, int]  # segment and voltage


class FlaggedSuperpixel(NamedTuple):
    """A row of table `flagged_pixels`."""

    segment: str
    high_voltage: int
    x: int
    y: int
    flagged_mjd: float


@dataclass(frozen=True, eq=False)
class Regions:
    """What is flagged for one segment and voltage; arrays of shape (n,), by LY, LX, DY, DX.

    Attributes
    ----------
    date : ndarray of float64
        From when, MJD UTC.
    lx, ly : ndarray of int32
        First column and row, pixel.
    dx, dy : ndarray of int32
        Number of columns and rows.
    dq : ndarray of int32
        The flag.
    """

    date: NDArray[np.float64]
    lx: NDArray[np.int32]
    ly: NDArray[np.int32]
    dx: NDArray[np.int32]
    dy: NDArray[np.int32]
    dq: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of regions."""
        return len(self.date)

    @property
    def rows(self) -> NDArray[np.void]:
        """The rows of the table, shape (n,)."""
        rows = np.zeros(len(self), ROW)
        for name in ROW.names or ():
            rows[name] = getattr(self, name.lower())
        return rows


Tables = Mapping[Level, Regions]


def make_tables(
    flagged: Iterable[FlaggedSuperpixel], is_blue: bool = False
) -> dict[Level, Regions]:
    """Return the regions of every segment and voltage.

    A superpixel that was lost at a voltage is lost at all lower ones too, where the gain is less;
    it counts from the earliest date.

    Parameters
    ----------
    flagged : iterable of FlaggedSuperpixel
    is_blue : bool
        Whether for the blue modes: superpixels within 4 rows of the boundary between their two
        spectra are left out.

    Returns
    -------
    dict of (segment, voltage) to Regions
        In the order of the file: FUVA, then FUVB, by voltage. Beyond 178 there is a level more
        for each higher voltage at which something was flagged.
    """
    rows = [one for one in flagged if not (is_blue and is_at_boundary(one.segment, one.y))]
    higher = {one.high_voltage for one in rows if one.high_voltage > LEVELS[-1]}
    levels = (*LEVELS, *sorted(higher))
    return {
        (segment, level): _make_regions(
            [one for one in rows if one.segment == segment and one.high_voltage >= level]
        )
        for segment in SEGMENTS
        for level in levels
    }


def is_at_boundary(segment: str, y: int) -> bool:
    """Tell whether a row of superpixels, 0 to 511, is within 4 rows of the blue boundary."""
    first, boundary = y * ROW_PIXELS, BLUE_BOUNDARY[segment]
    return first <= boundary + BLUE_PADDING and first + ROW_PIXELS > boundary - BLUE_PADDING


def _make_regions(flagged: Sequence[FlaggedSuperpixel]) -> Regions:
    earliest: dict[tuple[int, int], float] = {}
    for one in flagged:
        place = (one.y, one.x)
        earliest[place] = min(one.flagged_mjd, earliest.get(place, np.inf))
    places = np.array(sorted(earliest), dtype=np.int32).reshape(-1, 2)
    ones = np.ones(len(places), dtype=np.int32)
    return Regions(
        date=np.array([earliest[place] for place in sorted(earliest)], dtype=np.float64),
        lx=places[:, 1] * COLUMN_PIXELS,
        ly=places[:, 0] * ROW_PIXELS,
        dx=ones * COLUMN_PIXELS,
        dy=ones * ROW_PIXELS,
        dq=ones * GAIN_SAG,
    )


def count_regions(tables: Tables) -> int:
    """Return the number of regions of all segments and voltages."""
    return sum(len(regions) for regions in tables.values())


def digest_tables(tables: Tables) -> str:
    """Return the SHA-256 of all regions, the same for the same regions."""
    digest = hashlib.sha256()
    for (segment, level), regions in sorted(tables.items()):
        digest.update(f"{segment} {level} {len(regions)}\n".encode())
        digest.update(regions.rows.tobytes())
    return digest.hexdigest()


def write_gain_sag(
    path: Path, tables: Tables, cards: Sequence[Card], history: Sequence[str]
) -> None:
    """Write a GSAGTAB: a binary table for every segment and voltage, with a row of zeros if empty.

    Parameters
    ----------
    path : Path
        Exactly this file is written.
    tables : mapping of (segment, voltage) to Regions
    cards, history
        The primary header, and its HISTORY.
    """
    hdus = [primary_hdu(cards, history)]
    for number, ((segment, level), regions) in enumerate(tables.items(), 1):
        rows = regions.rows if len(regions) else np.zeros(1, ROW)
        own: list[Card] = [
            ("EXTVER", number, "extension value"),
            ("SEGMENT", segment, ""),
            (f"HVLEVEL{segment[-1]}", level, "commanded high voltage level"),
        ]
        hdus.append(table_hdu("GSAGTAB", COLUMNS, [rows[one.name] for one in COLUMNS], own))
    write_hdus(hdus, path)
