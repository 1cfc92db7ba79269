"""Write the reference file BPIXTAB, and read it back.

What calwf3 and calacs ask of it (hstcal, dodqi.c, tabpedigree.c): FILETYPE, PEDIGREE that is not
DUMMY, one row at least; SIZAXIS1 and SIZAXIS2 beside the columns; AXIS 1 or 2, LENGTH above 0.
CCDAMP N/A and CCDGAIN -999 hold for all; calacs asks for the type of CCDGAIN without looking
whether there is one. CRDS wants one row for each CCDCHIP, PIX1 and PIX2.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
from astropy.io import fits

from hstql_assets.monitors.bad_pixel_tables.comparison import Change
from hstql_assets.monitors.bad_pixel_tables.runs import Runs
from hstql_resources.fits.whole_files import open_whole
from hstql_resources.fits.writing import TEXT_BYTES, Card
from hstql_resources.software import name_software

FILETYPE = "BAD PIXELS"
EXTENSION = "BPX"
SUFFIX = "bpx"
DESCRIPTION = "Hot, warm, unstable and dead pixels of these days"
DESCRIPTION_CHARACTERS = 67
_NUMBERS = {"CCDCHIP": "I", "PIX1": "J", "PIX2": "J", "LENGTH": "J", "AXIS": "I", "VALUE": "I"}
SAME = ("INSTRUME", "DETECTOR", "PEDIGREE", "USEAFTER", "NFRAMES", "FIRSTMJD", "LASTMJD")
_RUN_COLUMNS = ("PIX1", "PIX2", "LENGTH", "AXIS", "VALUE")


@dataclass(frozen=True, eq=False)
class ChipTable:
    """The bad pixels of a chip, and what is known of them beside their flags.

    Attributes
    ----------
    runs : Runs
        In pixels of the detector.
    shape : tuple of int
        Rows and columns of the detector.
    dead : int or None
        Number of dead pixels; None where nothing could tell them.
    unknown : int
        Number of pixels that no exposure says anything of.
    change : Change or None
        Since the version before.
    """

    runs: Runs
    shape: tuple[int, int]
    dead: int | None
    unknown: int
    change: Change | None = None


@dataclass(frozen=True)
class Provenance:
    """What a table was made of.

    Attributes
    ----------
    source : str
        Name of the file with the flags.
    primary : mapping
        Its primary header: detector, dates and number of exposures are those of the table.
    binning : int
        Detector pixels in one of that file, along an axis.
    previous, remark : str or None
        Name of the version before, and in what this one is worse.
    history : sequence of str
        What the flags mean, in lines of `HISTORY`.
    """

    source: str
    primary: Mapping[str, Any]
    binning: int
    previous: str | None
    remark: str | None
    history: Sequence[str]


def digest_tables(chips: Mapping[int, ChipTable]) -> str:
    """Return the first half of the SHA-256 of the rows of all chips."""
    sha = hashlib.sha256()
    for number, chip in sorted(chips.items()):
        sha.update(repr((number, chip.shape, chip.dead, chip.unknown)).encode())
        for plane in vars(chip.runs).values():
            sha.update(np.ascontiguousarray(plane, np.int64).data)
    return sha.hexdigest()[:32]


def write_table(
    path: Path, name: str, chips: Mapping[int, ChipTable], made_of: Provenance
) -> None:  # fmt: skip
    """Write a reference file.

    Parameters
    ----------
    path : Path
        Where.
    name : str
        What it is going to be called.
    chips : mapping of int to ChipTable
        By CCDCHIP; one of them has a run.
    made_of : Provenance
    """
    table = fits.BinTableHDU.from_columns(_list_columns(chips), name=EXTENSION)
    for card in _describe_table(chips):
        table.header.append(card)
    primary = fits.PrimaryHDU(header=_describe_file(name, chips, made_of))
    fits.HDUList([primary, table]).writeto(path, overwrite=True, checksum=True)


def read_table(path: Path) -> dict[int, ChipTable]:
    """Return the bad pixels of each chip of a reference file, this one's or the institute's.

    Raises
    ------
    FitsError
        If it cannot be read, or is no BPIXTAB.
    """
    with open_whole(path) as hdus:
        table = hdus[1]
        header, rows = table.header, table.data
        shape = int(header["SIZAXIS2"]), int(header["SIZAXIS1"])
        chip = np.asarray(rows["CCDCHIP"], np.int64)
        columns = [np.asarray(rows[one], np.int64) for one in _RUN_COLUMNS]
        found = {}
        for number in sorted({*chip.tolist(), *_list_chips(header)}):
            runs = Runs(*(one[chip == number] for one in columns))
            dead = header.get(f"NDEAD{number}")
            known = None if dead is None or dead < 0 else int(dead)
            unknown = int(header.get(f"NNONE{number}", 0))
            found[number] = ChipTable(runs, shape, known, unknown, _read_change(header, number))
    return found


def _list_chips(header: Mapping[str, Any]) -> list[int]:
    return [number for number in (1, 2) if f"NNONE{number}" in header]


def _read_change(header: Mapping[str, Any], number: int) -> Change | None:
    new = header.get(f"NNEW{number}")
    return None if new is None else Change(int(new), int(header[f"NGONE{number}"]))


def _list_columns(chips: Mapping[int, ChipTable]) -> list[fits.Column]:
    order = sorted(chips)
    runs = [chips[number].runs for number in order]
    values = {name: np.concatenate([getattr(one, name.lower()) for one in runs])
              for name in _RUN_COLUMNS}  # fmt: skip
    values["CCDCHIP"] = np.repeat(order, [len(one) for one in runs])
    size = len(values["CCDCHIP"])
    every = (
        fits.Column("CCDAMP", "4A", array=np.full(size, "N/A")),
        fits.Column("CCDGAIN", "E", array=np.full(size, -999.0)),
    )
    return [*every, *(fits.Column(name, form, array=values[name])
                      for name, form in _NUMBERS.items())]  # fmt: skip


def _describe_table(chips: Mapping[int, ChipTable]) -> list[Card]:
    rows, columns = next(iter(chips.values())).shape
    cards: list[Card] = [
        ("SIZAXIS1", columns, "columns of the detector"),
        ("SIZAXIS2", rows, "rows of the detector"),
    ]
    for number, chip in sorted(chips.items()):
        dead = -1 if chip.dead is None else chip.dead
        cards += [
            (f"NDEAD{number}", dead, "dead pixels, -1 if nothing could tell them"),
            (f"NNONE{number}", chip.unknown, "pixels of which nothing is known"),
        ]
        if chip.change is not None:
            cards += [
                (f"NNEW{number}", chip.change.new, "bad here, not in the version before"),
                (f"NGONE{number}", chip.change.gone, "bad in the version before, not here"),
            ]
    return cards


def _describe_file(
    name: str, chips: Mapping[int, ChipTable], made_of: Provenance
) -> fits.Header:  # fmt: skip
    cards: list[Card] = [
        ("FILENAME", name, ""),
        ("TELESCOP", "HST", ""),
        ("FILETYPE", FILETYPE, "type of reference file"),
        ("NEXTEND", 1, "number of extensions"),
        ("DESCRIP", DESCRIPTION.ljust(DESCRIPTION_CHARACTERS, "-"), ""),
        *((key, made_of.primary.get(key), "") for key in SAME),
        ("SOURCE", made_of.source, ""),
        ("SRCBIN", made_of.binning, "detector pixels in one of it, along an axis"),
        ("PREVIOUS", made_of.previous or "", ""),
        ("WORSE", made_of.remark or "", ""),
        ("PIXSHA", digest_tables(chips), "SHA-256 of the rows, first half"),
    ]
    header = fits.Header([fits.Card(*card) for card in cards])
    lines = [f"Made by {name_software()} from {made_of.source}.", *made_of.history]
    for line in (*lines, *wrap(made_of.remark or "", TEXT_BYTES)):
        header["HISTORY"] = line
    return header
